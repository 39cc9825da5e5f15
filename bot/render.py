"""Decision -> Reply: jinja2 (sandboxed, undefined names are errors) over content words and messages.yml."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from types import CodeType
from typing import Any
from urllib.parse import urlsplit

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.core import speak
from bot.core.flow_model import Passport
from bot.core.library import CATALOGUE, Commune, Entry, Library, Office, Unit, Words
from bot.core.workdays import opening
from bot.messages import LANGUAGES, Aspect, Card, Choice, Decision, Language, Link, Reply
from bot.render_card import card_of
from bot.render_flow import flow_label, flow_text, source_of

WARNINGS = ("otp", "account", "masked")  # said before anything else
BUTTON_ASPECTS: tuple[Aspect, ...] = ("documents", "fee", "time", "where", "how", "conditions")


class Renderer:
    """Puts decisions into words. `now` comes from outside so that any moment can be tried."""

    def __init__(self, library: Library, *, now: Callable[[], datetime], days: float, public: str = "") -> None:
        self.library = library
        self.public = public
        self._now = now
        self._days = days
        self._environments = {
            language: _environment(language, partial(self._open_now, language)) for language in library.messages
        }
        self._compiled = lru_cache(maxsize=4096)(self._compile)
        self._context = lru_cache(maxsize=2 * len(library.messages))(self._context_at)

    def _compile(self, language: Language, source: str) -> Template:
        env = self._environments[language]
        return Template.from_code(env, _code(language, source), env.make_globals(None))

    def say(self, key: str, language: Language, /, **values: Any) -> str:
        """One message of messages.yml."""
        return self.text(self.library.messages[language][key], language, **values)

    def text(self, source: str, language: Language, /, **values: Any) -> str:
        """A template of the content with the commune's settings at hand."""
        if "{" not in source:  # most answers; compiling them was half of what a start takes
            return tidy(source)
        return tidy(self._compiled(language, source).render(**self.context(language), **values))

    def context(self, language: Language) -> Mapping[str, Any]:
        """What every template may name; listed in docs/noi-dung.md."""
        return self._context(language, self._minute())

    def _context_at(self, language: Language, now: datetime) -> Mapping[str, Any]:
        commune = self.library.communes[language]
        officials = tuple(replace(o, unit=commune.units[o.unit].name) for o in commune.officials)
        offices = [
            {"name": o.name, "address": o.address, "phone": o.phone, "map": o.map, "hours": speak.hours(o.hours, language),
             "open_now": self._open_at(o, language, now)}
            for o in commune.offices
        ]  # fmt: skip
        return {
            "commune": commune,
            "offices": offices,
            "officials": officials,
            "units": commune.units,
            "days": f"{self._days:g}",
        }

    def _minute(self) -> datetime:
        """The current minute: offices open and close on the minute, so what depends on it can be kept for that long."""
        return self._now().replace(second=0, microsecond=0)

    def _open_now(self, language: Language, office: Office) -> str:
        return self._open_at(office, language, self._minute())

    def _open_at(self, office: Office, language: Language, now: datetime) -> str:
        state = opening(office.hours, now, self.library.calendar)
        if state.changes is None:
            return ""
        key = "open_until" if state.open else "opens_at"
        template = self._compiled(language, self.library.messages[language][key])
        return template.render(time=speak.moment(state.changes, now, language))

    def render(self, decision: Decision, language: Language) -> Reply:
        """The whole reply: notes, text, source line, buttons, links."""
        entry = self.library.entries.get(decision.entry)
        links: tuple[Link, ...] = ()
        spoken = language
        card: Card | None = None
        if decision.message == "card":
            card = card_of(self, decision, language)
            text, spoken = self.say("card", language, short=card.short), card.language
        elif decision.message == "entry" and entry is not None:
            text, spoken, links = self._entry(entry, decision, language)
        elif decision.kind == "flow" and "step" in decision.facts:
            flow = self.library.flows[decision.entry]
            text = flow_text(self, flow, decision.facts, language)
            if decision.message == "flow_outcome":
                passport = source_of(self.library, flow, str(decision.facts["step"]))
                text += "\n\n" + self.source(passport, language)
                links = self.official(passport, language)
        elif decision.entry.startswith(CATALOGUE):
            text, links = self.catalogue(decision.entry.removeprefix(CATALOGUE), language)
        else:
            unit, office = self.desk(entry, language)
            text = self.say(decision.message, language, unit=unit, office=office, **self._named(decision, language))
        before = [self.say(note, language) for note in decision.notes if note in WARNINGS]
        after = [self.say(note, language) for note in decision.notes if note not in WARNINGS]
        if spoken != language:
            before.append(self.say("untranslated", language))
        body = "\n\n".join(part for part in (*before, text, *after) if part)
        return Reply(body, language, self.choices(decision.payloads, language), links, card)

    def desk(self, entry: Entry | None, language: Language) -> tuple[Unit, Office]:
        """The unit and office a person is sent to: the owner of what was spoken of, else the one-stop counter."""
        commune = self.library.communes[language]
        unit = owner_of(entry, commune)
        return unit, next(o for o in commune.offices if o.id == unit.office)

    def _named(self, decision: Decision, language: Language) -> dict[str, Any]:
        section = self.library.menu.get(str(decision.facts.get("section", "")))
        named: dict[str, Any] = {"title": section.labels[language] if section else "", "near": None, "distance": ""}
        match decision.facts.get("near"):
            case (office_id, float(kilometres)):
                named["near"] = next(o for o in self.library.communes[language].offices if o.id == office_id)
                named["distance"] = speak.kilometres(kilometres, language)
        return named

    def _entry(self, entry: Entry, decision: Decision, language: Language) -> tuple[str, Language, tuple[Link, ...]]:
        words, spoken = entry.in_language(language)
        text = self.aspect(entry, words, decision.aspect, spoken, decision.facts)
        last = self.source(entry.passport, spoken) if entry.kind in ("procedure", "faq") else ""
        return "\n\n".join(part for part in (text, last) if part), spoken, self.official(entry.passport, language)

    def source(self, passport: Passport, language: Language) -> str:
        """The last line: where it comes from and when it was checked."""
        line = self.say(
            "source",
            language,
            source=host_of(passport) or self.library.communes[language].name,
            checked=passport.checked,
        )
        expired = passport.expires < self._now().date()
        return self.say("expired", language, checked=passport.checked) + "\n" + line if expired else line

    def official(self, passport: Passport, language: Language) -> tuple[Link, ...]:
        """The official page, where the source is one."""
        if not host_of(passport).endswith(".gov.vn"):
            return ()
        return (Link(self.say("button_official", language), passport.source),)

    def aspect(
        self, entry: Entry, words: Words, aspect: Aspect, language: Language, facts: Mapping[str, object]
    ) -> str:
        """What was asked, or the general answer with a word of excuse."""
        values: dict[str, Any] = {"official": None, **facts}
        written = self.text(words.answers[aspect], language, **values) if aspect in words.answers else ""
        commune = self.library.communes[language]
        unit, office = self.desk(entry, language)
        match aspect:
            case "documents" if words.papers:
                return self.say("aspect_documents", language, title=words.title, groups=words.papers, extra=written)
            case "fee" if entry.fees:
                local = next((f for f in commune.local_fees if f.code in entry.codes), None)
                spoken = self.say("fee_local", language, local=local) if local else ""
                return self.say(
                    "aspect_fee",
                    language,
                    title=words.title,
                    fees=self._fees(entry, words, language),
                    local=spoken,
                    extra=written,
                )
            case "time" if entry.times:
                return self.say(
                    "aspect_time", language, title=words.title, times=self._times(entry, words, language), extra=written
                )
            case "where" if entry.kind in ("procedure", "faq"):
                text = written or self.say("where_default", language)
                return self.say("aspect_where", language, text=text, office=office, unit=unit)
            case "legal_basis" if entry.passport.legal_basis and not written:
                return self.say(
                    "aspect_legal_basis", language, title=words.title, legal_basis=entry.passport.legal_basis
                )
            case "form" | "status" if not written and entry.kind == "procedure":
                return self.say(f"aspect_{aspect}", language, title=words.title, unit=unit)
        if written:
            online = self.say(f"online_{entry.online}", language) if aspect == "how" and entry.online else ""
            return "\n".join(part for part in (online, written) if part)
        general = self.text(words.answers["overview"], language, **values)
        if entry.kind in ("contact", "talk"):
            return general
        return self.say("aspect_missing", language) + "\n\n" + general

    def _fees(self, entry: Entry, words: Words, language: Language) -> list[str]:
        rows = []
        for fee in entry.fees:
            amount = (
                speak.money(fee.amount, language) if fee.amount is not None else self.say(f"fee_{fee.status}", language)
            )
            channel = "" if fee.channel == "any" else self.say(f"channel_{fee.channel}", language)
            detail = ", ".join(part for part in (channel, words.fees.get(fee.id, "")) if part)
            rows.append(f"{amount}: {detail}" if detail else amount)
        return rows

    def _times(self, entry: Entry, words: Words, language: Language) -> list[str]:
        rows = []
        for row in entry.times:
            length = speak.duration(row.value, row.unit, language) if row.value else self.say("time_unknown", language)
            detail = words.times.get(row.id, "")
            rows.append(f"{length}: {detail}" if detail else length)
        return rows

    def catalogue(self, code: str, language: Language) -> tuple[str, tuple[Link, ...]]:
        """A procedure that we know by name only, and its official page."""
        item = self.library.catalogue[code]
        text = self.say("catalogue", language, item=item)
        if item.replaced_by:
            text += "\n\n" + self.say(
                "catalogue_repealed" if item.replaced_by == "-" else "catalogue_replaced", language, item=item
            )
        return text, (Link(self.say("button_official", language), item.url),)

    def choices(self, payloads: tuple[str, ...], language: Language) -> tuple[Choice, ...]:
        """Buttons with labels; a payload that names nothing any more is left out.

        Some procedures of the catalogue begin alike, or are called alike at two levels: their codes tell them apart.
        """
        made: dict[str, Choice] = {}
        for payload in payloads:
            label = self.label(payload, language)
            if label in made:
                label = f"{speak.shorten(label, 60)} ({payload.rpartition(':')[2]})"
            if label:
                made[label] = Choice(label, payload)
        return tuple(made.values())

    def label(self, payload: str, language: Language) -> str:
        """The words on the button of `payload`, "" when it names nothing."""
        verb, _, rest = payload.partition(":")
        if verb == "entry":
            entry_id, _, aspect = rest.partition(":")
            if aspect:
                return self.library.messages[language].get(f"button_{aspect}", "")
            entry = self.library.entries.get(entry_id)
            return entry.in_language(language)[0].label if entry else ""
        if verb in ("flow", "resume"):
            return flow_label(self, verb, rest, language)
        if verb == "catalogue":
            item = self.library.catalogue.get(rest)
            return speak.shorten(item.name, 72) if item else ""
        if verb == "menu" and rest:
            section = self.library.menu.get(rest)
            return section.labels[language] if section else ""
        return self.library.messages[language].get(f"button_{verb}", "")


def host_of(passport: Passport) -> str:
    """The site of the source, "" where there is none."""
    return (urlsplit(passport.source).hostname or "").removeprefix("www.")


def owner_of(entry: Entry | None, commune: Commune) -> Unit:
    """The unit that answers for an entry; the one-stop counter for what belongs to nobody."""
    return commune.units.get(entry.passport.owner if entry else "", next(iter(commune.units.values())))


def _environment(language: Language, open_now: Callable[[Office], str]) -> ImmutableSandboxedEnvironment:
    env = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env.filters["money"] = lambda n: speak.money(int(n), language)
    env.filters["day"] = lambda d: speak.day(d, language)
    env.filters["hours"] = lambda hours: speak.hours(hours, language)
    env.filters["open_now"] = open_now
    return env


_COMPILING = {language: _environment(language, str) for language in LANGUAGES}


@lru_cache(maxsize=1 << 13)
def _code(language: Language, source: str) -> CodeType:
    """What a template compiles to. The code looks filters up when it runs, so the check of new content, the answers from it and
    the content after the next change share it: compiling is half of the time that loading takes."""
    return _COMPILING[language].compile(source)


def tidy(text: str) -> str:
    """No trailing blanks, at most one empty line, none at the ends."""
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(kept).strip()
