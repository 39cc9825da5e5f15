"""When an office is open, and when that changes."""

from datetime import date, datetime, time

import pytest

from bot.core.library import Hours
from bot.core.workdays import Opening, opening, spans_of

WEEK = (
    Hours(days=(0, 1, 2, 3, 4), spans=((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))),
    Hours(days=(5,), spans=((time(7, 30), time(11, 30)),)),
)
MONDAY = date(2026, 11, 23)
SATURDAY, SUNDAY = date(2026, 11, 28), date(2026, 11, 29)


def at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock))


def test_open_until_the_lunch_break() -> None:
    assert opening(WEEK, at(MONDAY, "08:00")) == Opening(open=True, changes=at(MONDAY, "11:30"))


def test_closed_over_lunch() -> None:
    assert opening(WEEK, at(MONDAY, "12:00")) == Opening(open=False, changes=at(MONDAY, "13:30"))


@pytest.mark.parametrize(
    ("clock", "is_open"), [("07:29", False), ("07:30", True), ("11:29", True), ("11:30", False), ("17:00", False)]
)
def test_the_minute_of_opening_counts_and_that_of_closing_does_not(clock: str, is_open: bool) -> None:
    assert opening(WEEK, at(MONDAY, clock)).open is is_open


def test_closed_before_dawn_opens_the_same_day() -> None:
    assert opening(WEEK, at(MONDAY, "05:00")).changes == at(MONDAY, "07:30")


def test_after_closing_it_opens_tomorrow() -> None:
    assert opening(WEEK, at(MONDAY, "18:00")).changes == at(date(2026, 11, 24), "07:30")


def test_saturday_has_no_afternoon_and_sunday_is_passed_over() -> None:
    assert opening(WEEK, at(SATURDAY, "14:00")) == Opening(open=False, changes=at(date(2026, 11, 30), "07:30"))
    assert opening(WEEK, at(SUNDAY, "09:00")).changes == at(date(2026, 11, 30), "07:30")


def test_a_holiday_is_closed_all_day() -> None:
    assert opening(WEEK, at(MONDAY, "09:00"), {MONDAY}) == Opening(open=False, changes=at(date(2026, 11, 24), "07:30"))


def test_a_long_tet_is_passed_over() -> None:
    tet = {date(2027, 2, day) for day in range(4, 15)}
    assert opening(WEEK, at(date(2027, 2, 4), "09:00"), tet).changes == at(date(2027, 2, 15), "07:30")


def test_an_office_that_never_opens_promises_nothing() -> None:
    assert opening((), at(MONDAY, "09:00")) == Opening(open=False, changes=None)


def test_spans_come_in_order_whatever_the_order_of_the_rows() -> None:
    rows = (
        Hours(days=(0,), spans=((time(13, 30), time(17, 0)),)),
        Hours(days=(0,), spans=((time(7, 30), time(11, 30)),)),
    )
    assert [opens.hour for opens, _ in spans_of(rows, MONDAY)] == [7, 13]
    assert spans_of(rows, SUNDAY) == []
