"""The day on which a result is due: papers handed in, how long the office has, which days are worked. Pure.

Sources: Bộ luật Dân sự 2015, article 147 (a limit in hours begins at once; in days or months the first day is the one after) and
148 (it ends with its last day; in months with the day of the same number, or the last day of a month that has none; when
that is a day off, with the next working day). Entries application-status and application-overdue (18/07/2026): working days
leave out Saturdays, Sundays and holidays. Nghị định 23/2015/NĐ-CP, article 7, and the procedures of civil status (portal,
18/07/2026): what is done on the same day may wait until the next working day when it was handed in after 15:00.
Conventions without a source: hours are counted in opening hours of working days; half a working day is four of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from bot.core.library import Calendar, Duration
from bot.core.workdays import FRIDAY, spans_of, works

LATE: Final = time(15)  # handed in from then on, the same day becomes the next working day
ORDINARY: Final = "normal"
SAME_DAY: Final = "same_day"
MOST: Final = {"working_day": 400, "day": 600, "hour": 8, "month": 24}  # more is a slip of the pen
HALF_DAY: Final = 4.0  # hours
# Ids of the steps of a flow that counts a deadline, by which rules and texts find the answers.
LENGTH, RECEIVED, KIND, THREE, CLOCK = "length", "received", "kind", "three", "clock"

Unit = Literal["working_day", "day", "hour", "month", ""]


@dataclass(frozen=True, slots=True)
class Received:
    """When papers were handed in; of the hour it may be known that it was in the morning, or nothing."""

    day: date
    clock: time | None = None
    morning: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """The last moment for the result, and what was passed over: `holidays` are (first, last) of each run, `worked` Saturdays.

    `moved`: the last day was a day off.
    """

    at: datetime
    unit: str
    holidays: tuple[tuple[date, date], ...] = ()
    worked: tuple[date, ...] = ()
    moved: bool = False


# -- counting ------------------------------------------------------------------------------------------------------------


def due(received: Received, length: Duration, calendar: Calendar) -> Due:
    """The due moment. `length` must have a value and a unit; of a length in hours the hour of receipt must be known.

    A result is due when the counter closes on its last day.
    """
    value = length.value or 0.0
    day, unit, moved = received.day, str(length.unit), False
    if length.same_day:
        unit, late = SAME_DAY, received.clock is not None and received.clock >= LATE
        day = _next_working(day + timedelta(days=late), calendar)
    elif unit == "hour" or value < 1:
        at = _after_hours(received, value if unit == "hour" else HALF_DAY, calendar)
        return Due(at, "hour", *_passed(received.day, at.date(), calendar))
    elif unit == "working_day":
        for _ in range(int(value)):
            day = _next_working(day + timedelta(days=1), calendar)
    else:
        last = _months_later(day, int(value)) if unit == "month" else day + timedelta(days=int(value))
        day = _next_working(last, calendar)
        moved = day != last
    closes = spans_of(calendar.hours, day, calendar)
    at = closes[-1][1] if closes else datetime.combine(day, time(23, 59))
    return Due(at, unit, *_passed(received.day, day, calendar), moved)


def _next_working(day: date, calendar: Calendar) -> date:
    """`day` itself when it is worked, else the next one that is."""
    while not works(day, calendar):
        day += timedelta(days=1)
    return day


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


def _after_hours(received: Received, hours: float, calendar: Calendar) -> datetime:
    """The moment at which so many opening hours of working days are over."""
    now = datetime.combine(received.day, received.clock or time(0))
    left, day = timedelta(hours=hours), received.day
    while True:
        for opens, closes in spans_of(calendar.hours, day, calendar) if works(day, calendar) else ():
            begins = max(opens, now)
            if begins < closes and left <= closes - begins:
                return begins + left
            left -= max(closes - begins, timedelta(0))
        day += timedelta(days=1)


def _passed(first: date, last: date, calendar: Calendar) -> tuple[tuple[tuple[date, date], ...], tuple[date, ...]]:
    """The runs of holidays after `first` up to `last`, weekends between them included, and the weekend days worked."""
    runs: list[tuple[date, date]] = []
    worked = []
    together = False
    for day in (first + timedelta(days=n) for n in range(1, (last - first).days + 1)):
        weekend = day.weekday() > FRIDAY
        if works(day, calendar):
            worked += [day] if weekend else []
            together = False
        elif not weekend:
            runs[-1:] = [(runs[-1][0], day)] if together else [*runs[-1:], (day, day)]
            together = True
    return tuple(runs), tuple(worked)


# -- as the answers of steps ---------------------------------------------------------------------------------------------


def length_answer(length: Duration) -> str:
    """How a conversation keeps a length: "3 working_day", "10" (days of either kind), "same_day"; "" for an unknown one."""
    if length.same_day:
        return SAME_DAY
    return f"{length.value:g} {length.unit}".strip() if length.value else ""


def ordinary_length(times: Iterable[Duration]) -> dict[str, str]:
    """The answer that an entry gives to "how long": its time called "normal" counts from receipt; others are asked for."""
    said = [length_answer(length) for length in times if length.id == ORDINARY]
    return {LENGTH: said[0]} if said and said[0] else {}


def length_of(answer: str) -> Duration | None:
    """The length that such an answer says; None when it is none."""
    if answer == SAME_DAY:
        return Duration("", 1, "working_day", same_day=True)
    value, _, unit = answer.partition(" ")
    kinds: dict[str, Unit] = {"working_day": "working_day", "day": "day", "hour": "hour", "month": "month", "": ""}
    try:
        number = float(value)
    except ValueError:
        return None
    whole = number == int(number) if number < 1000 else False
    if unit not in kinds or not 0 < number <= MOST[unit or "day"]:
        return None
    return Duration("", number, kinds[unit]) if whole or unit == "hour" or answer == "0.5 working_day" else None


def received_answer(received: Received) -> str:
    """How a conversation keeps the moment: "2026-11-24", "2026-11-24 16:05" or "2026-11-24 morning"."""
    clock = f"{received.clock:%H:%M}" if received.clock else "morning" if received.morning else ""
    return f"{received.day} {clock}".rstrip()


def received_of(answer: str) -> Received | None:
    """The moment that such an answer says; None when it is none."""
    day, _, clock = answer.partition(" ")
    try:
        at = time.fromisoformat(clock) if clock not in ("", "morning") else None
        return Received(date.fromisoformat(day), at, morning=clock == "morning")
    except ValueError:
        return None


def counted(answers: Mapping[str, str], calendar: Calendar) -> Due | None:
    """The due moment by the answers of a flow; None where they do not say enough, or not one thing."""
    return next(iter(found), None) if len(found := set(_possible(answers, calendar))) == 1 else None


def open_question(answers: Mapping[str, str], calendar: Calendar) -> str:
    """The step whose answer would decide between two due moments; "" when none would."""
    if len(set(_possible(answers, calendar))) < 2:
        return ""
    length = length_of(answers[LENGTH])
    if length and not length.unit:
        return KIND
    return THREE if length and length.same_day else CLOCK


def _possible(answers: Mapping[str, str], calendar: Calendar) -> Iterator[Due]:
    """Each due moment that the answers leave possible, told apart by the moment alone."""
    length, received = length_of(answers.get(LENGTH, "")), received_of(answers.get(RECEIVED, ""))
    if length is None or received is None:
        return
    if not length.unit:
        kinds: dict[str, Unit] = {"working": "working_day", "calendar": "day"}
        told = [kinds[answers[KIND]]] if answers.get(KIND) in kinds else kinds.values()
        dues = [due(received, Duration("", length.value, kind), calendar) for kind in told]
        yield from dues[:1] if len({one.at for one in dues}) == 1 else dues
        return
    yield from _by_clock(answers, length, received, calendar)


def _by_clock(answers: Mapping[str, str], length: Duration, received: Received, calendar: Calendar) -> Iterator[Due]:
    clocks: list[time | None] = [received.clock]
    if received.clock is None and answers.get(CLOCK):
        clocks = [time.fromisoformat(answers[CLOCK])]
    elif received.clock is None and length.same_day:
        early = received.morning or answers.get(THREE) == "before" or not works(received.day, calendar)
        clocks = [time(0)] if early else [LATE] if answers.get(THREE) == "after" else [time(0), LATE]
    elif received.clock is None and (length.unit == "hour" or (length.value or 0) < 1):
        clocks = [time(0), time(23, 59)] if works(received.day, calendar) else [time(0)]
    for clock in clocks:
        yield due(Received(received.day, clock), length, calendar)
