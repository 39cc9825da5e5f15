"""When an office is open, and when that changes."""

from datetime import date, datetime, time

import pytest

from bot.core.library import Calendar, Hours
from bot.core.workdays import Opening, opening, spans_of, works

WEEK = (
    Hours(days=(0, 1, 2, 3, 4), spans=((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))),
    Hours(days=(5,), spans=((time(7, 30), time(11, 30)),)),
)
NATIONAL = Calendar()
MONDAY = date(2026, 11, 16)
SATURDAY, SUNDAY = date(2026, 11, 21), date(2026, 11, 22)


def at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock))


def test_open_until_the_lunch_break() -> None:
    assert opening(WEEK, at(MONDAY, "08:00"), NATIONAL) == Opening(open=True, changes=at(MONDAY, "11:30"))


def test_closed_over_lunch() -> None:
    assert opening(WEEK, at(MONDAY, "12:00"), NATIONAL) == Opening(open=False, changes=at(MONDAY, "13:30"))


@pytest.mark.parametrize(
    ("clock", "is_open"), [("07:29", False), ("07:30", True), ("11:29", True), ("11:30", False), ("17:00", False)]
)
def test_the_minute_of_opening_counts_and_that_of_closing_does_not(clock: str, is_open: bool) -> None:
    assert opening(WEEK, at(MONDAY, clock), NATIONAL).open is is_open


def test_closed_before_dawn_opens_the_same_day() -> None:
    assert opening(WEEK, at(MONDAY, "05:00"), NATIONAL).changes == at(MONDAY, "07:30")


def test_after_closing_it_opens_tomorrow() -> None:
    assert opening(WEEK, at(MONDAY, "18:00"), NATIONAL).changes == at(date(2026, 11, 17), "07:30")


def test_saturday_has_no_afternoon_and_sunday_is_passed_over() -> None:
    assert opening(WEEK, at(SATURDAY, "14:00"), NATIONAL) == Opening(
        open=False, changes=at(date(2026, 11, 23), "07:30")
    )
    assert opening(WEEK, at(SUNDAY, "09:00"), NATIONAL).changes == at(date(2026, 11, 23), "07:30")


def test_a_holiday_is_closed_all_day() -> None:
    assert opening(WEEK, at(MONDAY, "09:00"), Calendar(off=frozenset({MONDAY}))) == Opening(
        open=False, changes=at(date(2026, 11, 17), "07:30")
    )


def test_a_long_tet_is_passed_over() -> None:
    tet = frozenset(date(2027, 2, day) for day in range(4, 15))
    assert opening(WEEK, at(date(2027, 2, 4), "09:00"), Calendar(off=tet)).changes == at(date(2027, 2, 15), "07:30")


def test_an_office_that_never_opens_promises_nothing() -> None:
    assert opening((), at(MONDAY, "09:00"), NATIONAL) == Opening(open=False, changes=None)


def test_spans_come_in_order_whatever_the_order_of_the_rows() -> None:
    rows = (
        Hours(days=(0,), spans=((time(13, 30), time(17, 0)),)),
        Hours(days=(0,), spans=((time(7, 30), time(11, 30)),)),
    )
    assert [opens.hour for opens, _ in spans_of(rows, MONDAY, NATIONAL)] == [7, 13]
    assert spans_of(rows, SUNDAY, NATIONAL) == []


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-02-13", True), ("2026-02-16", False), ("2026-02-20", False), ("2026-02-23", True),  # Tết
        ("2026-04-26", False), ("2026-04-27", False), ("2026-04-28", True),  # Giỗ Tổ on a Sunday, and its compensation
        ("2026-04-29", True), ("2026-04-30", False), ("2026-05-01", False), ("2026-05-04", True),
        ("2026-08-22", True), ("2026-08-31", False), ("2026-09-01", False), ("2026-09-02", False), ("2026-09-03", True),
        ("2026-11-24", False),  # Vietnamese Culture Day
        ("2026-01-01", False), ("2027-01-01", False), ("2014-12-27", True),  # worked for 2 January 2015
        ("2026-01-02", True), ("2026-01-10", False),  # an exchange that the package does not know, see content/commune.yml
    ],
)  # fmt: skip
def test_the_national_calendar(day: str, worked: bool) -> None:
    assert works(date.fromisoformat(day), NATIONAL) is worked


def test_the_commune_adds_days_off_and_saturdays_worked_for_them() -> None:
    swap = Calendar(off=frozenset({date(2026, 1, 2)}), on=frozenset({date(2026, 1, 10)}))
    assert (works(date(2026, 1, 2), swap), works(date(2026, 1, 10), swap)) == (False, True)
    assert opening(WEEK, at(date(2026, 1, 1), "09:00"), swap).changes == at(date(2026, 1, 3), "07:30")
    assert opening(WEEK, at(date(2026, 1, 10), "14:00"), swap) == Opening(
        open=True, changes=at(date(2026, 1, 10), "17:00")
    )


def test_a_saturday_worked_for_another_day_is_open_like_a_friday_and_a_holiday_on_saturday_is_closed() -> None:
    assert opening(WEEK, at(date(2026, 8, 22), "14:00"), NATIONAL).changes == at(date(2026, 8, 22), "17:00")
    assert opening(WEEK, at(date(2027, 5, 1), "09:00"), NATIONAL).changes == at(date(2027, 5, 4), "07:30")
