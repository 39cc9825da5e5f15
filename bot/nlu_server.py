"""The NLU server: Rasa in a Python of its own, spoken to over HTTP only."""

import asyncio
import json
import os
import sys
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from bot.http import Unreached, ask, http_client
from bot.processes import Child, free_port, last_lines
from bot.settings import Settings

START_SECONDS = 120.0
POLL = 0.2


def rasa_python(settings: Settings) -> Path | None:
    """The Python that has Rasa; None when `make setup` has not made it yet."""
    given = Path(settings.rasa_python) if settings.rasa_python else settings.root / ".venv-rasa" / "bin" / "python"
    return given if given.is_file() else None


def rasa_environment() -> dict[str, str]:
    """No telemetry, no search for a graphics card; of the bot's own Python only the code that components share."""
    ours = ("PYTHONHOME", "VIRTUAL_ENV")
    quiet = {
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "CUDA_VISIBLE_DEVICES": "-1",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),  # components import bot.core.normalise
    }
    return {k: v for k, v in os.environ.items() if k not in ours} | quiet


def model_path(settings: Settings) -> Path:
    return settings.rasa_project.resolve() / "models" / "motcua.tar.gz"


def command(settings: Settings, python: Path, port: int) -> list[str]:
    rasa = [str(python), "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port)]
    return [*rasa, "-m", str(model_path(settings))]


async def status(client: ClientSession, base: str) -> dict[str, Any] | None:
    """What the server at `base` says of itself once its model is loaded; None before, or when nothing answers."""
    try:
        code, data = await ask(client, "GET", f"{base}/status", seconds=2.0)
    except Unreached:
        return None
    return data if code == 200 and isinstance(data, dict) else None


async def load_model(client: ClientSession, base: str, model: Path) -> bool:
    """Tell a running server to take the model anew."""
    try:
        code, _ = await ask(client, "PUT", f"{base}/model", seconds=START_SECONDS, body={"model_file": str(model)})
    except Unreached:
        return False
    return code < 300


@asynccontextmanager
async def nlu_running(settings: Settings) -> AsyncIterator[str]:
    """The address of the NLU server that is up, or of one that is started for as long as the block runs.

    Where neither can be had it says so on standard error and gives the address that does not answer: the pipeline
    then searches by keywords.
    """
    async with http_client() as client:
        running = await status(client, settings.nlu_base)
        if running is not None and (settings.nlu_url or _is_ours(settings, running)):
            yield settings.nlu_base
            return
        python = rasa_python(settings)
        if settings.nlu_url or python is None or not model_path(settings).is_file():
            _warn(_why_none(settings, python))
            yield settings.nlu_base
            return
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        _warn("Đang khởi động máy chủ NLU… / starting the NLU server…")
        log = settings.var / "log" / "nlu-once.log"
        log.unlink(missing_ok=True)
        child = await Child.start(
            command(settings, python, port), cwd=settings.rasa_project, env=rasa_environment(), log=log
        )
        try:
            if not await _up(client, base, child):
                _warn(f"{last_lines(log)}\nMáy chủ NLU không chạy được, tìm theo từ khoá / NLU failed, see {log}")
            yield base
        finally:
            await child.stop()


async def _up(client: ClientSession, base: str, child: Child) -> bool:
    """Wait until the server answers; False when it died or took too long."""
    try:
        async with asyncio.timeout(START_SECONDS):
            while await status(client, base) is None:
                if child.code is not None:
                    return False
                await asyncio.sleep(POLL)
    except TimeoutError:
        return False
    return True


def _is_ours(settings: Settings, running: dict[str, Any]) -> bool:
    """Another installation on this machine may use the same port, or the server may still have an old model."""
    return bool(running.get("model_id")) and running["model_id"] == model_id(model_path(settings))


def model_id(model: Path) -> str:
    """What Rasa called this model when it made it; "" where there is none that can be read."""
    try:
        with tarfile.open(model) as archive:
            metadata = archive.extractfile("metadata.json")
            return str(json.load(metadata)["model_id"]) if metadata else ""
    except (OSError, tarfile.TarError, ValueError, KeyError):
        return ""


def _why_none(settings: Settings, python: Path | None) -> str:
    if settings.nlu_url:
        return f"MOTCUA_NLU_URL {settings.nlu_url} không trả lời, tìm theo từ khoá / does not answer, keyword search"
    if python is None:
        return "Chưa có .venv-rasa → make setup; tìm theo từ khoá / no .venv-rasa → make setup; keyword search"
    return "Chưa có mô hình → motcua train; tìm theo từ khoá / no model → motcua train; keyword search"


def _warn(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
