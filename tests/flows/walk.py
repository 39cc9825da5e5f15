"""Every outcome of every flow with a shortest way to it, as citizens type it; what they must then have read.

A kind of question without samples, or an outcome that no sample reaches, is an error: nobody adds a flow that is not walked.
`python -m tests.flows.walk` tells how many questions the flows ask.
"""

import asyncio
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from statistics import median

from bot.core.answers import read
from bot.core.flow_model import Flow, Step
from bot.core.flows import locate
from bot.core.library import Library
from bot.core.locality_search import LocalitySearch
from bot.core.workdays import works
from bot.loader.load import load
from bot.messages import Language
from bot.pipeline import Brain
from bot.render_flow import desk_of, source_of, told_by
from bot.serve import now
from tests.flows.kitchen import Citizen

ROOT = Path(__file__).resolve().parents[2]
LISTS = re.compile(r"(?m)^\s*(?:-|\d+\.)\s+")


def samples(flow: Flow, step: Step, today: date) -> tuple[str, ...]:
    """What is typed at a question that offers nothing to choose: by flow and step, else by kind."""
    of_step: dict[tuple[str, str], tuple[str, ...]] = {}
    of_kind = {
        "date": ("05/03/2026",),
        "past-date": (f"05/03/{today.year - 6}", f"05/03/{today.year - 20}"),
        "text": ("tổ 3, gần chợ",),
        "locality": ("phường Bến Nghé, quận 1", "xã Tân Lập huyện Đan Phượng", "phường Sài Gòn", "tỉnh Bắc Giang"),
        "duration": ("3 ngày làm việc", "10", "trong ngày", "2 giờ"),
        "received": (f"9h ngày {today:%d/%m/%Y}", f"{today:%d/%m/%Y}", f"{today - timedelta(days=60):%d/%m/%Y}"),
        "clock": ("9 giờ sáng",),
        "message": (
            "Chị đọc mã OTP vừa gửi về máy cho em",
            "Cô Lan ơi chiều nay bốn giờ họp tổ dân phố nghe cô",
            "Mời bà con xem lịch tiêm chủng tại https://dichvucong.gov.vn",
        ),
    }
    return of_step.get((flow.id, step.id)) or of_kind[step.kind]


@dataclass(frozen=True)
class Walk:
    """A way through a flow: per question the answer that is kept and what was typed, "" where an option was chosen."""

    flow: Flow
    outcome: str
    answers: Mapping[str, str]
    typed: tuple[str, ...]

    def labels(self, language: Language) -> list[str]:
        """By typing labels."""
        words = self.flow.words[language].steps
        return [
            typed or words[step].options[answer]
            for (step, answer), typed in zip(self.answers.items(), self.typed, strict=True)
        ]

    def numbers(self) -> list[str]:
        """By typing numbers."""
        return [
            typed or str(1 + list(self.flow.steps[step].next).index(answer))
            for (step, answer), typed in zip(self.answers.items(), self.typed, strict=True)
        ]


@cache
def brain() -> Brain:
    """The shipped content, today."""
    return Brain(load(ROOT)[0], now=now)


def ways(flow: Flow, library: Library, today: date) -> Iterator[Walk]:
    """Every way to an outcome that options and samples open, short ones first."""
    waiting = deque([Walk(flow, "", {}, ())])
    while waiting:
        walk = waiting.popleft()
        place = locate(flow, walk.answers, today, library.calendar)
        if place.done:
            yield Walk(flow, place.step.id, place.answers, walk.typed)
            continue
        step, spoken = place.step, [words.steps[place.step.id] for words in flow.words.values()]
        if step.kind == "options":
            answered = [(option, "") for option in step.next]
        else:
            tried = samples(flow, step, today)
            places = LocalitySearch(library.localities)
            answered = [
                (read(step, spoken, typed, today, library.scam, localities=places)[0], typed) for typed in tried
            ]
        for answer, typed in answered:
            assert answer, f"{flow.id}: {step.id} does not take the sample {typed!r}"
            waiting.append(Walk(flow, "", {**place.answers, step.id: answer}, (*walk.typed, typed)))


