"""Every setting, once: from a file in /run/secrets, the environment (MOTCUA_…) or .env; REDIS_URL has no prefix."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.processes import local_host

SECRETS = Path("/run/secrets")  # where container engines put secrets; a file is named like the variable, in any case


def find_root() -> Path:
    """The folder that holds content/: the working directory or one above it, else where this code lies."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "content" / "commune.yml").is_file():
            return folder
    return Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="MOTCUA_",
        env_file=find_root() / ".env",
        secrets_dir=SECRETS if SECRETS.is_dir() else None,
        extra="ignore",
        frozen=True,
    )

    root: Annotated[Path, Field(description="folder that holds content/, rasa_project/ and var/")] = Field(
        default_factory=find_root
    )
    host: Annotated[str, Field(description="address that the web page listens on")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="port of the web page")] = 8080
    nlu_url: Annotated[str, Field(description="an NLU server that is run elsewhere; empty: our own")] = ""
    nlu_port: Annotated[int, Field(ge=1, le=65535, description="port of our own NLU server, 127.0.0.1 only")] = 5005
    nlu_timeout: Annotated[float, Field(gt=0, description="seconds to wait for the NLU server")] = 2.0
    rasa_python: Annotated[str, Field(description="Python of the Rasa environment; empty: .venv-rasa")] = ""
    redis_url: Annotated[
        str,
        Field(
            validation_alias=AliasChoices("REDIS_URL", "MOTCUA_REDIS_URL"),
            description="Redis or Valkey: a server, Sentinels or a cluster; empty: an embedded one with its data in var/",
        ),
    ] = ""
    redis_port: Annotated[int, Field(ge=1, le=65535, description="port of the embedded Redis, 127.0.0.1 only")] = 6399
    session_days: Annotated[float, Field(gt=0, description="days until an idle conversation is forgotten")] = 7.0
    public_url: Annotated[str, Field(description="address that citizens see, https://…; empty: local use")] = ""
    telegram_token: Annotated[SecretStr, Field(description="token from @BotFather; empty: no Telegram")] = SecretStr("")
    telegram_api: Annotated[str, Field(description="address of the Bot API")] = "https://api.telegram.org"
    zalo_bot_token: Annotated[SecretStr, Field(description="token from Zalo Bot Manager; empty: no Zalo Bot")] = (
        SecretStr("")
    )
    zalo_bot_api: Annotated[str, Field(description="address of the Zalo Bot Platform")] = (
        "https://bot-api.zaloplatforms.com"
    )
    zalo_oa_app_id: Annotated[str, Field(description="the Zalo app's id; empty: no Official Account")] = ""
    zalo_oa_app_secret: Annotated[SecretStr, Field(description="the app's secret: it gets tokens")] = SecretStr("")
    zalo_oa_secret: Annotated[SecretStr, Field(description="OA Secret Key of the webhook page: it signs events")] = (
        SecretStr("")
    )
    zalo_oa_buttons: Annotated[
        Literal["none", "A", "B"], Field(description="shape of buttons that the OA takes; none: choices as numbers")
    ] = "none"
    zalo_oa_per_minute: Annotated[int, Field(ge=2, description="API calls a minute that the OA's package allows")] = 100
    zalo_oa_hours: Annotated[
        float, Field(gt=0, le=168, description="hours after a question when its answer is not sent any more")
    ] = 48
    zalo_oa_api: Annotated[str, Field(description="address of the OA's API")] = "https://openapi.zalo.me"
    zalo_oa_oauth: Annotated[str, Field(description="address that gives tokens")] = "https://oauth.zaloapp.com"
    zalo_verification: Annotated[str, Field(description="Zalo's code that proves the domain to be ours")] = ""
    staff_minutes: Annotated[
        float, Field(gt=0, description="minutes of silence after a person of the office wrote to a citizen")
    ] = 60.0
    workers: Annotated[int, Field(ge=0, le=64, description="worker processes that answer the platforms' messages")] = 1
    messages_per_minute: Annotated[int, Field(gt=0, description="messages one conversation may send a minute")] = 30
    max_message_chars: Annotated[int, Field(gt=0, description="longest message that is read")] = 2000

    @field_validator("public_url")
    @classmethod
    def _has_a_scheme(cls, given: str) -> str:
        """Without one every address made of it would be wrong, and the platforms would silently be polled."""
        if given and not given.startswith(("https://", "http://")):
            raise ValueError("phải bắt đầu bằng https:// / must begin with https://")
        return given

    @field_validator("zalo_verification")
    @classmethod
    def _only_the_code(cls, given: str) -> str:
        """Zalo shows a whole tag, or a file named after the code: either may be pasted."""
        found = re.search(r"""content=["']?([^"'\s/>]+)|zalo_verifier([\w-]+)\.html""", given)
        return (found[1] or found[2]) if found else given.strip()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """A secret in a file wins: docker-compose.yml gives REDIS_URL a default, which an address with password replaces."""
        return init_settings, file_secret_settings, env_settings, dotenv_settings

    @property
    def var(self) -> Path:
        """Data of the running installation: Redis files, logs, what the supervisor knows."""
        return self.root / "var"

    @property
    def redis_address(self) -> str:
        """The server in use: the given one, else the embedded one."""
        return self.redis_url or f"redis://127.0.0.1:{self.redis_port}/0"

    @property
    def platforms(self) -> tuple[str, ...]:
        """Names of the platforms that this installation is on: those that have a token."""
        tokens = {"telegram": self.telegram_token, "zalo-bot": self.zalo_bot_token}
        found = [name for name, token in tokens.items() if token.get_secret_value()]
        return (*found, "zalo-oa") if self.zalo_oa_app_id else tuple(found)

    @property
    def content(self) -> Path:
        return self.root / "content"

    @property
    def rasa_project(self) -> Path:
        return self.root / "rasa_project"

    @property
    def web_base(self) -> str:
        """Where this machine reaches the web page."""
        host = local_host(self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def nlu_base(self) -> str:
        """Where the NLU server is expected to answer."""
        return self.nlu_url.rstrip("/") or f"http://127.0.0.1:{self.nlu_port}"


def explained(error: ValidationError) -> str:
    """What is wrong with the given settings, for people; a line each."""
    lines = []
    for one in error.errors():
        name = str(one["loc"][0]).upper() if one["loc"] else ""
        variable = name if name in ("REDIS_URL", "MOTCUA_REDIS_URL") else f"MOTCUA_{name}"
        why = one["msg"].removeprefix("Value error, ")
        lines.append(f"!! {variable}={one['input']}: không dùng được / cannot be used: {why}")
    return "\n".join([*lines, "   → sửa trong .env; bảng ở docs/van-hanh.md, mục 3 / mend it in .env"])
