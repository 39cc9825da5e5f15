"""The conversation inside a flow: start, answer, back, restart, stop, leave and return. Pure.

Payloads: "flow:ID" starts or goes on ("steps:ID" and "resume:ID" are the same under other labels), "flow:ID:STEP:ANSWER"
answers, "due:ENTRY" counts when its result is due; "back", "restart" and "stop" are what their names say. A typed answer
becomes such a payload too; a sentence that answers more than one question becomes "flow:ID:STEP:OPTION:STEP:OPTION".
"at:ID:STEP:OPTION:STEP:OPTION…" goes where these options alone lead, so it may stand in an address: words and days may not.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.core.addresses import hosts, without_addresses
from bot.core.answers import also_said, is_unsure, read, served
from bot.core.deadline import ordinary_length
from bot.core.flow_model import Flow, StepWords
from bot.core.flows import Place, locate, options_of, without_last
from bot.core.library import Library
from bot.core.localities import state_of
from bot.core.locality_search import LocalitySearch
from bot.core.normalise import fold
from bot.core.scam import STRANGE, judge, pasted
from bot.messages import Decision, Session

NAVIGATION = ("back", "restart", "stop")
OPENS = re.compile(r"flow:[\w-]+|(?:entry|catalogue|at)(?::[\w.-]+)+", re.ASCII)  # payloads that a link may press
DUE_FLOW = "when-ready"
STARTS = ("flow", "steps", "resume")
MOST_CHOICES = 4  # localities of one name that are shown as buttons
# Without accents "dừng" is also "đúng" and "từ đầu" also "từ đâu": such words may not move anybody.
_SAID = {
    "back": ("quay lại", "trở lại", "back", "go back", "lùi lại"),
    "restart": ("làm lại", "làm lại từ đầu", "bắt đầu lại", "restart", "start over"),
    "stop": ("thoát", "thôi", "hủy", "stop", "exit", "quit", "cancel"),
    "resume": ("tiếp tục", "làm tiếp", "continue", "go on", "resume"),
}
_MEANS = {fold(words): payload for payload, said in _SAID.items() for words in said}
_IN_CLAUSES = ("duration", "received")  # "nộp hôm thứ hai, giấy hẹn 5 ngày làm việc" answers both
_CLAUSES = re.compile(r"\s*[,;\n]\s*")
_LATE = frozenset({"options", "date", "past-date", "duration", "received", "clock"})  # others read almost any words


class Guide:
    """Leads through the flows of one library. Holds no state between turns."""

    def __init__(self, library: Library) -> None:
        self._entries = library.entries
        self._flows = library.flows
        self._scam = library.scam
        self._localities = library.localities
        self._search = LocalitySearch(library.localities, home=library.communes["vi"].province)
        self._merged_from = fold(library.communes["vi"].merged_from)
        self._calendar = library.calendar

    # -- where the conversation is ----------------------------------------------------------------------------------

    def _locate(self, flow: Flow, answers: Mapping[str, str], today: date) -> Place:
        return locate(flow, answers, today, self._calendar)

    def _place(self, session: Session, today: date) -> tuple[Flow, Place] | None:
        flow = self._flows.get(session.flow)
        return (flow, self._locate(flow, session.answers, today)) if flow else None

    @staticmethod
    def _spoke_last(session: Session) -> bool:
        """Whether the last reply was the flow's: only its replies offer to go back or stop."""
        return any(choice.payload in NAVIGATION for choice in session.offered)

    def asking(self, session: Session, today: date) -> tuple[Flow, Place] | None:
        """The question that the last reply asked, if it was one of a flow."""
        at = self._place(session, today)
        return at if at and not at[1].done and self._spoke_last(session) else None

    def lost(self, session: Session, payload: str = "") -> bool:
        """Whether the flow is there no more that a button names, or that somebody is in."""
        verb, _, rest = payload.partition(":")
        name = rest.partition(":")[0] if verb in STARTS else session.flow
        return bool(name) and name not in self._flows

    def chosen(self, session: Session, text: str, today: date) -> str:
        """The payload that a typed text means inside a flow; outside, "quay lại" leads to the menu; "" when it means none."""
        means = _MEANS.get(fold(text), "")
        at = self._place(session, today)
        left = not self._spoke_last(session)
        if at is None or (left and at[1].done):
            return "menu" if means not in ("", "stop") else ""
        flow, place = at
        if means:
            return f"resume:{flow.id}" if means == "resume" or (left and means == "back") else means
        if left:
            return ""
        if place.done:
            return ""
        answer, _ = self.read_at(flow, place, text, today)
        if not answer:
            return ""
        given = {place.step.id: answer}
        if place.step.kind == "options":
            used = served(self._questions(flow, place), text, answer)
            given |= {} if used is None else self._said_too(flow, {**place.answers, **given}, text, used, today)
        return ":".join(["flow", flow.id, *(part for pair in given.items() for part in pair)])

    def late(self, session: Session, text: str, today: date) -> tuple[Decision, Session] | None:
        """The turn of an answer to the question that something else was asked in between; None when it is none."""
        at = self._place(session, today)
        if at is None or at[1].done or at[1].step.kind not in _LATE:
            return None
        flow, place = at
        answer, _ = self.read_at(flow, place, text, today)
        return self._answer(session, flow.id, f"{place.step.id}:{answer}", today) if answer else None

    def _said_too(
        self, flow: Flow, answers: Mapping[str, str], text: str, used: frozenset[int], today: date
    ) -> dict[str, str]:
        """The next questions that the same sentence clearly answers; the words at `used` have answered already."""
        more: dict[str, str] = {}
        while (place := self._locate(flow, {**answers, **more}, today)).step.kind in ("options", *_IN_CLAUSES):
            places = frozenset[int]()
            if place.step.kind == "options":
                answer, places = also_said(self._questions(flow, place), text, used)
            else:
                heard = (
                    self.read_at(flow, place, clause, today)[0] for clause in _CLAUSES.split(text) if " " in clause
                )
                answer = next(filter(None, heard), "")
            if not answer:
                break
            more[place.step.id] = answer
            used |= places
        return more

    def judges(self, session: Session, today: date) -> bool:
        """Whether the last reply asked for a message to be judged: what is pasted then is not kept."""
        asked = self.asking(session, today)
        return asked is not None and asked[1].step.kind == "message"

    def has_judged(self, decision: Decision) -> bool:
        """Whether the decision tells of a message that was judged without being asked for: it is not kept either."""
        name = self._first_asking("message")
        told = decision.kind == "flow" and decision.entry == name and not decision.facts.get("wrong")
        return told and bool(name) and decision.facts.get("step") != next(iter(self._flows[name].steps))

    @staticmethod
    def _questions(flow: Flow, place: Place) -> list[StepWords]:
        return [words.steps[place.step.id] for words in flow.words.values()]

    def read_at(self, flow: Flow, place: Place, text: str, today: date) -> tuple[str, str]:
        """(answer, "") or ("", what is wrong): what a typed text answers at a place of a flow."""
        words = self._questions(flow, place)
        return read(place.step, words, text, today, self._scam, localities=self._search, before=place.left_open)

    # -- what is said -----------------------------------------------------------------------------------------------

    def on_payload(self, session: Session, payload: str, today: date) -> tuple[Decision, Session] | None:
        """The turn of a button or of an answer; None when it names no flow that there is."""
        verb, _, rest = payload.partition(":")
        name, _, answer = rest.partition(":")
        if verb in STARTS and name in self._flows:
            return self.start(session, name, today) if not answer else self._answer(session, name, answer, today)
        if verb == "at" and name in self._flows:
            return self._show(session, self._flows[name], options_of(self._flows[name], answer), today)
        if verb == "due" and name in self._entries and DUE_FLOW in self._flows:
            return self._show(session, self._flows[DUE_FLOW], ordinary_length(self._entries[name].times), today)
        at = self._place(session, today)
        if at is None or verb not in NAVIGATION:
            return None
        flow, place = at
        if verb == "stop":
            decision = Decision("flow", "flow_stopped", flow.id, flow.topic, payloads=(f"flow:{flow.id}", "menu"))
            return decision, replace(session, flow="", answers={}, misses=0)
        return self._show(session, flow, without_last(place.kept) if verb == "back" else {}, today)

    def start(
        self, session: Session, name: str, today: date, *, confidence: float = 1.0, said: str = ""
    ) -> tuple[Decision, Session]:
        """The first question that `said` does not clearly answer; or the one where this flow stopped, however long ago."""
        flow = self._flows[name]
        first = self._locate(flow, {}, today)
        if first.step.kind == "message":
            said = pasted(said) or (said if self._brings_link(said) else "")
        if (
            said
            and first.step.kind in ("locality", "message")
            and (answer := self.read_at(flow, first, said, today)[0])
        ):
            return self._show(session, flow, {first.step.id: answer}, today, confidence=confidence)
        place = self._locate(flow, session.answers if session.flow == name else {}, today)
        answers = {} if place.done else place.kept
        if not answers:
            answers = self._said_too(flow, {}, said, frozenset(), today)
        return self._show(session, flow, answers, today, confidence=confidence)

    def for_place(self, text: str, topic: str) -> str:
        """The flow that asks for a place first, when the text says a place and nothing else, or is of its topic and names a
        place that is not part of this commune; else "".
        """
        name = self._first_asking("locality")
        if not name or self._search.is_address(text):
            return name
        foreign = topic == self._flows[name].topic and self._search.names_one(text)
        named = self._localities.named(self._search.answer(text)) if foreign else ()
        return name if named and not any(fold(one.bare) in self._merged_from for one in named) else ""

    def for_message(self, text: str) -> str:
        """The flow that asks for a message to be judged first, when the text itself is plainly fraud; else ""."""
        return self._first_asking("message") if judge(text, self._scam).level == "dangerous" else ""

    def for_link(self, text: str) -> str:
        """The same flow, when the text is a bare link, has a strange one with a reason for care, or brings a message; else ""."""
        return self._first_asking("message") if pasted(text) or self._brings_link(text) else ""

    def _first_asking(self, kind: str) -> str:
        return next((name for name, flow in self._flows.items() if next(iter(flow.steps.values())).kind == kind), "")

    def _brings_link(self, text: str) -> bool:
        if not any(hosts(text)):  # nearly every message: judging costs more than looking
            return False
        verdict = judge(text, self._scam)
        link = STRANGE if verdict.level == "dangerous" else STRANGE - {"strange-site"}
        strange = verdict.level in ("dangerous", "suspicious") and not link.isdisjoint(verdict.reasons)
        return strange or set(fold(without_addresses(text)).split()) == {"link"}

    def outcome(self, session: Session, name: str, today: date) -> tuple[Decision, Session] | None:
        """What was reached at the end of this flow, once more; with "" of the flow that spoke last."""
        at = self._place(session, today)
        if at is None or not at[1].done:
            return None
        wanted = at[0].id == name if name else self._spoke_last(session)
        return self._show(session, at[0], at[1].kept, today) if wanted else None

    def _answer(self, session: Session, name: str, answer: str, today: date) -> tuple[Decision, Session]:
        """Also an earlier question may be answered anew: later answers that still fit stay."""
        flow, answers = self._flows[name], dict(session.answers if session.flow == name else {})
        while answer:
            step, _, given = answer.partition(":")
            kind = flow.steps[step].kind if step in flow.steps else ""
            given, _, answer = given.partition(":") if kind == "options" else (given, "", "")
            if kind == "locality":
                given = self._localities.answer(given.split(), sure=state_of(given) != "likely")  # some ids may be gone
            answers[step] = given
        return self._show(session, flow, answers, today)

    def ask_again(
        self, session: Session, asked: tuple[Flow, Place], text: str, today: date
    ) -> tuple[Decision, Session]:
        """The same question, with what was not clear; a person is offered too from the second time on, or to whom does not know."""
        flow, place = asked
        _, wrong = self.read_at(flow, place, text, today)
        if is_unsure(text):
            session = replace(session, misses=session.misses + 1)
        return self._show(session, flow, place.kept, today, wrong=wrong)

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
        place = self._locate(flow, answers, today)
        misses = session.misses + 1 if wrong else 0
        moves = ("back", "restart") if place.kept else ()
        if place.done:
            related = flow.related.get(place.step.id, ())
            near = tuple(f"flow:{name}" if name in self._flows else f"entry:{name}" for name in related)
            payloads = (*near, f"card:flow:{flow.id}", *moves, "person", "menu")
        else:
            open_ones = self._localities.choices(place.left_open)[:MOST_CHOICES]
            options = tuple(f"flow:{flow.id}:{place.step.id}:{option}" for option in (*place.step.next, *open_ones))
            payloads = (*options, *(("person",) if misses > 1 else ()), *moves, "stop")
        decision = Decision(
            kind="flow",
            message="flow_outcome" if place.done else "flow_question",
            entry=flow.id,
            topic=flow.topic,
            confidence=confidence,
            payloads=payloads,
            facts={"step": place.step.id, "answers": place.kept, "wrong": wrong},
        )
        # "bao lâu?" in a flow is not about what came before it; after a list of papers it is about their entry
        entry = flow.papers[place.step.id].entry if place.step.id in flow.papers else ""
        return decision, replace(session, entry=entry, flow=flow.id, answers=place.kept, misses=misses)

    def with_return(self, decision: Decision, session: Session, today: date) -> Decision:
        """Whatever else was said in the middle of a flow, the last button leads back into it: "1" stays what it was."""
        at = self._place(session, today)
        if decision.kind == "flow" or at is None or at[1].done:
            return decision
        back = f"resume:{at[0].id}"
        return replace(decision, payloads=(*(p for p in decision.payloads if p != back), back))
