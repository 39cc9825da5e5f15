"""The shape of a guided flow: its steps, which are language-neutral, and their words per language. Part of bot.core.library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from bot.messages import Aspect, Language

StepKind = Literal[
    "options", "date", "past-date", "text", "message", "locality", "duration", "received", "clock", "fork", "outcome"
]


@dataclass(frozen=True, slots=True)
class Passport:
    """Where an entry comes from and how long it may be trusted."""

    owner: str
    checked: date
    expires: date
    source: str = ""
    legal_basis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A question, a fork or an outcome. `next` leads from each option, in the order shown, `when` from the first rule that
    holds, `go` from anything else; all to ids of steps.
    """

    id: str
    kind: StepKind
    next: Mapping[str, str] = field(default_factory=dict)
    when: tuple[tuple[str, str], ...] = ()
    go: str = ""

    @property
    def asks(self) -> bool:
        return self.kind not in ("fork", "outcome")

    @property
    def targets(self) -> tuple[str, ...]:
        """Every step that may come next."""
        return (*self.next.values(), *(go for _, go in self.when), *((self.go,) if self.go else ()))


@dataclass(frozen=True, slots=True)
class StepWords:
    """A question in one language: `options` are labels by option, `also` other words that mean the option."""

    text: str
    hint: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutcomeWords:
    """What is known at the end (`text`) and what to do next (`action`)."""

    text: str
    action: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """The papers of an outcome: `cases` of an entry, and those added `when` a step was answered with an option."""

    entry: str
    cases: tuple[str, ...]
    when: Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class FlowWords:
    """One flow in one language. All texts are jinja2 templates over the commune's settings and `answers`."""

    title: str
    label: str
    questions: Mapping[Aspect, tuple[str, ...]]
    steps: Mapping[str, StepWords]
    outcomes: Mapping[str, OutcomeWords]


@dataclass(frozen=True, slots=True)
class Flow:
    """A guided conversation; its first step comes first. By outcome: `contacts` (a unit), `related` (entries, flows), `papers`."""

    id: str
    topic: str
    passport: Passport
    steps: Mapping[str, Step]
    words: Mapping[Language, FlowWords]
    contacts: Mapping[str, str]
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    papers: Mapping[str, Checklist] = field(default_factory=dict)