def shortest(flow: Flow, library: Library, today: date) -> list[Walk]:
    """A shortest way to each outcome. Raises AssertionError when no sample reaches one."""
    found: dict[str, Walk] = {}
    for walk in ways(flow, library, today):
        found.setdefault(walk.outcome, walk)
    missed = {step.id for step in flow.steps.values() if step.kind == "outcome"} - found.keys()
    if not works(today, library.calendar):
        missed -= {"today"}  # nothing falls due on a day off
    assert not missed, f"{flow.id}: no sample reaches {sorted(missed)}; add one to tests/flows/walk.py"
    return list(found.values())


def walks() -> list[Walk]:
    """A shortest way to each outcome of each shipped flow."""
    library = brain().library
    return list(chain.from_iterable(shortest(flow, library, now().date()) for flow in library.flows.values()))


@cache
def openings(language: Language) -> dict[str, tuple[str, ...]]:
    """What one types so that each flow begins. Not to be called where a loop runs."""
    return {flow.id: asyncio.run(_opening(flow, language)) for flow in brain().library.flows.values()}


async def _opening(flow: Flow, language: Language) -> tuple[str, ...]:
    """A question of its own, or one of an entry that leads into it."""
    library, renderer = brain().library, brain().renderer
    own = ((question,) for group in flow.words[language].questions.values() for question in group)
    led = (
        (question, renderer.label(f"steps:{flow.id}", language))
        for entry in library.entries.values()
        if entry.flow == flow.id
        for words in [entry.in_language(language)[0]]
        for group in (words.questions.values(), ((words.title, words.label),))
        for questions in group
        for question in questions
    )
    for said in chain(own, led):
        citizen = Citizen(brain())
        await citizen.says("/english" if language == "en" else "/tiengviet")
        for text in said:
            turn = await citizen.says(text)
        session = citizen.sessions["test", "one"]
        if session.flow == flow.id and not session.answers and turn.reply.language == language:
            return said
    raise AssertionError(f"{flow.id}: nothing that is typed begins it in {language}")


def promised(walk: Walk, language: Language) -> list[str]:
    """What the citizen must have read at the end: what is known, what to do, whom to ask, where it is from."""
    library, renderer = brain().library, brain().renderer
    outcome = walk.flow.words[language].outcomes[walk.outcome]
    told = told_by(renderer, walk.flow, walk.answers, language)
    desk = desk_of(walk.flow, walk.outcome, library.communes[language])
    texts = [renderer.text(text, language, **told, **desk) for text in (outcome.text, outcome.action)]
    source = renderer.source(source_of(library, walk.flow, walk.outcome), language)
    return [seen(text) for text in (*texts, f"{desk['unit'].name}", f"{desk['unit'].phone}", source)]


def seen(text: str) -> str:
    """A text as the eye takes it: lists without their marks, all white space one space."""
    return " ".join(LISTS.sub("", text).split())


def unseen(walk: Walk, language: Language, text: str) -> list[str]:
    """What was promised and is not in the text, and what no citizen should see there."""
    lost = [part for part in promised(walk, language) if part not in seen(text)]
    return lost + [odd for odd in ("{{", "{%", "Undefined") if odd in text]


def _table() -> str:
    rows, of_outcomes, of_ways = [], list[int](), list[int]()
    library, today = brain().library, now().date()
    for flow in library.flows.values():
        asked = [len(walk.answers) for walk in ways(flow, library, today)]
        ends = [len(walk.answers) for walk in shortest(flow, library, today)]
        rows.append(f"| {flow.id} | {len(ends)} | {min(asked)} | {median(asked):g} | {max(asked)} |")
        of_outcomes += ends
        of_ways += asked
    rows.append(f"| all | {len(of_outcomes)} | {min(of_ways)} | {median(of_ways):g} | {max(of_ways)} |")
    head = ["| flow | outcomes | fewest questions | median | most |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, f"median over outcomes, each by its shortest way: {median(of_outcomes):g}"])


if __name__ == "__main__":
    print(_table())
