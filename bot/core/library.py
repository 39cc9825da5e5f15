"""The frozen Library that every stage reads: entries, wording, the commune, the catalogue. Made by bot.loader.

Facts (codes, amounts, days) are stored once; words are stored per language under the same ids.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal

from bot.core.addresses import ScamLists
from bot.core.flow_model import Flow, FlowWords, Passport
from bot.core.localities import Localities
from bot.messages import Aspect, DecisionKind, Language

EntryKind = Literal["procedure", "faq", "contact", "talk"]
CATALOGUE = "catalogue:"


@dataclass(frozen=True, slots=True)
class Fee:
    """`amount` in đồng; None with `status` "free", "province" (its council sets it) or "unknown"."""

    id: str
    status: Literal["amount", "free", "province", "unknown"]
    channel: Literal["any", "counter", "online", "post"] = "any"
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Duration:
    """`value` counted in `unit`; None when the sources do not say. `same_day`: at once, unless it is handed in late that day."""

    id: str
    value: float | None = None
    unit: Literal["working_day", "day", "hour", "month", ""] = ""
    same_day: bool = False


@dataclass(frozen=True, slots=True)
class PaperCase:
    """The papers of one case, in one language."""

    id: str
    case: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """One entry in one language. `answers` are jinja2 templates over the commune's settings."""

    title: str
    label: str
    answers: Mapping[Aspect, str]
    questions: Mapping[Aspect, tuple[str, ...]]
    agency: str = ""
    fees: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)
    papers: tuple[PaperCase, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing the assistant can speak of."""

    id: str
    topic: str
    kind: EntryKind
    act: DecisionKind
    passport: Passport
    words: Mapping[Language, Words]
    codes: tuple[str, ...] = ()
    online: Literal["full", "partial", "counter", ""] = ""
    fees: tuple[Fee, ...] = ()
    times: tuple[Duration, ...] = ()
    related: tuple[str, ...] = ()
    flow: str = ""

    def in_language(self, language: Language) -> tuple[Words, Language]:
        """The words in `language`, or the Vietnamese ones where nobody has translated them yet."""
        if language in self.words:
            return self.words[language], language
        return self.words["vi"], "vi"


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One national procedure that we know by name only: who handles it and where to read about it."""

    code: str
    name: str
    topic: str
    level: str
    agency: str
    url: str
    replaced_by: str = ""  # a newer code; "-" when it was repealed


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of the days `days` (0 = Monday): pairs of opening and closing time, the lunch break between."""

    days: tuple[int, ...]
    spans: tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """What this commune adds to the national calendar: days `off`, Saturdays and Sundays worked (`on`); `hours` of its counter."""

    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()
    hours: tuple[Hours, ...] = (Hours((0, 1, 2, 3, 4), ((time(8), time(12)), (time(13), time(17)))),)


@dataclass(frozen=True, slots=True)
class Office:
    id: str
    name: str
    address: str
    phone: str
    hours: tuple[Hours, ...]
    map: str = ""
    place: tuple[float, float] | None = None  # latitude and longitude in degrees


@dataclass(frozen=True, slots=True)
class Unit:
    """Who answers for a field of work; `office` is where it sits."""

    id: str
    name: str
    phone: str
    duty: str
    office: str


@dataclass(frozen=True, slots=True)
class Official:
    role: str
    name: str
    phone: str
    unit: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalFee:
    """What the province's council or the commune has set, for a procedure code."""

    code: str
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Commune:
    """One language's view of content/commune.yml."""

    name: str
    province: str
    hotline: str
    website: str
    area: str
    population: str
    merged_from: str
    appointment: str
    mobile_day: str
    offices: tuple[Office, ...]
    units: Mapping[str, Unit]
    officials: tuple[Official, ...]
    local_fees: tuple[LocalFee, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuSection:
    labels: Mapping[Language, str]
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """Everything that may be said. `version` is a hash of all files it was made of."""

    version: str
    entries: Mapping[str, Entry]
    topics: Mapping[str, Mapping[Language, str]]
    menu: Mapping[str, MenuSection]
    messages: Mapping[Language, Mapping[str, str]]
    communes: Mapping[Language, Commune]
    catalogue: Mapping[str, CatalogueItem]
    entry_of_code: Mapping[str, str]
    scam: ScamLists
    calendar: Calendar = Calendar()
    flows: Mapping[str, Flow] = field(default_factory=dict)
    localities: Localities = field(default_factory=Localities)

    def asked(self) -> Iterator[tuple[str, Language, Words | FlowWords]]:
        """(id, language, words) of all that people ask for in their words; a flow without questions is reached by buttons."""
        things: tuple[Entry | Flow, ...] = (*self.entries.values(), *self.flows.values())
        for thing in things:
            for language, words in thing.words.items():
                if words.questions:
                    yield thing.id, language, words

    def topic_of(self, candidate: str) -> str:
        """The topic of an entry, of a flow, of "catalogue:CODE" or of "catalogue:TOPIC" (some procedure of it); "" if gone."""
        if candidate.startswith(CATALOGUE):
            name = candidate.removeprefix(CATALOGUE)
            item = self.catalogue.get(name)
            return item.topic if item else name if name in self.topics else ""
        thing = self.entries.get(candidate) or self.flows.get(candidate)
        return thing.topic if thing else ""

    def codes_of(self, candidate: str) -> tuple[str, ...]:
        """The national codes of an entry id or of "catalogue:CODE"."""
        if candidate.startswith(CATALOGUE):
            return (candidate.removeprefix(CATALOGUE),)
        entry = self.entries.get(candidate)
        return entry.codes if entry else ()

    def label_of(self, candidate: str, language: Language) -> str:
        """A short name for a button."""
        if candidate.startswith(CATALOGUE):
            return self.catalogue[candidate.removeprefix(CATALOGUE)].name
        return self.entries[candidate].in_language(language)[0].label
