"""Which days are worked, and when an office is open: with lunch break, days off and Saturdays worked for them. `now` is passed in.

Public holidays, their compensation and the exchanges of working days that the Government announces are those of the package
`holidays` (Labour Code 2019, article 112, and what its page of sources names); content/commune.yml adds what it lacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from bot.core.library import Calendar, Hours

FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether it is open at a moment, and when that changes; `changes` is None where no opening is in sight."""

    open: bool
    changes: datetime | None


@cache
def _national(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """(days off, Saturdays and Sundays worked) of a year; one is also worked for a day off in the next January."""
    from holidays import country_holidays  # noqa: PLC0415 - it brings every country along: half a second when first needed

    known = country_holidays("VN", years=(year, year + 1))
    return frozenset(known), frozenset(known.weekend_workdays)


def works(day: date, calendar: Calendar) -> bool:
    """Whether `day` is a working day of the office. What the commune says of a day counts more than what is known nationally."""
    if day in calendar.on or day in calendar.off:
        return day in calendar.on
    off, on = _national(day.year)
    return day in on or (day.weekday() <= FRIDAY and day not in off)


def spans_of(hours: Sequence[Hours], day: date, calendar: Calendar) -> list[tuple[datetime, datetime]]:
    """The times a place is open on `day`, in order: none on a holiday; a Saturday worked for another day is like a Friday."""
    weekday = day.weekday()
    if works(day, calendar):
        weekday = min(weekday, FRIDAY)
    elif weekday <= FRIDAY or day in calendar.off or day in _national(day.year)[0]:
        return []
    return sorted(
        (datetime.combine(day, opens), datetime.combine(day, closes))
        for row in hours
        if weekday in row.days
        for opens, closes in row.spans
    )


def opening(hours: Sequence[Hours], now: datetime, calendar: Calendar) -> Opening:
    """Open at `now` (local, naive) until when, or closed until when; looks a month ahead, past any Tết."""
    for ahead in range(31):
        for opens, closes in spans_of(hours, now.date() + timedelta(days=ahead), calendar):
            if opens <= now < closes:
                return Opening(open=True, changes=closes)
            if now < opens:
                return Opening(open=False, changes=opens)
    return Opening(open=False, changes=None)
