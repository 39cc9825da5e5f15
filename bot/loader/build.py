"""Validated file models -> the frozen values of core.library."""

from datetime import time
from itertools import groupby

from bot.core.flow_model import Passport
from bot.core.library import (
    Calendar,
    Commune,
    Duration,
    Entry,
    Fee,
    Hours,
    LocalFee,
    Office,
    Official,
    PaperCase,
    Unit,
    Words,
)
from bot.loader.schema import Both, CommuneFile, EntryFile, FeeFile, HoursFile, OfficeFile, TranslationFile
from bot.messages import LANGUAGES, DecisionKind, Language

_DAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
_FEE_STATUS = {"miễn phí": "free", "tỉnh quy định": "province", "chưa rõ": "unknown"}


def build_entry(master: EntryFile, translation: TranslationFile | None) -> Entry:
    """One entry with its words in every language that has them."""
    words: dict[Language, Words] = {"vi": _vietnamese(master)}
    if translation is not None:
        words["en"] = _translated(master, translation)
    return Entry(
        id=master.id,
        topic=master.topic,
        kind=master.kind,
        act=master.act or default_act(master.kind),
        passport=Passport(
            owner=master.passport.owner,
            checked=master.passport.checked,
            expires=master.passport.expires,
            source=master.passport.source or "",
            legal_basis=master.passport.legal_basis,
        ),
        words=words,
        codes=master.codes,
        online=master.online or "",
        fees=tuple(_fee(f) for f in master.fees),
        times=tuple(
            Duration(
                id=t.id,
                value=None if t.value == "chưa rõ" else float(t.value.replace(",", ".")),
                unit=t.unit or "",
                same_day=t.same_day is not None,
            )
            for t in master.times
        ),
        related=master.related,
        flow=master.flow or "",
    )


def default_act(kind: str) -> DecisionKind:
    """What an entry does unless it says otherwise."""
    return "talk" if kind == "talk" else "answer"


def _fee(fee: FeeFile) -> Fee:
    status = _FEE_STATUS.get(fee.amount)
    if status is None:
        return Fee(id=fee.id, status="amount", channel=fee.channel, amount=int(fee.amount))
    return Fee(id=fee.id, status=status, channel=fee.channel)  # type: ignore[arg-type]


def _vietnamese(master: EntryFile) -> Words:
    return Words(
        title=master.title,
        label=master.label,
        answers=master.answers,
        questions=master.questions,
        agency=master.agency or "",
        fees={f.id: f.words for f in master.fees if f.words},
        times={t.id: t.words for t in master.times if t.words},
        papers=tuple(PaperCase(id=p.id, case=p.case, items=p.items) for p in master.papers),
    )


def _translated(master: EntryFile, words: TranslationFile) -> Words:
    return Words(
        title=words.title,
        label=words.label,
        answers=words.answers,
        questions=words.questions,
        agency=words.agency or master.agency or "",
        fees=words.fees,
        times=words.times,
        papers=tuple(
            PaperCase(id=p.id, case=words.papers[p.id].case, items=words.papers[p.id].items)
            for p in master.papers
            if p.id in words.papers
        ),
    )


def _hours(rows: tuple[HoursFile, ...]) -> tuple[Hours, ...]:
    spans: dict[tuple[int, ...], list[tuple[time, time]]] = {}
    for days, group in groupby(rows, key=lambda r: r.days):
        first, _, last = days.partition("-")
        numbers = tuple(range(_DAYS.index(first), _DAYS.index(last or first) + 1))
        spans.setdefault(numbers, []).extend((r.opens, r.closes) for r in group)
    return tuple(Hours(days=days, spans=tuple(sorted(pairs))) for days, pairs in spans.items())


def build_calendar(file: CommuneFile) -> Calendar:
    """The days, and the hours of the first office, by which deadlines are counted."""
    days = file.calendar
    return Calendar(frozenset(days.days_off), frozenset(days.working_days), _hours(file.offices[0].hours))


def build_communes(file: CommuneFile) -> dict[Language, Commune]:
    """The commune's settings, once per language."""
    return {language: _commune(file, language) for language in LANGUAGES}


def _commune(file: CommuneFile, language: Language) -> Commune:
    def say(both: Both) -> str:
        return both.en if language == "en" else both.vi

    def office(o: OfficeFile) -> Office:
        latitude, _, longitude = (o.place or "").partition(",")
        return Office(
            id=o.id,
            name=say(o.name),
            address=say(o.address),
            phone=o.phone,
            hours=_hours(o.hours),
            map=o.map or "",
            place=(float(latitude), float(longitude)) if o.place else None,
        )

    return Commune(
        name=say(file.name),
        province=say(file.province),
        hotline=file.hotline,
        website=file.website,
        area=say(file.area),
        population=say(file.population),
        merged_from=say(file.merged_from),
        appointment=say(file.appointment),
        mobile_day=say(file.mobile_day),
        offices=tuple(office(o) for o in file.offices),
        units={
            u.id: Unit(id=u.id, name=say(u.name), phone=u.phone, duty=say(u.duty), office=u.office) for u in file.units
        },
        officials=tuple(
            Official(role=say(o.role), name=o.name, phone=o.phone, unit=o.unit, also=(o.role.vi, o.role.en, *o.also))
            for o in file.officials
        ),
        local_fees=tuple(LocalFee(code=f.code, words=say(f.words), source=f.source) for f in file.local_fees),
    )
