"""What may stand in a content file. pydantic models; also exported as JSON Schema for editors.

Vietnamese files hold facts and words; files of other languages hold words only, under the same ids.
"""

import re
from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from bot.messages import Aspect, DecisionKind

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
TopicSlug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")]
Code = Annotated[str, StringConstraints(pattern=r"^\d\.\d{6}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=110)]
Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=400)]
Link = Annotated[str, StringConstraints(pattern=r"^https://[^\s/]+\.[^\s]+$")]


def _day(value: object) -> date:
    """Days are written 2026-11-23, so that 03/04 can never be read two ways."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("a day such as 2026-11-23")
    return date.fromisoformat(value)


Day = Annotated[date, BeforeValidator(_day)]


def _one_of(**spoken: str) -> Any:
    """Content says it in Vietnamese; the program reads an English word."""
    by_word = {word.replace("_", " "): value for word, value in spoken.items()}

    def convert(value: object) -> object:
        if not isinstance(value, str) or value not in by_word:
            raise ValueError("one of: " + " | ".join(by_word))
        return by_word[value]

    return BeforeValidator(convert, json_schema_input_type=Literal[tuple(by_word)])


Channel = Annotated[
    Literal["any", "counter", "online", "post"],
    _one_of(mọi_kênh="any", trực_tiếp="counter", trực_tuyến="online", bưu_chính="post"),
]
Online = Annotated[
    Literal["full", "partial", "counter"], _one_of(toàn_trình="full", một_phần="partial", trực_tiếp="counter")
]
Unit = Annotated[
    Literal["working_day", "day", "hour", "month"],
    _one_of(ngày_làm_việc="working_day", ngày="day", giờ="hour", tháng="month"),
]


def _amount(value: str) -> str:
    if (value not in ("miễn phí", "tỉnh quy định", "chưa rõ") and not value.isascii()) or value.startswith("0"):
        raise ValueError("8000 | miễn phí | tỉnh quy định | chưa rõ")
    if value.isascii() and not value.isdigit():
        raise ValueError("8000 | miễn phí | tỉnh quy định | chưa rõ")
    return value


def _value(value: str) -> str:
    if value != "chưa rõ" and not (re.fullmatch(r"[0-9]+([.,][0-9]+)?", value) and float(value.replace(",", ".")) > 0):
        raise ValueError("3 | 0.5 | chưa rõ")
    return value


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PassportFile(Model):
    """Where something comes from. Of a flow the owner stands beside the steps."""

    checked: Day
    expires: Day
    source: Link | None = None
    legal_basis: tuple[Text, ...] = ()


class OwnedPassportFile(PassportFile):
    owner: Slug


class FeeFile(Model):
    id: Slug
    amount: Annotated[str, AfterValidator(_amount)]
    channel: Channel = "any"
    words: Text | None = None


class TimeFile(Model):
    id: Slug
    value: Annotated[str, AfterValidator(_value)]
    unit: Unit | None = None
    same_day: Literal["có"] | None = None
    words: Text | None = None


class PapersFile(Model):
    id: Slug
    case: Text
    items: Annotated[tuple[Text, ...], Field(min_length=1)]


class WordsFile(Model):
    """What every language says of an entry."""

    id: Slug
    title: Title
    label: Label
    agency: Text | None = None
    answers: dict[Aspect, Text]
    questions: dict[Aspect, tuple[Question, ...]]


class EntryFile(WordsFile):
    """content/vi/…: the master, facts and words."""

    kind: Literal["procedure", "faq", "contact", "talk"]
    topic: TopicSlug
    act: DecisionKind | None = None
    passport: OwnedPassportFile
    codes: tuple[Code, ...] = ()
    online: Online | None = None
    fees: tuple[FeeFile, ...] = ()
    times: tuple[TimeFile, ...] = ()
    papers: tuple[PapersFile, ...] = ()
    related: tuple[Slug, ...] = ()
    flow: Slug | None = None


class PapersWords(Model):
    case: Text
    items: Annotated[tuple[Text, ...], Field(min_length=1)]


class TranslationFile(WordsFile):
    """content/<other language>/…: words only, under the ids of the Vietnamese file."""

    fees: dict[Slug, Text] = {}
    times: dict[Slug, Text] = {}
    papers: dict[Slug, PapersWords] = {}


class TopicFile(Model):
    vi: Text
    en: Text


class MenuFile(Model):
    """One section of content/menu.yml."""

    vi: Label
    en: Label
    entries: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=8)]


DOMAIN = r"^[a-z0-9][a-z0-9\-]*(\.[a-z0-9\-]+)+$"
Domains = tuple[Annotated[str, StringConstraints(pattern=DOMAIN)], ...]


class ScamFile(Model):
    """content/scam.yml"""

    official: Annotated[Domains, Field(min_length=1)]
    names: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{3,}$")], ...]
    stores: Domains
    open: Domains
    shorteners: Domains


class ScamExamplesFile(Model):
    """content/scam_examples.yml: whole messages, addresses included."""

    scam: tuple[Text, ...]
    harmless: tuple[Text, ...]


class Both(Model):
    """The same words in both languages."""

    vi: Text
    en: Text


class HoursFile(Model):
    days: Annotated[str, StringConstraints(pattern=r"^(T[2-7]|CN)(-(T[2-7]|CN))?$")]
    opens: Annotated[time, Field(alias="from")]
    closes: Annotated[time, Field(alias="to")]


class OfficeFile(Model):
    id: Slug
    name: Both
    address: Both
    phone: Text
    hours: Annotated[tuple[HoursFile, ...], Field(min_length=1)]
    map: Link | None = None
    place: Annotated[str, StringConstraints(pattern=r"^-?\d{1,2}\.\d+, *-?\d{1,3}\.\d+$")] | None = None


class UnitFile(Model):
    id: Slug
    name: Both
    phone: Text
    duty: Both
    office: Slug


class OfficialFile(Model):
    role: Both
    name: Text
    phone: Text
    unit: Slug
    also: tuple[Text, ...] = ()


class LocalFeeFile(Model):
    code: Code
    words: Both
    source: Text


class CalendarFile(Model):
    """Days off, and Saturdays and Sundays worked, which the national calendar does not know."""

    days_off: tuple[Day, ...] = ()
    working_days: tuple[Day, ...] = ()


class CommuneFile(Model):
    """content/commune.yml: the installation."""

    name: Both
    province: Both
    hotline: Text
    website: Link
    area: Both
    population: Both
    merged_from: Both
    appointment: Both
    mobile_day: Both
    offices: Annotated[tuple[OfficeFile, ...], Field(min_length=1)]
    units: Annotated[tuple[UnitFile, ...], Field(min_length=1)]
    officials: tuple[OfficialFile, ...] = ()
    local_fees: tuple[LocalFeeFile, ...] = ()
    calendar: CalendarFile = CalendarFile()
    routing: dict[Slug, Slug] = {}
