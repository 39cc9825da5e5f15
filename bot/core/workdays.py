"""Opening hours in words and in time: when an office is open, with lunch break and days off. `now` and holidays are passed in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.core.library import Hours


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether it is open at a moment, and when that changes; `changes` is None where no opening is in sight."""

    open: bool
    changes: datetime | None


def spans_of(hours: Sequence[Hours], day: date) -> list[tuple[datetime, datetime]]:
    """The times a place is open on `day`, in order."""
    return sorted(
        (datetime.combine(day, opens), datetime.combine(day, closes))
        for row in hours
        if day.weekday() in row.days
        for opens, closes in row.spans
    )


def opening(hours: Sequence[Hours], now: datetime, holidays: Collection[date] = ()) -> Opening:
    """Open at `now` (local, naive) until when, or closed until when; looks a month ahead, past any Tết."""
    for ahead in range(31):
        day = now.date() + timedelta(days=ahead)
        if day in holidays:
            continue
        for opens, closes in spans_of(hours, day):
            if opens <= now < closes:
                return Opening(open=True, changes=closes)
            if now < opens:
                return Opening(open=False, changes=opens)
    return Opening(open=False, changes=None)
