"""People whose every answer is known beforehand, and the books: who was promised what, and who got what.

What a question leads to depends on who understood it (Rasa, or keywords while it is away): an answer, or a guided flow to which
every later answer offers the way back, or the last answer once more. So each has all forgotten before and after it, then presses
or types something whose answer is known: every answer that comes belongs to one message only.
"""

import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from bot.ask import Keywords
from bot.channels.base import Limits, cut
from bot.channels.telegram import Telegram
from bot.channels.zalo_bot import ZaloBot
from bot.messages import Incoming, Session
from bot.pipeline import Brain, Pipeline
from tests.channels.fake_zalo_oa import FakeZaloOa
from tests.channels.fakes import Fake, FakeTelegram, FakeZaloBot, Sent

PLATFORMS: dict[str, tuple[type[Fake], Limits]] = {
    "telegram": (FakeTelegram, Telegram.limits),
    "zalo-bot": (FakeZaloBot, ZaloBot.limits),
    "zalo-oa": (FakeZaloOa, Limits(chars=2000)),  # of an account without buttons
}
QUESTIONS = (
    "lam giay khai sinh can gi", "Lệ phí đăng ký kết hôn bao nhiêu?", "toi bi mat can cuoc", "quên mật khẩu VNeID",
    "làm sao nộp hồ sơ trên mạng", "dang ky tam tru o dau", "how do I register a birth?", "xin chào", "bao lau thi xong",
    "chung thuc ban sao", "tra tien qua mang nhu the nao", "ủy ban ở đâu",
)  # fmt: skip
# what no question above is about, so that no answer to one looks like an answer to a button
ASIDE = {"social_insurance", "land_change", "household_business", "conditional_business", "agriculture", "education_support",
         "health_insurance", "merit_persons", "military_service", "complaint", "guardianship", "disability"}  # fmt: skip
COMMANDS = ("/start", "/menu", "/riengtu", "/english", "/tiengviet")
FORGET = "/xoa"


@dataclass(frozen=True, slots=True)
class Step:
    """What a citizen does; `parts`: the messages that must come of it, None where one comes that nobody knows beforehand."""

    text: str
    payload: str = ""
    parts: tuple[str, ...] | None = None


@dataclass
class Person:
    """`promised` are the steps that got their 200, in order."""

    platform: str
    name: str
    act: Callable[[Step], Awaitable[int]]
    steps: "Script"
    promised: list[Step] = field(default_factory=list)
    refused: int = 0


class Script:
    """An endless, random, but foretold conversation."""

    def __init__(self, brain: Brain, platform: str, chance: random.Random) -> None:
        self._pipeline = Pipeline(brain=lambda: brain, understander=Keywords())
        self._limits = PLATFORMS[platform][1]
        self._buttons = self._limits.buttons > 0
        self._entries = [e.id for e in brain.library.entries.values() if e.topic in ASIDE]
        self._chance = chance
        self._session = Session()

    async def steps(self) -> "Iterator[Step]":
        """Some steps more: a question between two that set its answer apart, then what has a known answer."""
        texts = [self._chance.choice(COMMANDS)]
        if not self._buttons and self._chance.random() < 0.5:
            texts = ["/menu", str(self._chance.randint(1, 6))]
        made = [Step(text) for text in texts]
        if self._buttons and self._chance.random() < 0.6:
            # with the aspect, which else may be that of the question before
            asked = self._chance.sample(self._entries, 2)
            made = [Step("", f"entry:{entry}:{self._chance.choice(('fee', 'documents', 'where'))}") for entry in asked]
        return iter(
            [await self._foretold(s) for s in (Step(FORGET), Step(self._chance.choice(QUESTIONS)), Step(FORGET), *made)]
        )

    async def _foretold(self, step: Step) -> Step:
        incoming = Incoming("chaos", "person", "1", step.text, step.payload)
        turn, after = await self._pipeline.take_turn(incoming, self._session)
        self._session = Session() if turn.decision.message == "forgotten" else after
        if step.text in QUESTIONS:
            return step
        hint = self._pipeline.wording(turn.reply.language)["choose_by_number"]
        return Step(step.text, step.payload, tuple(p.text for p in cut(turn.reply, self._limits, number_hint=hint)))


@dataclass
class Books:
    """How what came compares with what was promised. `doubled`: what was told again, and when."""

    answered: int = 0
    lost: int = 0
    disordered: int = 0
    doubled: list[tuple[Sent, float]] = field(default_factory=list)
    faults: list[tuple[str, float]] = field(default_factory=list)  # what does not fit, and when that came

    def add(self, person: Person, got: list[Sent]) -> None:
        """One person's page. After a fault the count goes on behind the missing or surplus answer."""
        wanted = [part for step in person.promised for part in (step.parts or (None,))]
        at = 0
        before: Sent | None = None
        for sent in got:
            if at < len(wanted) and _fits(wanted[at : at + 2], sent, before):
                at += 1
                self.answered += 1
            elif before is not None and sent.text == before.text:
                self.doubled.append((before, sent.at))
            else:
                ahead = next((n for n in range(1, 4) if sent.text in wanted[at + n : at + n + 1]), 0)
                self.lost += ahead
                self.disordered += 0 if ahead else 1
                self.answered += 1 if ahead else 0
                fault = f"{person.platform} {person.name}, answer {at}: wanted {wanted[at : at + 1]}, got {sent} after {before}"
                self.faults.append((fault, sent.at))
                at += ahead + 1 if ahead else 0
            before = sent
        self.lost += len(wanted) - at

    @property
    def balance(self) -> bool:
        return not self.lost and not self.disordered


def _fits(wanted: list[str | None], sent: Sent, before: Sent | None) -> bool:
    """Whether it is the answer that is wanted first: to a question, anything but the one before told again or the one after."""
    if wanted[0] is not None:
        return sent.text == wanted[0]
    return sent.text not in wanted[1:] and (before is None or before.text != sent.text)


def person(brain: Brain, platform: str, number: int, fake: Fake) -> Person:
    """The `number`-th citizen on a platform."""
    name = str(700_000_000 + number)

    async def act(step: Step) -> int:
        if step.payload:
            return await fake.press(name, step.payload)  # type: ignore[attr-defined,no-any-return]
        return await fake.say(name, step.text)  # type: ignore[attr-defined,no-any-return]

    return Person(platform, name, act, Script(brain, platform, random.Random(number)))
