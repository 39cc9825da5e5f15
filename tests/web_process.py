"""The bot's real web process, and a citizen who talks with it as the page does."""

import asyncio
import json
import os
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from bot import supervisor
from bot.channels.web import COOKIE, new_session_id
from bot.processes import Child, last_lines
from bot.settings import Settings

CODE = Path(__file__).resolve().parents[1]


@asynccontextmanager
async def web_process(settings: Settings, folder: Path) -> AsyncIterator[str]:
    """Its address, for as long as the block runs; the log is kept in `folder`."""
    env = os.environ | supervisor.environment(settings) | {"PYTHONPATH": str(CODE)}
    log = folder / "web.log"
    child = await Child.start([sys.executable, "-m", "bot.serve", "web"], cwd=settings.root, env=env, log=log)
    address = settings.web_base
    try:
        assert await becomes_true(lambda: supervisor.answers(f"{address}/healthz")), last_lines(log)
        yield address
    finally:
        await child.stop()


async def becomes_true(condition: Callable[[], Awaitable[bool]], within: float = 60.0) -> bool:
    try:
        async with asyncio.timeout(within):
            while not await condition():
                await asyncio.sleep(0.05)
    except TimeoutError:
        return False
    return True


class WebCitizen:
    """One conversation."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client
        self._headers = {"Cookie": f"{COOKIE}={new_session_id()}"}

    async def presses(self, payload: str) -> str:
        return await self.says("(a button)", payload)

    async def says(self, text: str, payload: str = "") -> str:
        """The text of the answer. Listens again when the stream ends, as a browser does."""
        cid = uuid.uuid4().hex
        said = {"cid": cid, "text": text} | ({"payload": payload} if payload else {})
        sent = await self._client.post("/chat/messages", json=said, headers=self._headers)
        assert sent.status_code == 202, sent.text
        while True:
            async with self._client.stream("GET", "/chat/events", headers=self._headers) as stream:
                async for line in stream.aiter_lines():
                    about_us = line.startswith('data: {"sender":"assistant"')
                    event = json.loads(line.removeprefix("data: ")) if about_us else {}
                    if event.get("cid") == cid:
                        return str(event["text"])
