"""Figures as people say them, in both languages."""

from datetime import date, datetime, time

import pytest

from bot.core import speak
from bot.core.library import Hours
from bot.messages import Language

NOW = datetime(2026, 11, 23, 9, 0)  # a Monday


@pytest.mark.parametrize(
    ("amount", "language", "said"),
    [
        (8000, "vi", "8.000 đồng"), (8000, "en", "8,000 VND"), (500, "vi", "500 đồng"),
        (1250000, "vi", "1.250.000 đồng"),
    ],
)  # fmt: skip
def test_money(amount: int, language: Language, said: str) -> None:
    assert speak.money(amount, language) == said


def test_day() -> None:
    assert speak.day(date(2026, 3, 4), "vi") == "04/03/2026"
    assert speak.day(date(2026, 3, 4), "en") == "4 March 2026"


@pytest.mark.parametrize(
    ("value", "unit", "vi", "en"),
    [
        (1, "working_day", "1 ngày làm việc", "1 working day"),
        (3, "working_day", "3 ngày làm việc", "3 working days"),
        (0.5, "working_day", "nửa ngày làm việc", "half a working day"),
        (1.5, "hour", "1,5 giờ", "1.5 hours"),
        (2, "month", "2 tháng", "2 months"),
        (15, "day", "15 ngày", "15 days"),
    ],
)
def test_duration(value: float, unit: str, vi: str, en: str) -> None:
    assert speak.duration(value, unit, "vi") == vi
    assert speak.duration(value, unit, "en") == en


def test_half_an_hour_is_good_english() -> None:
    assert speak.duration(0.5, "hour", "en") == "half an hour"


def test_a_moment_today_needs_no_day() -> None:
    later = datetime(2026, 11, 23, 11, 30)
    assert (speak.moment(later, NOW, "vi"), speak.moment(later, NOW, "en")) == ("11:30", "at 11:30")


def test_a_moment_tomorrow_says_the_day() -> None:
    tomorrow = datetime(2026, 11, 24, 7, 30)
    assert speak.moment(tomorrow, NOW, "vi") == "07:30 thứ Ba 24/11"
    assert speak.moment(tomorrow, NOW, "en") == "tomorrow, Tuesday 24 November at 07:30"


def test_a_moment_next_week_is_not_tomorrow() -> None:
    assert speak.moment(datetime(2026, 11, 30, 7, 30), NOW, "en") == "Monday 30 November at 07:30"


def test_hours_with_a_lunch_break() -> None:
    rows = (
        Hours(days=(0, 1, 2, 3, 4), spans=((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))),
        Hours(days=(5,), spans=((time(7, 30), time(11, 30)),)),
    )
    assert speak.hours(rows, "vi") == "thứ Hai đến thứ Sáu 07:30–11:30 và 13:30–17:00; thứ Bảy 07:30–11:30"
    assert speak.hours(rows, "en") == "Monday to Friday 07:30–11:30 and 13:30–17:00; Saturday 07:30–11:30"


def test_short_text_is_not_cut() -> None:
    assert speak.shorten("Đăng ký khai sinh", 17) == "Đăng ký khai sinh"


@pytest.mark.parametrize("length", range(2, 30))
def test_long_text_is_cut_between_words(length: int) -> None:
    text = "Đăng ký khai sinh cho trẻ mới sinh"
    cut = speak.shorten(text, length)
    assert len(cut) <= length
    assert cut.endswith("…")
