"""An editor saves a file while the bot runs: the real bot process, a real Redis, the web channel as a page uses it."""

import asyncio
import json
import os
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest_asyncio

from bot import supervisor
from bot.channels.web import COOKIE, new_session_id
from bot.processes import Child
from bot.settings import Settings
from tests.content.minimal import PROCEDURE_FILE, build

LIVE_WITHIN = 2.0  # seconds from the save of a file to the answer
OLD, NEW = "Anh/chị đến bộ phận một cửa.", "Từ nay anh/chị đến nhà văn hóa."


@dataclass
class Installation:
    settings: Settings
    client: httpx2.AsyncClient

    async def answer(self) -> str:
        """What a new citizen is told about the one procedure."""
        headers = {"Cookie": f"{COOKIE}={new_session_id()}"}
        cid = uuid.uuid4().hex
        sent = await self.client.post(
            "/chat/messages", json={"cid": cid, "text": "x", "payload": "entry:khai-thu"}, headers=headers
        )
        assert sent.status_code == 202, sent.text
        async with self.client.stream("GET", "/chat/events", headers=headers) as stream:
            async for line in stream.aiter_lines():
                if line.startswith('data: {"sender":"assistant"'):
                    return str(json.loads(line.removeprefix("data: "))["text"])
        raise AssertionError("the stream ended")

    async def problems(self) -> list[str]:
        state = (await self.client.get("/readyz")).json()
        return list(state["content_problems"])

    def write(self, old: str, new: str) -> None:
        path = self.settings.root / PROCEDURE_FILE
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


async def becomes_true(condition: Callable[[], Awaitable[bool]], *, within: float) -> bool:
    try:
        async with asyncio.timeout(within):
            while not await condition():
                await asyncio.sleep(0.05)
    except TimeoutError:
        return False
    return True


@pytest_asyncio.fixture
async def installation(tmp_path: Path, free_port: int, redis_url: str) -> AsyncIterator[Installation]:
    build(tmp_path)
    nobody = "http://127.0.0.1:1"  # no NLU: buttons do not need it
    settings = Settings(root=tmp_path, port=free_port, REDIS_URL=redis_url, nlu_url=nobody)
    env = os.environ | supervisor.environment(settings) | {"PYTHONPATH": str(Path(__file__).parents[2])}
    log = tmp_path / "bot.log"
    child = await Child.start([sys.executable, "-m", "bot.serve", "web"], cwd=tmp_path, env=env, log=log)
    base = supervisor.web_address(settings)
    try:
        assert await becomes_true(lambda: supervisor.answers(f"{base}/healthz"), within=30), log.read_text()
        async with httpx2.AsyncClient(base_url=base, trust_env=False) as client:
            yield Installation(settings, client)
    finally:
        await child.stop()


async def test_a_saved_file_is_live_within_two_seconds(installation: Installation) -> None:
    assert OLD in await installation.answer()
    installation.write(OLD, NEW)

    async def is_new() -> bool:
        return NEW in await installation.answer()

    assert await becomes_true(is_new, within=LIVE_WITHIN)


async def test_a_broken_file_keeps_the_last_good_answer_and_is_said_aloud(installation: Installation) -> None:
    said: list[str] = []
    watching = asyncio.create_task(supervisor.watch_content(installation.settings, said.append))
    installation.write("owner: tu-phap", "owner: nobody")

    async def is_said() -> bool:
        return len(said) == 1

    assert await becomes_true(is_said, within=10)
    assert f"{PROCEDURE_FILE}:8:10" in said[0]
    assert any("owner" in problem or "nobody" in problem for problem in await installation.problems())
    assert OLD in await installation.answer()

    installation.write("owner: nobody", "owner: tu-phap")

    async def is_mended() -> bool:
        return len(said) == 2

    assert await becomes_true(is_mended, within=10)
    assert not await installation.problems()
    watching.cancel()
