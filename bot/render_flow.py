"""How a flow is put into words: a question, an outcome with its papers, the label of an option. Part of bot.render."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.core import speak
from bot.core.deadline import LENGTH, counted, length_of, received_of
from bot.core.flow_model import Flow, Passport, Step
from bot.core.library import Commune, Duration, Library, Office, Unit
from bot.core.scam import Level, verdict_of
from bot.messages import Language
from bot.render_localities import SpokenLocality, locality_label, spoken

if TYPE_CHECKING:
    from bot.render import Renderer

MOST_REASONS = 4  # more convince nobody further


class SpokenDue(NamedTuple):
    """When a result is due: day ("thứ Ba 24/11/2026"), hour ("17:00"), and how it was counted, a sentence."""

    day: str
    hour: str
    counted: str


class SpokenVerdict(NamedTuple):
    """Of a pasted message; `reasons` is a list in words, one a line, the gravest first."""

    level: Level
    reasons: str


def flow_text(renderer: "Renderer", flow: Flow, facts: Mapping[str, Any], language: Language) -> str:
    """The question of a step with what was wrong with the last answer; or an outcome, what to do next and whom to ask."""
    words, step = flow.words[language], facts["step"]
    told = told_by(renderer, flow, facts["answers"], language)
    if step in words.steps:
        asked = words.steps[step]
        before = told["answers"].get(step)  # what left the question open is spoken of instead of asking it again
        said = renderer.say("flow_open_locality", language, place=before) if before else ""
        return renderer.say(
            "flow_question",
            language,
            wrong=renderer.say(facts["wrong"], language) if facts["wrong"] else "",
            text=said or renderer.text(asked.text, language, **told),
            hint="" if said else renderer.text(asked.hint, language, **told),
        )
    outcome = words.outcomes[step]
    desk = desk_of(flow, step, renderer.library.communes[language])
    papers, where = checklist(renderer, flow, step, facts["answers"], language)
    return renderer.say(
        "flow_outcome",
        language,
        text=renderer.text(outcome.text, language, **told, **desk),
        papers=papers,
        where=where,
        action=renderer.text(outcome.action, language, **told, **desk),
        **desk,
    )


def checklist(
    renderer: "Renderer", flow: Flow, step: str, answers: Mapping[str, str], language: Language
) -> tuple[list[str], str]:
    """The papers of an outcome and where to hand them in, in the words of the entry: so they are never written twice."""
    if step not in flow.papers:
        return [], ""
    words, spoken = renderer.library.entries[flow.papers[step].entry].in_language(language)
    chosen = set(flow.papers[step].cases)
    for asked, added in flow.papers[step].when.items():
        chosen |= set(added.get(answers[asked], ()))
    papers = [item for case in words.papers if case.id in chosen for item in case.items]
    return papers, renderer.text(words.answers["where"], spoken, official=None) if "where" in words.answers else ""


def source_of(library: Library, flow: Flow, step: str) -> Passport:
    """What an outcome rests upon: the entry that its papers are taken from, else the flow's own source."""
    return library.entries[flow.papers[step].entry].passport if step in flow.papers else flow.passport


def flow_label(renderer: "Renderer", verb: str, rest: str, language: Language) -> str:
    """The name of the flow "ID", with "back to" before it where it was left; or the label of the option "ID:STEP:OPTION"."""
    name, _, answer = rest.partition(":")
    step, _, option = answer.partition(":")
    flow = renderer.library.flows.get(name)
    if flow is None:
        return ""
    words = flow.words[language]
    if step in flow.steps and flow.steps[step].kind == "locality":
        of_today = renderer.say("locality_of_today", language)
        return locality_label(renderer.library.localities, option, language, of_today=of_today)
    if step:
        return words.steps[step].options.get(option, "") if step in words.steps else ""
    return f"{renderer.say('button_resume', language)}: {words.label}" if verb == "resume" else words.label


def desk_of(flow: Flow, outcome: str, commune: Commune) -> dict[str, Unit | Office]:
    """Whom an outcome sends people to: the unit and the office where it sits, which its texts may name."""
    unit = commune.units[flow.contacts[outcome]]
    return {"unit": unit, "office": next(o for o in commune.offices if o.id == unit.office)}


def told_by(renderer: "Renderer", flow: Flow, answers: Mapping[str, str], language: Language) -> dict[str, Any]:
    """What texts may name of the answers: `answers`, `labels` (words of the options that were chosen), `due` if it is known."""
    words = flow.words[language].steps
    due = _due(renderer, answers, language) if LENGTH in flow.steps else {}
    return due | {
        "answers": {step: _told(renderer, flow.steps[step], answer, language) for step, answer in answers.items()},
        "labels": {step: words[step].options[answer] for step, answer in answers.items() if flow.steps[step].next},
    }


def _told(
    renderer: "Renderer", step: Step, answer: str, language: Language
) -> str | date | SpokenVerdict | SpokenLocality:
    """A day is a day, a verdict has its reasons in words, a place its names; anything else is as it was stored."""
    if step.kind == "locality":
        return spoken(renderer.library.localities, answer, renderer.library.communes[language], language)
    if step.kind in ("date", "past-date"):
        return date.fromisoformat(answer)
    if length := length_of(answer) if step.kind == "duration" else None:
        return _length(renderer, length, length.unit or "day", language)
    if received := received_of(answer) if step.kind == "received" else None:
        return speak.weekday(received.day, language) + (f", {received.clock:%H:%M}" if received.clock else "")
    if verdict := verdict_of(answer) if step.kind == "message" else None:
        reasons = [renderer.say(f"scam_{reason}", language) for reason in verdict.reasons[:MOST_REASONS]]
        return SpokenVerdict(verdict.level, "\n".join(f"- {reason}" for reason in reasons))
    return answer


def _length(renderer: "Renderer", length: Duration, unit: str, language: Language) -> str:
    if length.same_day:
        return renderer.say("length_same_day", language)
    return speak.duration(length.value or 0, unit, language)


def _due(renderer: "Renderer", answers: Mapping[str, str], language: Language) -> dict[str, SpokenDue]:
    """The deadline that the answers come to, if they do, with what was passed over on the way."""
    due, length = counted(answers, renderer.library.calendar), length_of(answers.get(LENGTH, ""))
    if due is None or length is None:
        return {}
    sentence = renderer.say(
        "due_counted",
        language,
        kind=due.unit,
        length=_length(renderer, length, length.unit or due.unit, language),
        holidays=", ".join(speak.days(first, last, language) for first, last in due.holidays),
        worked=", ".join(speak.days(day, day, language) for day in due.worked),
        moved=due.moved,
    )
    return {"due": SpokenDue(speak.weekday(due.at.date(), language), f"{due.at:%H:%M}", sentence)}
