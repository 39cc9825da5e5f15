"""`motcua card`: an officer prints an answer for somebody. Nobody's conversation is looked at."""

from dataclasses import replace
from pathlib import Path

from bot.channels.console import keep
from bot.core.flow_model import Flow
from bot.core.flows import locate
from bot.loader.load import load
from bot.messages import ASPECTS, Card, Decision, Language, Session
from bot.pipeline import Brain
from bot.serve import brain
from bot.settings import Settings


class NotPrintable(Exception):
    """Says what could be printed instead, for people."""


def card_of_words(brain: Brain, name: str, rest: list[str], language: Language) -> Card:
    """The card of an entry and an aspect, or of a flow and its answers: options, or a day, in the order of the questions.

    Raises NotPrintable.
    """
    library, today = brain.library, brain.now().date()
    session = Session(language=language)
    subject = f"flow:{name}"
    if flow := library.flows.get(name):
        session = replace(session, flow=name, answers=_answers(brain, flow, rest, language))
    elif entry := library.entries.get(name):
        aspect = rest[0] if rest else "documents" if entry.words["vi"].papers else "overview"
        if aspect not in ASPECTS or len(rest) > 1:
            raise NotPrintable(f"Chọn một / choose one of: {', '.join(ASPECTS)}")
        subject = f"entry:{name}:{aspect}"
    decision, _ = brain.decider.on_card(session, subject, language, today)
    card = brain.renderer.render(decision, language).card
    if card is None:
        raise NotPrintable(f"Không có bài hay luồng “{name}” để in / no entry or flow of that name to print")
    return card


def _answers(brain: Brain, flow: Flow, rest: list[str], language: Language) -> dict[str, str]:
    """Raises NotPrintable, with the question that is open, when the answers do not lead to an outcome."""
    today, answers, left = brain.now().date(), dict[str, str](), list(rest)
    while not (place := locate(flow, answers, today, brain.library.calendar)).done:
        said = left.pop(0) if left else ""
        answer = said if said in place.step.next else brain.decider.guide.read_at(flow, place, said, today)[0]
        if not answer:
            facts = {"step": place.step.id, "answers": dict(place.answers), "wrong": ""}
            question = brain.renderer.render(Decision("flow", "flow_question", flow.id, facts=facts), language).text
            options = [
                f"  {option}: {flow.words[language].steps[place.step.id].options[option]}" for option in place.step.next
            ]
            raise NotPrintable("\n".join([question, *options]))
        answers[place.step.id] = answer
    if left:
        raise NotPrintable(f"Thừa / left over: {' '.join(left)}")
    return answers


async def print_card(settings: Settings, words: list[str], language: Language, output: Path | None) -> None:
    """Write the PDF; say where it is, and the SMS. Raises NotPrintable, ContentError."""
    card = card_of_words(brain(settings, load(settings.root)[0]), words[0], words[1:], language)
    print(await keep(card, output))
    print(card.short)
