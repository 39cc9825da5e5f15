"""Where somebody stands in a flow. Only answers are kept; the place is found by replaying them.

So a flow may be edited while people are in it: replay stops at the first question whose stored answer no longer fits, and
that question is asked again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.core.answers import fits, leaves_open
from bot.core.flow_model import Flow, Step
from bot.core.library import Calendar
from bot.core.rules import RULES


@dataclass(frozen=True, slots=True)
class Place:
    """The question to ask, or the outcome; `answers` are those that led here, in the order in which they were asked.

    `left_open` is what was answered to the question without settling it.
    """

    step: Step
    answers: Mapping[str, str]
    left_open: str = ""

    @property
    def done(self) -> bool:
        return not self.step.asks

    @property
    def kept(self) -> dict[str, str]:
        """All that a conversation keeps."""
        return {**self.answers, **({self.step.id: self.left_open} if self.left_open else {})}


def locate(flow: Flow, answers: Mapping[str, str], today: date, calendar: Calendar) -> Place:
    """Follow the answers from the first step. The loader has made sure that a flow has no cycle and no dead end."""
    used: dict[str, str] = {}
    step = next(iter(flow.steps.values()))
    while step.kind != "outcome":
        if step.asks:
            answer = answers.get(step.id, "")
            if not fits(step, answer, today):
                return Place(step, used, answer if leaves_open(step, answer) else "")
            used[step.id] = answer
            target = step.next.get(answer, step.go)
        else:
            target = next((go for rule, go in step.when if RULES[rule].holds(used, today, calendar)), step.go)
        step = flow.steps[target]
    return Place(step, used)


def without_last(answers: Mapping[str, str]) -> dict[str, str]:
    """One question back."""
    return dict(list(answers.items())[:-1])


def options_of(flow: Flow, way: str) -> dict[str, str]:
    """The answers in "STEP:OPTION:STEP:OPTION…", those that choose an option."""
    names = way.split(":")
    given = dict(zip(names[::2], names[1::2], strict=False))
    return {step: option for step, option in given.items() if step in flow.steps and option in flow.steps[step].next}


def way_of(flow: Flow, answers: Mapping[str, str]) -> str:
    """The payload that leads where the answers lead; without them where one of them is more than a choice of options."""
    if any(flow.steps[step].kind != "options" for step in answers):
        return f"flow:{flow.id}"
    return ":".join(["at", flow.id, *(name for pair in answers.items() for name in pair)])


def answered_before(steps: Mapping[str, Step]) -> dict[str, frozenset[str]]:
    """Step id -> questions that are answered on every way to it; only steps that can be reached. Needs a flow without cycles.

    A rule or a text may speak of these answers and of no others.
    """
    known: dict[str, frozenset[str]] = {}
    waiting = [(next(iter(steps)), frozenset[str]())] if steps else []
    while waiting:
        name, before = waiting.pop()
        now = known[name] & before if name in known else before
        if known.get(name) == now:
            continue
        known[name] = now
        after = now | {name} if steps[name].asks else now
        waiting += [(target, after) for target in steps[name].targets if target in steps]
    return known
