"""Which platforms this installation is on, and how messages come in: by webhook with a public address, else by asking."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, runtime_checkable

import structlog
from aiohttp import ClientSession

from bot.channels.base import Channel
from bot.channels.zalo_api import ZaloApi
from bot.channels.zalo_bot import ZaloBot
from bot.channels.zalo_oa import ZaloOa
from bot.channels.zalo_tokens import TokenKeeper, Vault, ZaloOauth
from bot.errors import Busy, ChannelError, NeedsAdmin, StoreUnavailable, where
from bot.http import Unreached, fetch
from bot.messages import Incoming
from bot.settings import Settings
from bot.store.presence import Troubles

log = structlog.get_logger()

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


@runtime_checkable
class Reachable(Channel, Protocol):
    """A platform that can be told where to bring messages, or asked for them."""

    async def who(self) -> str: ...
    async def set_webhook(self, url: str) -> None: ...
    async def delete_webhook(self) -> None: ...
    async def poll(self) -> list[Incoming]: ...


def platforms_of(settings: Settings, client: ClientSession, vault: Vault) -> dict[str, Channel]:
    """The platforms that this installation is on, by name."""
    makers: dict[str, Callable[[], Channel]] = {
        "telegram": partial(telegram, settings),
        "zalo-bot": partial(zalo_bot, settings, client),
        "zalo-oa": partial(zalo_oa, settings, client, vault),
    }
    return {name: makers[name]() for name in settings.platforms}


def telegram(settings: Settings) -> Reachable:
    from bot.channels.telegram import Telegram  # noqa: PLC0415 - 18 MB and 0.3 s that only its users should pay

    token = settings.telegram_token.get_secret_value()
    return Telegram(base=settings.telegram_api, token=token, secret=webhook_secret(token))


def zalo_bot(settings: Settings, client: ClientSession) -> ZaloBot:
    token = settings.zalo_bot_token.get_secret_value()
    return ZaloBot(client, base=settings.zalo_bot_api, token=token, secret=webhook_secret(token))


def zalo_oa(settings: Settings, client: ClientSession, vault: Vault) -> ZaloOa:
    app_id, app_secret = settings.zalo_oa_app_id, settings.zalo_oa_app_secret.get_secret_value()
    oauth = ZaloOauth(client, base=settings.zalo_oa_oauth, app_id=app_id, app_secret=app_secret)
    keeper = TokenKeeper(oauth, vault)
    return ZaloOa(
        ZaloApi(client, base=settings.zalo_oa_api, app_secret=app_secret, keeper=keeper),
        app_id=app_id,
        secret=settings.zalo_oa_secret.get_secret_value(),
        oauth=oauth,
        keeper=keeper,
        buttons=settings.zalo_oa_buttons,
        per_minute=settings.zalo_oa_per_minute,
        hours=settings.zalo_oa_hours,
    )


async def no_way_in(client: ClientSession, url: str) -> str:
    """Why an event that a platform posts to `url` would not come to the assistant; "" when it would."""
    try:
        status, answer = await fetch(client, "GET", url, seconds=10.0)
    except Unreached as error:
        vi = "trợ lý chưa chạy, tên miền chưa trỏ về máy này, cổng 443 bị chặn, hay chứng chỉ sai"
        return f"{vi} / not running, wrong DNS, port 443 closed or a bad certificate ({error})"
    if status == 200 and answer == b"ok":
        return ""
    vi = "trợ lý chưa được chạy lại sau khi đổi .env, hay máy chủ web phía trước không chuyển /webhook/"
    return f"{vi} / not restarted after .env was changed, or the proxy does not pass it on (HTTP {status})"


def webhook_secret(token: str) -> str:
    """What a platform must show with every event: nobody can make it without the token, and nobody has to keep it."""
    return hashlib.sha256(f"motcua webhook {token}".encode()).hexdigest()


def webhook_url(settings: Settings, name: str) -> str:
    """Where a platform shall post; "" without a public address."""
    public = settings.public_url.rstrip("/")
    return f"{public}/webhook/{name}" if public.startswith("https://") else ""


async def bring(platform: Reachable, url: str, keep: Callable[[Incoming], Awaitable[None]], troubles: Troubles) -> None:
    """See to it that messages come, to `url` if there is one, until cancelled. Platform and store may go and come back.

    A refused token is noted among the troubles until the platform takes it: answers that waited for it are due then.
    """
    until_done = partial(_until_done, platform.name, troubles)
    await until_done(partial(platform.set_webhook, url) if url else platform.delete_webhook)
    await until_done(partial(troubles.over, platform.name))
    log.info("platform.webhook" if url else "platform.polling", platform=platform.name)
    while not url:
        news = await until_done(platform.poll)
        for incoming in news:  # the next question confirms these: first they must be kept
            await until_done(partial(keep, incoming))


async def _until_done(name: str, troubles: Troubles, act: Callable[[], Awaitable[Any]]) -> Any:
    """Act until it works, with longer and longer pauses; a wrong token is tried again too, an admin may be mending it."""
    pause = FIRST_PAUSE
    while True:
        wanted = 0.0
        try:
            return await act()
        except (ChannelError, StoreUnavailable, Busy) as error:
            log.warning("platform.trouble", platform=name, error=str(error), again_in=pause)
            if isinstance(error, NeedsAdmin):
                with suppress(StoreUnavailable):
                    await troubles.note(name, str(error))
            elif isinstance(error, ChannelError):
                wanted = error.retry_after
        except Exception as error:  # this process serves the page and the other platforms too
            log.error("platform.failed", platform=name, error=type(error).__name__, where=where(error), again_in=pause)
        await asyncio.sleep(max(pause, wanted))
        pause = min(LONGEST_PAUSE, 2 * pause)
