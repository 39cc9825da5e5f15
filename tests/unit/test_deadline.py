"""The day on which a result is due, over weekends, holidays, exchanges of working days, lunch and the ends of months."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.deadline import (
    Received,
    counted,
    due,
    length_answer,
    length_of,
    open_question,
    ordinary_length,
    received_answer,
    received_of,
)
from bot.core.library import Calendar, Duration, Hours
from bot.core.workdays import works

DAY = ((time(7, 30), time(11, 30)), (time(13, 30), time(17)))
COUNTER = Calendar(
    off=frozenset({date(2026, 1, 2)}),
    on=frozenset({date(2026, 1, 10)}),
    hours=(Hours((0, 1, 2, 3, 4), DAY), Hours((5,), DAY[:1])),
)


@pytest.mark.parametrize(
    ("received", "length", "expected"),
    [
        # the first day is the one after, weekends are passed over
        ("2026-11-16", "1 working_day", "2026-11-17 17:00"),
        ("2026-11-19", "3 working_day", "2026-11-25 17:00"),  # Friday, Monday; Tuesday is Vietnamese Culture Day
        ("2026-11-21", "1 working_day", "2026-11-23 17:00"),  # handed in on a Saturday morning
        ("2026-11-22 23:50", "1 working_day", "2026-11-23 17:00"),  # online, on a Sunday night
        ("2026-02-12", "3 working_day", "2026-02-24 17:00"),  # over Tết
        ("2026-02-18", "2 working_day", "2026-02-24 17:00"),  # in the middle of it
        ("2026-04-24", "3 working_day", "2026-05-04 17:00"),  # Giỗ Tổ made up for on 27/04, then 30/04 and 01/05
        ("2026-08-21", "1 working_day", "2026-08-22 17:00"),  # the Saturday worked for 31/08 counts
        ("2026-08-28", "1 working_day", "2026-09-03 17:00"),
        ("2025-12-31", "1 working_day", "2026-01-05 17:00"),  # the commune adds 02/01
        ("2026-01-09", "1 working_day", "2026-01-10 17:00"),  # and the Saturday worked for it
        ("2026-12-30", "3 working_day", "2027-01-05 17:00"),  # over the end of the year
        # days of the calendar; the last one moves off a day off
        ("2026-11-16", "5 day", "2026-11-23 17:00"),
        ("2026-11-16", "3 day", "2026-11-19 17:00"),
        ("2026-02-01", "15 day", "2026-02-23 17:00"),
        # months
        ("2026-01-31", "1 month", "2026-03-02 17:00"),  # 28/02 is a Saturday
        ("2028-01-31", "1 month", "2028-02-29 17:00"),
        ("2026-12-15", "2 month", "2027-02-15 17:00"),
        ("2026-10-30", "1 month", "2026-11-30 17:00"),
        # hours of the counter
        ("2026-11-16 10:00", "1 hour", "2026-11-16 11:00"),
        ("2026-11-16 11:00", "2 hour", "2026-11-16 15:00"),  # over lunch
        ("2026-11-16 12:15", "2 hour", "2026-11-16 15:30"),  # in the lunch break
        ("2026-11-20 16:00", "2 hour", "2026-11-23 08:30"),  # over a weekend; Saturday morning is no working day
        ("2026-11-16 20:00", "2 hour", "2026-11-17 09:30"),  # at night
        ("2026-11-16 08:00", "0.5 working_day", "2026-11-16 14:00"),
        ("2026-11-16 08:00", "8 hour", "2026-11-17 08:30"),
        # the same day, or the next working day from 15:00 on
        ("2026-11-16 14:59", "same_day", "2026-11-16 17:00"),
        ("2026-11-16 15:00", "same_day", "2026-11-17 17:00"),
        ("2026-11-20 16:00", "same_day", "2026-11-23 17:00"),
        ("2026-11-21 09:00", "same_day", "2026-11-23 17:00"),
    ],
)  # fmt: skip
def test_due(received: str, length: str, expected: str) -> None:
    found = counted({"received": received, "length": length}, COUNTER)
    assert found is not None and found.at == datetime.fromisoformat(expected)


def test_it_says_what_was_passed_over() -> None:
    tet = counted({"received": "2026-02-12", "length": "3 working_day"}, COUNTER)
    assert tet and tet.holidays == ((date(2026, 2, 16), date(2026, 2, 20)),)
    long_tet = counted({"received": "2027-02-03", "length": "1 working_day"}, COUNTER)
    assert long_tet and long_tet.holidays == ((date(2027, 2, 4), date(2027, 2, 10)),)  # with the weekend between
    april = counted({"received": "2026-04-24", "length": "3 working_day"}, COUNTER)
    assert april and april.holidays == ((date(2026, 4, 27),) * 2, (date(2026, 4, 30), date(2026, 5, 1)))
    swap = counted({"received": "2026-08-21", "length": "1 working_day"}, COUNTER)
    assert swap and (swap.worked, swap.holidays) == ((date(2026, 8, 22),), ())
    moved = counted({"received": "2026-11-16", "length": "5 day"}, COUNTER)
    assert moved and moved.moved


@pytest.mark.parametrize(
    ("received", "length", "question"),
    [
        ("2026-11-16", "6", "kind"),
        ("2026-11-16", "5", ""),  # a Saturday moves to the Monday that five working days end on
        ("2026-11-16", "1", ""),  # Tuesday either way
        ("2026-11-16", "5 working_day", ""),
        ("2026-11-16", "same_day", "three"),
        ("2026-11-16 morning", "same_day", ""),
        ("2026-11-16 15:30", "same_day", ""),
        ("2026-11-21", "same_day", ""),  # a Saturday: Monday either way
        ("2026-11-16", "2 hour", "clock"),
        ("2026-11-16 morning", "2 hour", "clock"),
        ("2026-11-22", "2 hour", ""),  # a Sunday: from Monday's opening
        ("2026-11-16", "0.5 working_day", "clock"),
        ("2026-11-16", "1 month", ""),
    ],
)
def test_only_what_changes_the_day_is_asked(received: str, length: str, question: str) -> None:
    answers = {"received": received, "length": length}
    assert open_question(answers, COUNTER) == question
    assert (counted(answers, COUNTER) is None) == bool(question)
    given_then = {"kind": "calendar", "three": "after", "clock": "09:00"}
    assert open_question({**answers, **given_then}, COUNTER) == ""


def test_the_answers_to_those_questions_count() -> None:
    def at(length: str, **more: str) -> str:
        found = counted({"received": "2026-11-16", "length": length, **more}, COUNTER)
        return f"{found.at:%d/%m %H:%M}" if found else ""

    assert (at("6", kind="working"), at("6", kind="calendar")) == ("25/11 17:00", "23/11 17:00")
    assert (at("same_day", three="before"), at("same_day", three="after")) == ("16/11 17:00", "17/11 17:00")
    assert at("2 hour", clock="10:30") == "16/11 14:30"


LENGTHS = st.one_of(
    st.builds(Duration, st.just(""), st.integers(1, 200), st.sampled_from(["working_day", "day"])),
    st.builds(Duration, st.just(""), st.integers(1, 24), st.just("month")),
    st.builds(Duration, st.just(""), st.floats(0.5, 8), st.just("hour")),
)


@given(st.dates(date(2024, 1, 1), date(2029, 12, 31)), st.times(), LENGTHS)
def test_never_before_receipt_never_on_a_day_off_and_never_earlier_for_being_longer(
    day: date, clock: time, length: Duration
) -> None:
    received = Received(day, clock)
    at = due(received, length, COUNTER).at
    assert at > datetime.combine(day, clock)
    assert works(at.date(), COUNTER)
    longer = Duration("", (length.value or 0) + 1, length.unit)
    assert due(received, longer, COUNTER).at >= at
    if length.unit in ("working_day", "day"):
        calendar = due(received, Duration("", length.value, "day"), COUNTER).at
        assert due(received, Duration("", length.value, "working_day"), COUNTER).at >= calendar
    assert due(Received(day + timedelta(days=1), clock), length, COUNTER).at >= at


@given(LENGTHS)
def test_a_length_is_kept_as_it_was(length: Duration) -> None:
    if length.unit != "hour":
        assert length_of(length_answer(length)) == length


def test_answers_that_say_nothing() -> None:
    for gone in ("", "3 years", "0 day", "-1 day", "nan day", "inf", "1.5 working_day", "9 hour", "x"):
        assert length_of(gone) is None
    for gone in ("", "2026-02-30", "2026-11-16 25:00", "2026-11-16 evening"):
        assert received_of(gone) is None
    for kept in ("2026-11-16", "2026-11-16 16:05", "2026-11-16 morning"):
        assert received_answer(received_of(kept) or Received(date.min)) == kept


def test_an_entry_gives_its_ordinary_time() -> None:
    normal, other = Duration("normal", 3, "working_day"), Duration("verify", 5, "working_day")
    assert ordinary_length((other, normal)) == {"length": "3 working_day"}
    assert ordinary_length((Duration("normal", 1, "working_day", same_day=True),)) == {"length": "same_day"}
    assert ordinary_length((other,)) == ordinary_length((Duration("normal"),)) == {}
