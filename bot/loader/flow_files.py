"""What may stand in the files of a flow, and how they become one core.library.Flow.

flows/<id>.yml leads from step to step; content/vi/flows/<id>.yml says it and holds the facts (source, contacts);
content/<other language>/flows/<id>.yml holds words only.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from bot.core.flow_model import Checklist, Flow, FlowWords, OutcomeWords, Passport, Step, StepKind, StepWords
from bot.loader.schema import Label, Model, PassportFile, Question, Slug, Text, Title, TopicSlug
from bot.messages import Aspect, Language

Options = Annotated[tuple[Slug, ...], Field(min_length=2, max_length=7)]
Ask = Annotated[
    Annotated[Options, Tag("[options]")]
    | Annotated[
        Literal["date", "past-date", "text", "message", "locality", "duration", "received", "clock"],
        Tag("[kind]"),
    ],
    Discriminator(lambda written: "[kind]" if isinstance(written, str) else "[options]"),
]


class WhenFile(Model):
    rule: str
    go: Slug


class StepFile(Model):
    """A question (`ask`), a fork (`when`, `go`) or, with neither, an outcome."""

    id: Slug
    ask: Ask | None = None
    next: dict[Slug, Slug] = Field(default={})
    when: tuple[WhenFile, ...] = ()
    go: Slug | None = None


class RoutingFile(Model):
    """flows/<id>.yml"""

    id: Slug
    status: Literal["published", "draft"]
    owner: Slug
    steps: Annotated[tuple[StepFile, ...], Field(min_length=2)]


class StepWordsFile(Model):
    text: Text
    hint: Text | None = None
    options: dict[Slug, Label] = Field(default={})
    also: dict[Slug, tuple[Text, ...]] = Field(default={})


class OutcomeWordsFile(Model):
    """`action` and `contact` are asked for by the checks, which say why."""

    text: Text
    action: Text | None = None


class ChecklistFile(Model):
    """Papers are written once, in the entry: an outcome names the entry and its cases, and what answers add to them."""

    entry: Slug
    cases: tuple[Slug, ...] = ()
    when: dict[Slug, dict[Slug, tuple[Slug, ...]]] = Field(default={})


class OutcomeFile(OutcomeWordsFile):
    contact: Slug | None = None
    papers: ChecklistFile | None = None
    related: tuple[Slug, ...] = ()


class FlowWordsFile(Model):
    """content/<other language>/flows/<id>.yml"""

    id: Slug
    title: Title
    label: Label
    questions: dict[Aspect, tuple[Question, ...]] = Field(default={})
    steps: dict[Slug, StepWordsFile]
    outcomes: Mapping[Slug, OutcomeWordsFile]


class FlowFile(FlowWordsFile):
    """content/vi/flows/<id>.yml"""

    topic: TopicSlug
    passport: PassportFile
    outcomes: Mapping[Slug, OutcomeFile]


def build_steps(file: RoutingFile) -> dict[str, Step]:
    """The steps by id, the first one first."""
    return {step.id: _step(step) for step in file.steps}


def _step(step: StepFile) -> Step:
    kind: StepKind = "fork" if step.when or step.go else "outcome"
    if step.ask is not None:
        kind = step.ask if isinstance(step.ask, str) else "options"
    order = step.ask if isinstance(step.ask, tuple) else ()
    leads = {option: step.next[option] for option in order if option in step.next}
    return Step(step.id, kind, leads, tuple((w.rule, w.go) for w in step.when), step.go or "")


def build_flow(routing: RoutingFile, master: FlowFile, translation: FlowWordsFile) -> Flow:
    """One flow of checked files."""
    words: dict[Language, FlowWords] = {"vi": _words(master), "en": _words(translation)}
    passport = master.passport
    return Flow(
        id=routing.id,
        topic=master.topic,
        passport=Passport(
            routing.owner, passport.checked, passport.expires, passport.source or "", passport.legal_basis
        ),
        steps=build_steps(routing),
        words=words,
        contacts={name: outcome.contact or "" for name, outcome in master.outcomes.items()},
        related={name: outcome.related for name, outcome in master.outcomes.items()},
        papers={
            name: Checklist(outcome.papers.entry, outcome.papers.cases, outcome.papers.when)
            for name, outcome in master.outcomes.items()
            if outcome.papers
        },
    )


def _words(file: FlowWordsFile) -> FlowWords:
    return FlowWords(
        title=file.title,
        label=file.label,
        questions=file.questions,
        steps={i: StepWords(s.text, s.hint or "", s.options, s.also) for i, s in file.steps.items()},
        outcomes={i: OutcomeWords(o.text, o.action or "") for i, o in file.outcomes.items()},
    )
