"""(session, understanding, library) -> Decision and the session after it. Pure: the same input, the same decision.

Confidence is first added up by topic: two entries of one topic that share the doubt are no reason to ask back.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date

from bot.core.answers import is_unsure
from bot.core.guide import DUE_FLOW, Guide
from bot.core.library import CATALOGUE, Entry, Library
from bot.core.people import find_official
from bot.core.search import Search, catalogue_payload
from bot.messages import ASPECTS, Aspect, Candidate, Decision, DecisionKind, Language, Session, Understanding

# Measured on tests/nlu (docs/decisions/0004-nlu-pipeline.md): answers above SURE are right in at least 19 of 20 cases.
SURE = 0.60  # confidence of a topic above which it is answered
QUIET_SURE = 0.35  # the same for talk and for what ends in "I do not know that": an error here costs less
ASK = 0.30  # confidence that the choices must reach together before it is worth asking back
ASPECT_SURE = 0.20  # confidence above which the aspect is answered rather than the overview
ASPECT_CLEAR = 0.60  # confidence of an aspect that, without a subject, continues the last one
ASPECT_WORDS = 6  # and at most so many words
FOLLOWS = 0.30  # confidence of a topic below which a message that only names an aspect belongs to the last entry
NAME_COVERED = 0.4  # share of a question's weight that an official name must cover to be shown as the answer
PLACE_SURE = 0.8  # confidence of another topic below which a text that is nothing but a place is looked up
CHOICES = 3
RELATED = 2
AGREES = "confirm"  # the entry of "ok", "vâng"
PRINTED: tuple[Aspect, ...] = ("documents", "how", "where")  # what one wants to have on paper when one sets out
QUIET: frozenset[DecisionKind] = frozenset({"talk", "fallback", "handover", "clarify"})


class Decider:
    """Decides for one library. Holds no state between turns."""

    def __init__(self, library: Library, search: Search) -> None:
        self.library = library
        self.guide = Guide(library)
        self._search = search

    # -- free text -----------------------------------------------------------------------------------------------

    def on_words(
        self, session: Session, heard: Understanding, language: Language, today: date
    ) -> tuple[Decision, Session]:
        """A message that was understood, more or less. In a flow it did not answer: another question, or unclear."""
        asked = self.guide.asking(session, today)
        if is_unsure(heard.text):
            if asked:
                return self.guide.ask_again(session, asked, heard.text, today)
            return self.guide.late(session, heard.text, today) or self.menu(session)
        if asked is None:
            decision, after = self._free(session, heard, language, today)
            unclear = decision.kind in ("clarify", "fallback") or decision.message == "person_after_misses"
            if unclear and (late := self.guide.late(session, heard.text, today)):
                return late
            return self._flow_gone(session) if unclear and self.guide.lost(session) else (decision, after)
        decision, after = self._free(replace(session, misses=0), heard, language, today)
        if decision.entry == AGREES:  # to what? the question stands
            return self.guide.start(after, session.flow, today)
        other = decision.kind in ("answer", "talk", "handover", "flow") and decision.entry != session.flow
        if other and decision.confidence >= SURE:
            return decision, after
        again, after = self.guide.ask_again(session, asked, heard.text, today)
        if decision.kind == "clarify" and after.misses > 1:  # perhaps it is another question, and not so clear
            again = replace(again, payloads=(*again.payloads, *(p for p in decision.payloads if p != "none")))
        return again, after

    def _free(
        self, session: Session, heard: Understanding, language: Language, today: date
    ) -> tuple[Decision, Session]:
        known = [c for c in heard.candidates if self.library.topic_of(c.entry)]
        aspect = heard.aspect if heard.aspect_confidence >= ASPECT_SURE else "overview"
        if self._follows(session, known, heard):
            last = Candidate(session.entry, known[0].confidence if known else 0.0)
            return self._answer(session, last, aspect, language, heard.text)
        topics = self._by_topic(known)
        topic, mass = topics[0] if topics else ("", 0.0)
        flow = self.guide.for_place(heard.text, topic)
        if flow and (mass < PLACE_SURE or topic == self.library.topic_of(flow)):
            return self.guide.start(session, flow, today, confidence=ASK, said=heard.text)
        if flow := self.guide.for_link(heard.text):  # pasted without a word, whatever it speaks of
            return self.guide.start(session, flow, today, confidence=SURE, said=heard.text)
        if topics:
            speaker = self._speaker(topic, known, heard.text)
            if speaker in self.library.flows and mass >= SURE:
                return self.guide.start(session, speaker, today, confidence=mass, said=heard.text)
            if speaker and mass >= (QUIET_SURE if self._act(speaker) in QUIET else SURE):
                return self._answer(session, Candidate(speaker, mass), aspect, language, heard.text)
        return self._unsure(session, known, topics, heard)

    def _follows(self, session: Session, known: list[Candidate], heard: Understanding) -> bool:
        """Whether the message continues the last subject: it has none of its own."""
        if not session.entry or not self.library.topic_of(session.entry):
            return False
        if not known:
            return heard.aspect != "overview" and heard.aspect_confidence >= ASPECT_SURE
        if self._act(known[0].entry) == "clarify":
            return True
        topic, mass = self._by_topic(known)[0]
        other = topic != self.library.topic_of(session.entry)
        only_asks = heard.aspect != "overview" and heard.aspect_confidence >= ASPECT_CLEAR
        return other and mass < FOLLOWS and only_asks and len(heard.text.split()) <= ASPECT_WORDS

    def _by_topic(self, known: list[Candidate]) -> list[tuple[str, float]]:
        masses: dict[str, float] = defaultdict(float)
        for candidate in known:
            masses[self.library.topic_of(candidate.entry)] += candidate.confidence
        return sorted(masses.items(), key=lambda pair: -pair[1])

    def _act(self, candidate: str) -> DecisionKind:
        entry = self.library.entries.get(candidate)
        return entry.act if entry else "answer"

    def _answer(
        self, session: Session, sure: Candidate, aspect: Aspect, language: Language, text: str
    ) -> tuple[Decision, Session]:
        """Speak of one entry or catalogue item, the way its `act` says."""
        act = self._act(sure.entry)
        if act == "handover":
            return self.hand_over(session, entry=sure.entry, confidence=sure.confidence)
        if act == "clarify":
            flow = self.library.entries[sure.entry].flow if aspect == "documents" else ""
            choose = (f"flow:{flow}", "menu") if flow in self.library.flows else ("menu",)
            decision = Decision(
                "clarify", "clarify_topic", sure.entry, "followup", confidence=sure.confidence, payloads=choose
            )
            return decision, replace(session, misses=session.misses + 1)
        decision = self._about(sure.entry, aspect, language, text, confidence=sure.confidence)
        if act == "fallback":
            hits = self._search.catalogue(text) if sure.entry == "procedure-other" else []
            found = tuple(dict.fromkeys(catalogue_payload(self.library, hit.key) for hit in hits))
            decision = replace(decision, kind="fallback", payloads=(*found, "person", "menu"))
            return decision, replace(session, misses=0)
        if act == "talk":
            # who agrees was asked something: the choices stay, with the numbers that they had
            still = tuple(choice.payload for choice in session.offered) if sure.entry == AGREES else ()
            return replace(decision, kind="talk", payloads=still or decision.payloads), replace(session, misses=0)
        return decision, replace(session, entry=sure.entry, aspect=aspect, misses=0)

    def _about(self, candidate: str, aspect: Aspect, language: Language, text: str, *, confidence: float) -> Decision:
        facts = {}
        entry = self.library.entries.get(candidate)
        if entry is not None and entry.kind == "contact":
            facts["official"] = find_official(text, self.library.communes[language])
        return Decision(
            kind="answer",
            message="entry" if entry else "catalogue",
            entry=candidate,
            topic=self.library.topic_of(candidate),
            codes=self.library.codes_of(candidate),
            aspect=aspect,
            confidence=confidence,
            payloads=self._buttons(entry, aspect),
            facts=facts,
        )

    def _buttons(self, entry: Entry | None, aspect: Aspect) -> tuple[str, ...]:
        """The other aspects that have something to say, the neighbours, a person."""
        if entry is None:
            return ("person", "menu")
        related = [other for other in entry.related if other in self.library.entries]
        if entry.kind == "talk":
            return (*(f"entry:{other}" for other in related if self._act(other) == "answer"), "menu", "person")
        words = entry.words["vi"]
        has: dict[str, bool] = {"documents": bool(words.papers), "fee": bool(entry.fees), "time": bool(entry.times)}
        order: tuple[Aspect, ...] = ("documents", "fee", "time", "where", "how", "conditions")
        aspects = [a for a in order if a != aspect and (has.get(a) or a in words.answers)]
        near = [f"entry:{other}" for other in related[:RELATED]]
        steps = (f"steps:{entry.flow}",) if entry.flow in self.library.flows else ()
        known = aspect == "time" and any(time.value for time in entry.times) and DUE_FLOW in self.library.flows
        due = (f"due:{entry.id}",) if known else ()
        printed = (f"card:entry:{entry.id}:{aspect}",) if entry.kind != "contact" and aspect in PRINTED else ()
        return (*due, *steps, *(f"entry:{entry.id}:{a}" for a in aspects), *near, *printed, "person")

    def _unsure(
        self, session: Session, known: list[Candidate], topics: list[tuple[str, float]], heard: Understanding
    ) -> tuple[Decision, Session]:
        """Ask back, or say honestly that it was not understood; the second time in a row offer a person."""
        if session.misses >= 1:
            return self.hand_over(
                session, entry="", confidence=topics[0][1] if topics else 0.0, message="person_after_misses"
            )
        missed = replace(session, misses=session.misses + 1)
        spoken = [(speaker, mass) for topic, mass in topics if (speaker := self._speaker(topic, known, heard.text))]
        offered = [(speaker, mass) for speaker, mass in spoken if self._may_be_meant(speaker)][:CHOICES]
        if (flow := self.guide.for_message(heard.text)) and flow not in dict(offered):
            offered = [(flow, ASK), *offered[: CHOICES - 1]]
        if offered and sum(mass for _, mass in offered) >= ASK:
            payloads = tuple(self._payload(speaker) for speaker, _ in offered)
            return Decision("clarify", "clarify", confidence=topics[0][1], payloads=(*payloads, "none")), missed
        found = tuple(
            dict.fromkeys(catalogue_payload(self.library, hit.key) for hit in self._search.catalogue(heard.text))
        )
        message = "fallback_search" if found else "fallback"
        confidence = topics[0][1] if topics else 0.0
        return Decision("fallback", message, confidence=confidence, payloads=(*found, "person", "menu")), missed

    def _may_be_meant(self, speaker: str) -> bool:
        """Whether a button with its name helps somebody say what was meant: "Hỏi về pháp luật" does, "Lời chào" does not."""
        entry = self.library.entries.get(speaker)
        return entry is None or entry.kind != "talk"

    def _speaker(self, topic: str, known: list[Candidate], text: str) -> str:
        """Who speaks for a topic: its best entry, or the procedure of the catalogue whose name fits; "" when nobody does."""
        mine = [c.entry for c in known if self.library.topic_of(c.entry) == topic]
        if mine[0].startswith(CATALOGUE):
            hits = self._search.catalogue(text, limit=20, coverage=NAME_COVERED)
            fitting = [hit.key for hit in hits if self.library.catalogue[hit.key].topic == topic]
            if fitting:
                return CATALOGUE + fitting[0]
        spoken = self.library.entries.keys() | self.library.flows.keys()
        return next((candidate for candidate in mine if candidate in spoken), "")

    def _payload(self, candidate: str) -> str:
        if candidate.startswith(CATALOGUE):
            return candidate
        return f"flow:{candidate}" if candidate in self.library.flows else f"entry:{candidate}"

    # -- buttons and commands ------------------------------------------------------------------------------------

    def on_payload(self, session: Session, payload: str, language: Language, today: date) -> tuple[Decision, Session]:
        """A pressed button. One that names nothing any more opens the menu."""
        if guided := self.guide.on_payload(session, payload, today):
            return guided
        verb, _, rest = payload.partition(":")
        if verb == "entry":
            entry_id, _, aspect = rest.partition(":")
            if entry_id in self.library.entries:
                asked = next(
                    (a for a in ASPECTS if a == aspect), session.aspect if entry_id == session.entry else "overview"
                )
                return self._answer(session, Candidate(entry_id, 1.0), asked, language, "")
        if verb == "catalogue" and rest in self.library.catalogue:
            return self._answer(session, Candidate(payload, 1.0), "overview", language, "")
        if verb == "card":
            return self.on_card(session, rest, language, today)
        if verb == "person":
            return self.hand_over(session, entry=session.entry, confidence=1.0)
        if verb == "none":
            return self.hand_over(session, entry="", confidence=0.0, message="person_after_misses")
        return self._flow_gone(session) if self.guide.lost(session, payload) else self.menu(session, rest)

    def _flow_gone(self, session: Session) -> tuple[Decision, Session]:
        """An editor took the flow away while somebody was in it: a word of excuse, and the menu."""
        decision, after = self.menu(session)
        return replace(decision, message="flow_gone"), replace(after, flow="", answers={})

    def on_card(self, session: Session, subject: str, language: Language, today: date) -> tuple[Decision, Session]:
        """The answer that `subject` (a payload) names, to take home; with "" the last one."""
        verb, _, rest = subject.partition(":")
        found = self.guide.outcome(session, rest, today) if verb in ("flow", "") else None
        if not subject and session.entry:
            name = session.entry if session.entry.startswith(CATALOGUE) else f"entry:{session.entry}:{session.aspect}"
            found = found or self.on_payload(session, name, language, today)
        if verb in ("entry", "catalogue", "at"):
            found = self.on_payload(session, subject, language, today)
        if found is None or found[0].kind not in ("answer", "flow") or found[0].message == "flow_question":
            return Decision("talk", "card_nothing", payloads=("menu",)), session
        decision, after = found
        payloads = tuple(p for p in decision.payloads if not p.startswith("card"))
        return replace(decision, message="card", payloads=payloads), after

    def menu(self, session: Session, section: str = "") -> tuple[Decision, Session]:
        """The sections, or the entries of one."""
        kept = replace(session, misses=0)
        if section in self.library.menu:
            entries = tuple(self._payload(name) for name in self.library.menu[section].entries)
            return Decision("talk", "menu_section", facts={"section": section}, payloads=(*entries, "menu")), kept
        return Decision("talk", "menu", payloads=(*(f"menu:{name}" for name in self.library.menu), "person")), kept

    def hand_over(
        self, session: Session, *, entry: str, confidence: float, message: str = "person"
    ) -> tuple[Decision, Session]:
        """The office that can help, with its hours."""
        about = entry or session.entry
        decision = Decision(
            "handover", message, about, self.library.topic_of(entry), confidence=confidence, payloads=("menu",)
        )
        return decision, replace(session, misses=0)
