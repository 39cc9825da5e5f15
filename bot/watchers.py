"""What the supervisor keeps an eye on beside its parts: a new model, and content that an editor breaks or mends."""

import asyncio

from aiohttp import ClientSession

from bot import nlu_server
from bot.http import Unreached, ask
from bot.parts import Say
from bot.settings import Settings
from bot.training.train import record

LOOK = 1.0  # seconds between looks


async def watch_model(settings: Settings, say: Say) -> None:
    """A new training is taken into the running NLU server, without a restart."""
    loaded = record(settings).get("trained_at")
    async with ClientSession() as client:
        while True:
            await asyncio.sleep(LOOK)
            trained = record(settings).get("trained_at")
            if trained == loaded or await nlu_server.status(client, settings.nlu_base) is None:
                continue
            loaded = trained
            if await nlu_server.load_model(client, settings.nlu_base, nlu_server.model_path(settings)):
                say("✓ Đã nạp mô hình mới / the new model is loaded")
            else:
                say("!! Không nạp được mô hình mới, xem var/log/nlu.log / the new model could not be loaded")


async def watch_content(settings: Settings, say: Say) -> None:
    """An editor who has just broken a file is told so, and told when it is mended."""
    known: list[str] = []
    async with ClientSession() as client:
        while True:
            await asyncio.sleep(LOOK)
            try:
                problems = (await ask(client, "GET", f"{settings.web_base}/readyz", seconds=2.0))[1]["content_problems"]
            except (Unreached, TypeError, KeyError):
                continue
            if problems == known:
                continue
            known = problems
            if problems:
                vi = "!! Nội dung có lỗi, vẫn trả lời theo bản tốt trước đó"
                say("\n   ".join([f"{vi} / content is broken, the last good version is kept:", *problems]))
            else:
                say("✓ Nội dung đã tốt trở lại / content is good again")
