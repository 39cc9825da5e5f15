"""The flows where there are no buttons: a platform that takes texts only, real worker processes, a real Redis."""

import asyncio
import os
import re
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.messages import LANGUAGES, Language
from bot.processes import Child
from bot.settings import Settings
from bot.supervisor import environment
from tests.channels.fakes import Sent
from tests.channels.rig import ROOT, Rig
from tests.flows.walk import Walk, brain, openings, unseen, walks

AT_ONCE = 16  # citizens
SPEAKS_OF_BUTTONS = re.compile(
    "bấm (?:một )?(?:mục|dòng|nút (?:dưới|bên|In|Giấy))|bấm một nút|trong các nút"
    "|(?:press|tap) (?:a|the) (?:button|line)|button below",
    re.IGNORECASE,
)
PATIENCE = 60.0  # seconds for one reply; most take some milliseconds
# The worker as it is served, but for the platform's pace (three replies at once, then one a second), which has its own tests.
UNPACED = (
    "from bot import serve; from bot.channels.zalo_bot import ZaloBot; ZaloBot.rules = (); serve.main('worker', {!r})"
)

pytestmark = pytest.mark.timeout(240)


@dataclass
class Phones:
    """What citizens got, each in a queue of their own."""

    rig: Rig
    got: defaultdict[str, asyncio.Queue[str]] = field(default_factory=lambda: defaultdict(asyncio.Queue))

    async def take(self, sent: Sent) -> None:
        self.got[sent.conversation].put_nowait(sent.text)

    async def say(self, person: str, text: str) -> None:
        assert await self.rig.fake.say(person, text) == 200

    async def reads(self, person: str) -> str:
        """The whole reply, which may come in parts: the last one ends in how to choose by number."""
        hints = tuple(words["choose_by_number"] for words in brain().library.messages.values())
        parts = [await asyncio.wait_for(self.got[person].get(), PATIENCE)]
        while not parts[-1].endswith(hints):
            parts.append(await asyncio.wait_for(self.got[person].get(), PATIENCE))
        assert not SPEAKS_OF_BUTTONS.search("\n".join(parts)), parts  # there are none here
        return "\n".join(parts)

    async def hears(self, person: str, text: str) -> str:
        await self.say(person, text)
        return await self.reads(person)


@pytest.fixture
def phones(deserted: Rig) -> Phones:
    phones = Phones(deserted)
    deserted.fake.take = phones.take
    return phones


@asynccontextmanager
async def worker(rig: Rig, name: str, free_port: int, folder: Path) -> AsyncIterator[Child]:
    """The NLU server is away, so keywords answer."""
    api = rig.channel._address.removesuffix(f"/bot{rig.fake.token}")
    settings = Settings(_env_file=None, root=ROOT, nlu_port=free_port, zalo_bot_api=api, REDIS_URL=rig.redis_url)
    settings = settings.model_copy(update={"zalo_bot_token": SecretStr(rig.fake.token)})
    command = [sys.executable, "-c", UNPACED.format(name)]
    child = await Child.start(command, cwd=ROOT, env=os.environ | environment(settings), log=folder / f"{name}.log")
    try:
        yield child
    finally:
        await child.stop()


@pytest.fixture
def starts() -> dict[Language, dict[str, tuple[str, ...]]]:
    return {language: openings(language) for language in LANGUAGES}


async def test_every_outcome_by_typing_numbers(
    phones: Phones, starts: dict[Language, dict[str, tuple[str, ...]]], free_port: int, tmp_path: Path
) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def goes(number: int, walk: Walk, language: Language) -> list[str]:
        person = f"{language}{number}"
        async with gate:
            await phones.hears(person, "/english" if language == "en" else "/tiengviet")
            *first, last = starts[language][walk.flow.id]
            for text in first:
                reply = await phones.hears(person, text)
                last = str(1 + _lines(reply).index(last))  # the button that leads into the flow
            for text in (last, *walk.numbers()):
                reply = await phones.hears(person, text)
            return unseen(walk, language, reply)

    plan = [(number, walk, language) for language in LANGUAGES for number, walk in enumerate(walks())]
    async with worker(phones.rig, "one", free_port, tmp_path):
        lost = await asyncio.gather(*(goes(*one) for one in plan))
    assert {(walk.flow.id, walk.outcome): part for (_, walk, _), part in zip(plan, lost, strict=True) if part} == {}
    assert all(queue.empty() for queue in phones.got.values()), "nobody got more than was asked for"


def _lines(reply: str) -> list[str]:
    """The numbered choices below a reply."""
    lines = reply.rsplit("\n\n", 1)[-1].splitlines()
    return [line.partition(". ")[2] for line in lines if line.partition(". ")[0].isdigit()]


async def test_a_killed_worker_leaves_everybody_at_their_question(
    phones: Phones, free_port: int, tmp_path: Path
) -> None:
    """One has answered and waits for the reply when the worker is killed, another answers while there is none."""
    stuck, over = asyncio.Event(), asyncio.Event()

    async def never_comes(sent: Sent) -> None:
        stuck.set()
        await over.wait()  # the citizen has nothing

    async with worker(phones.rig, "first", free_port, tmp_path) as killed:
        for person in ("slow", "late"):
            await phones.hears(person, "vneid bị lỗi")
            await phones.hears(person, "1")
        phones.rig.fake.take = never_comes
        await phones.say("slow", "2")
        await asyncio.wait_for(stuck.wait(), PATIENCE)
        os.killpg(killed.pid, signal.SIGKILL)
        await killed.wait()
        over.set()
        phones.rig.fake.take = phones.take
        await phones.say("late", "1")
    async with worker(phones.rig, "first", free_port, tmp_path):
        assert "Cháu sinh ngày nào?" in await phones.reads("slow")
        assert "lấy vân tay, chụp mặt" in await phones.reads("late")
        assert "chưa đủ 14 tuổi" in await phones.hears("slow", "05/03/2020")
        assert "chỉ còn kích hoạt trên điện thoại" in await phones.hears("late", "1")
    assert all(queue.empty() for queue in phones.got.values()), "nothing is told twice"
