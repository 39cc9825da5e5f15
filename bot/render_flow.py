"""How a flow is put into words: a question, an outcome, the label of an option. Part of bot.render."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.core.library import Flow
from bot.core.scam import Level, verdict_of
from bot.messages import Language

if TYPE_CHECKING:
    from bot.render import Renderer

MOST_REASONS = 4  # more convince nobody further


class SpokenVerdict(NamedTuple):
    """Of a pasted message; `reasons` is a list in words, one a line, the gravest first."""

    level: Level
    reasons: str


def flow_text(renderer: "Renderer", flow: Flow, facts: Mapping[str, Any], language: Language) -> str:
    """The question of a step with what was wrong with the last answer; or an outcome, what to do next and whom to ask."""
    words, step = flow.words[language], facts["step"]
    answers = spoken_answers(renderer, flow, facts["answers"], language)
    if step in words.steps:
        asked = words.steps[step]
        return renderer.say(
            "flow_question",
            language,
            wrong=renderer.say(facts["wrong"], language) if facts["wrong"] else "",
            text=renderer.text(asked.text, language, answers=answers),
            hint=renderer.text(asked.hint, language, answers=answers),
        )
    outcome = words.outcomes[step]
    commune = renderer.library.communes[language]
    unit = commune.units[flow.contacts[step]]
    return renderer.say(
        "flow_outcome",
        language,
        text=renderer.text(outcome.text, language, answers=answers),
        action=renderer.text(outcome.action, language, answers=answers),
        unit=unit,
        office=next(o for o in commune.offices if o.id == unit.office),
    )


def flow_label(renderer: "Renderer", verb: str, rest: str, language: Language) -> str:
    """The name of the flow "ID", with "back to" before it where it was left; or the label of the option "ID:STEP:OPTION"."""
    name, _, answer = rest.partition(":")
    step, _, option = answer.partition(":")
    flow = renderer.library.flows.get(name)
    if flow is None:
        return ""
    words = flow.words[language]
    if step:
        return words.steps[step].options.get(option, "") if step in words.steps else ""
    return f"{renderer.say('button_resume', language)}: {words.label}" if verb == "resume" else words.label


def spoken_answers(
    renderer: "Renderer", flow: Flow, answers: Mapping[str, str], language: Language
) -> dict[str, str | date | SpokenVerdict]:
    """The answers as texts may name them: days are days, verdicts have their reasons, the rest is as it was stored."""
    spoken: dict[str, str | date | SpokenVerdict] = {}
    for step, answer in answers.items():
        spoken[step] = answer
        if flow.steps[step].kind in ("date", "past-date"):
            spoken[step] = date.fromisoformat(answer)
        elif verdict := verdict_of(answer) if flow.steps[step].kind == "message" else None:
            reasons = [renderer.say(f"scam_{reason}", language) for reason in verdict.reasons[:MOST_REASONS]]
            spoken[step] = SpokenVerdict(verdict.level, "\n".join(f"- {reason}" for reason in reasons))
    return spoken
