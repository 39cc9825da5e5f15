"""The conversation inside a flow: start, answer, back, restart, stop, leave and return. Pure.

Payloads: "flow:ID" starts or goes on ("steps:ID" and "resume:ID" are the same under other labels), "flow:ID:STEP:ANSWER"
answers, "back", "restart" and "stop" are what their names say. A typed answer becomes such a payload too.
"at:ID:STEP:OPTION:STEP:OPTION…" goes where these options lead: it may stand in an address, words and days may not.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.core.answers import read
from bot.core.flow_model import Flow, StepWords
from bot.core.flows import Place, locate, without_last
from bot.core.library import Library
from bot.core.normalise import fold
from bot.messages import Decision, Session

NAVIGATION = ("back", "restart", "stop")
OPENS = re.compile(r"flow:[\w-]+|(?:entry|catalogue|at)(?::[\w.-]+)+", re.ASCII)  # payloads that a link may press
STARTS = ("flow", "steps", "resume")
# Without accents "dừng" is also "đúng" and "từ đầu" also "từ đâu": such words may not move anybody.
_SAID = {
    "back": ("quay lại", "trở lại", "back", "go back", "lùi lại"),
    "restart": ("làm lại", "làm lại từ đầu", "bắt đầu lại", "restart", "start over"),
    "stop": ("thoát", "thôi", "hủy", "stop", "exit", "quit", "cancel"),
    "resume": ("tiếp tục", "làm tiếp", "continue", "go on", "resume"),
}
_MEANS = {fold(words): payload for payload, said in _SAID.items() for words in said}


class Guide:
    """Leads through the flows of one library. Holds no state between turns."""

    def __init__(self, library: Library) -> None:
        self._flows = library.flows
        self._scam = library.scam

    # -- where the conversation is ----------------------------------------------------------------------------------

    def _place(self, session: Session, today: date) -> tuple[Flow, Place] | None:
        flow = self._flows.get(session.flow)
        return (flow, locate(flow, session.answers, today)) if flow else None

    @staticmethod
    def _spoke_last(session: Session) -> bool:
        """Whether the last reply was the flow's: only its replies offer to go back or stop."""
        return any(choice.payload in NAVIGATION for choice in session.offered)

    def asking(self, session: Session, today: date) -> tuple[Flow, Place] | None:
        """The question that the last reply asked, if it was one of a flow."""
        at = self._place(session, today)
        return at if at and not at[1].done and self._spoke_last(session) else None

    def chosen(self, session: Session, text: str, today: date) -> str:
        """The payload that a typed text means inside a flow; "" when it means none."""
        at = self._place(session, today)
        if at is None:
            return ""
        flow, place = at
        left = not self._spoke_last(session)
        if left and place.done:
            return ""
        if means := _MEANS.get(fold(text), ""):
            return f"resume:{flow.id}" if means == "resume" or (left and means == "back") else means
        if left:
            return ""
        if place.done:
            return ""
        answer, _ = read(place.step, self._questions(flow, place), text, today, self._scam)
        return f"flow:{flow.id}:{place.step.id}:{answer}" if answer else ""

    def judges(self, session: Session, today: date) -> bool:
        """Whether the last reply asked for a message to be judged: what is pasted then is not kept."""
        asked = self.asking(session, today)
        return asked is not None and asked[1].step.kind == "message"

    @staticmethod
    def _questions(flow: Flow, place: Place) -> list[StepWords]:
        return [words.steps[place.step.id] for words in flow.words.values()]

    # -- what is said -----------------------------------------------------------------------------------------------

    def on_payload(self, session: Session, payload: str, today: date) -> tuple[Decision, Session] | None:
        """The turn of a button or of an answer; None when it names no flow that there is."""
        verb, _, rest = payload.partition(":")
        name, _, answer = rest.partition(":")
        if verb in STARTS and name in self._flows:
            return self.start(session, name, today) if not answer else self._answer(session, name, answer, today)
        if verb == "at" and name in self._flows:
            return self._show(session, self._flows[name], options_of(self._flows[name], answer), today)
        at = self._place(session, today)
        if at is None or verb not in NAVIGATION:
            return None
        flow, place = at
        if verb == "stop":
            decision = Decision("flow", "flow_stopped", flow.id, flow.topic, payloads=(f"flow:{flow.id}", "menu"))
            return decision, replace(session, flow="", answers={}, misses=0)
        return self._show(session, flow, without_last(place.answers) if verb == "back" else {}, today)

    def start(self, session: Session, name: str, today: date, *, confidence: float = 1.0) -> tuple[Decision, Session]:
        """The first question; or the one where this flow stopped, however long ago."""
        flow = self._flows[name]
        place = locate(flow, session.answers if session.flow == name else {}, today)
        return self._show(session, flow, {} if place.done else place.answers, today, confidence=confidence)

    def outcome(self, session: Session, name: str, today: date) -> tuple[Decision, Session] | None:
        """What was reached at the end of this flow, once more; with "" of the flow that spoke last."""
        at = self._place(session, today)
        if at is None or not at[1].done:
            return None
        wanted = at[0].id == name if name else self._spoke_last(session)
        return self._show(session, at[0], at[1].answers, today) if wanted else None

    def _answer(self, session: Session, name: str, answer: str, today: date) -> tuple[Decision, Session]:
        """Also an earlier question may be answered anew: later answers that still fit stay."""
        step, _, given = answer.partition(":")
        answers = {**(session.answers if session.flow == name else {}), step: given}
        return self._show(session, self._flows[name], answers, today)

    def ask_again(
        self, session: Session, asked: tuple[Flow, Place], text: str, today: date
    ) -> tuple[Decision, Session]:
        """The same question, with what was not clear; from the second time on a person is offered too."""
        flow, place = asked
        _, wrong = read(place.step, self._questions(flow, place), text, today, self._scam)
        return self._show(session, flow, place.answers, today, wrong=wrong)

    def _show(
        self,
        session: Session,
        flow: Flow,
        answers: Mapping[str, str],
        today: date,
        *,
        wrong: str = "",
        confidence: float = 1.0,
    ) -> tuple[Decision, Session]:
        place = locate(flow, answers, today)
        misses = session.misses + 1 if wrong else 0
        moves = ("back", "restart") if place.answers else ()
        if place.done:
            related = flow.related.get(place.step.id, ())
            near = tuple(f"flow:{name}" if name in self._flows else f"entry:{name}" for name in related)
            payloads = (*near, f"card:flow:{flow.id}", *moves, "person", "menu")
        else:
            options = tuple(f"flow:{flow.id}:{place.step.id}:{option}" for option in place.step.next)
            payloads = (*options, *(("person",) if misses > 1 else ()), *moves, "stop")
        decision = Decision(
            kind="flow",
            message="flow_outcome" if place.done else "flow_question",
            entry=flow.id,
            topic=flow.topic,
            confidence=confidence,
            payloads=payloads,
            facts={"step": place.step.id, "answers": dict(place.answers), "wrong": wrong},
        )
        # "bao lâu?" in a flow is not about what came before it; after a list of papers it is about their entry
        entry = flow.papers[place.step.id].entry if place.step.id in flow.papers else ""
        return decision, replace(session, entry=entry, flow=flow.id, answers=dict(place.answers), misses=misses)

    def with_return(self, decision: Decision, session: Session, today: date) -> Decision:
        """Whatever else was said in the middle of a flow, the last button leads back into it: "1" stays what it was."""
        at = self._place(session, today)
        if decision.kind == "flow" or at is None or at[1].done:
            return decision
        return replace(decision, payloads=(*decision.payloads, f"resume:{at[0].id}"))


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
