"""An editor saves a file while the bot runs: the real bot process, a real Redis, the web channel as a page uses it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest_asyncio

from bot import watchers
from bot.settings import Settings
from tests.content.minimal import PROCEDURE_FILE, build
from tests.web_process import WebCitizen, becomes_true, web_process

OLD, NEW = "Anh/chị đến bộ phận một cửa.", "Từ nay anh/chị đến nhà văn hóa."


@dataclass
class Installation:
    settings: Settings
    client: httpx2.AsyncClient

    async def answer(self) -> str:
        """What a new citizen is told about the one procedure."""
        return await WebCitizen(self.client).presses("entry:khai-thu")

    async def problems(self) -> list[str]:
        state = (await self.client.get("/readyz")).json()
        return list(state["content_problems"])

    def write(self, old: str, new: str) -> None:
        path = self.settings.root / PROCEDURE_FILE
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


@pytest_asyncio.fixture
async def installation(tmp_path: Path, free_port: int, redis_url: str) -> AsyncIterator[Installation]:
    build(tmp_path)
    nobody = "http://127.0.0.1:1"  # no NLU: buttons do not need it
    settings = Settings(root=tmp_path, port=free_port, REDIS_URL=redis_url, nlu_url=nobody)
    async with web_process(settings, tmp_path) as base, httpx2.AsyncClient(base_url=base, trust_env=False) as client:
        yield Installation(settings, client)


async def test_a_saved_file_is_live_without_a_restart(installation: Installation) -> None:
    assert OLD in await installation.answer()
    installation.write(OLD, NEW)

    async def is_new() -> bool:
        return NEW in await installation.answer()

    assert await becomes_true(is_new)


async def test_a_broken_file_keeps_the_last_good_answer_and_is_said_aloud(installation: Installation) -> None:
    said: list[str] = []
    watching = asyncio.create_task(watchers.watch_content(installation.settings, said.append))
    installation.write("owner: tu-phap", "owner: nobody")

    async def is_said() -> bool:
        return len(said) == 1

    assert await becomes_true(is_said)
    assert f"{PROCEDURE_FILE}:8:10" in said[0]
    assert any("owner" in problem or "nobody" in problem for problem in await installation.problems())
    assert OLD in await installation.answer()

    installation.write("owner: nobody", "owner: tu-phap")

    async def is_mended() -> bool:
        return len(said) == 2

    assert await becomes_true(is_mended)
    assert not await installation.problems()
    watching.cancel()
