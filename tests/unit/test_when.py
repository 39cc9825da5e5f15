"""Lengths of time, days with hours, and hours as people type them. What is unclear is nothing, so that it is asked again."""

from datetime import date

import pytest
from hypothesis import given

from bot.core.deadline import length_of, received_answer, received_of
from bot.core.normalise import has_accents
from bot.core.when import _plain, read_clock, read_length, read_received
from tests.properties.test_properties import ANYTHING

TODAY = date(2026, 11, 26)


def spellings(text: str) -> list[str]:
    return [text, _plain(text)] if has_accents(text) else [text]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("3 ngày làm việc", "3 working_day"), ("dạ giấy hẹn ghi 5 ngày làm việc ạ", "5 working_day"),
        ("năm ngày làm việc", "5 working_day"), ("3 ngày lv", "3 working_day"), ("mười lăm ngày làm việc", "15 working_day"),
        ("không quá 3 ngày làm việc kể từ ngày nhận", "3 working_day"), ("3 working days", "3 working_day"),
        ("ten business days", "10 working_day"), ("nửa ngày", "0.5 working_day"), ("0,5 ngày làm việc", "0.5 working_day"),
        ("1/2 ngày", "0.5 working_day"), ("½ ngày", "0.5 working_day"), ("half a day", "0.5 working_day"),
        ("5 ngay", "5"), ("5ngày", "5"), ("10", "10"), ("dạ 10 ạ", "10"), ("20 days", "20"), ("giấy của tôi ghi 3 ngày", "3"),
        ("30 ngày lịch", "30 day"), ("7 ngày thường", "7 day"), ("2 tuần", "14 day"), ("10 calendar days", "10 day"),
        ("2 giờ", "2 hour"), ("2 tiếng", "2 hour"), ("4 giờ làm việc", "4 hour"), ("2 hours", "2 hour"),
        ("5 nglv", "5 working_day"), ("1 tháng", "1 month"), ("một tháng", "1 month"), ("3 months", "3 month"),
        ("trong ngày", "same_day"), ("lấy liền", "same_day"), ("trong ngày làm việc", "same_day"), ("same day", "same_day"),
        # unclear, or no length at all
        ("3 đến 5 ngày", ""), ("3-5 ngày", ""), ("ba tới năm ngày", ""), ("hơn 3 ngày", ""), ("2 ngày rưỡi", ""), ("24 giờ", ""),
        ("mười hai ngày", ""), ("hai mươi lăm ngày", ""), ("twenty-five days", ""), ("24/11", ""), ("hẹn 24/11/2026", ""),
        ("tuần sau", ""), ("mấy ngày vậy?", ""), ("0 ngày", ""), ("999 ngày", ""), ("1,5 ngày", ""), ("hẹn mùng 5 lấy", ""),
        ("trong ngày mai", ""), ("hẹn lấy ngày mai", ""), ("không nhớ", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_length_is_read(text: str, length: str) -> None:
    assert {read_length(said) for said in spellings(text)} == {length}


@pytest.mark.parametrize(
    ("text", "received"),
    [
        ("hôm qua 3 giờ chiều", "2026-11-25 15:00"), ("16h ngày 24/11", "2026-11-24 16:00"),
        ("24/11/2026 16:05", "2026-11-24 16:05"), ("8 giờ sáng 20/11", "2026-11-20 08:00"),
        ("9 giờ rưỡi sáng hôm qua", "2026-11-25 09:30"), ("ba giờ chiều hôm qua", "2026-11-25 15:00"),
        ("em nộp hôm kia lúc 9h", "2026-11-24 09:00"), ("15h30 hôm nay", "2026-11-26 15:30"),
        ("ngày 20 tháng 11 lúc 10 giờ", "2026-11-20 10:00"), ("yesterday at 3 pm", "2026-11-25 15:00"),
        ("24 November at 4 pm", "2026-11-24 16:00"), ("today 9am", "2026-11-26 09:00"),
        ("sáng nay", "2026-11-26 morning"), ("em nộp hồi sáng", "2026-11-26 morning"),
        ("sáng hôm qua", "2026-11-25 morning"), ("this morning", "2026-11-26 morning"),
        ("24/11", "2026-11-24"), ("tôi nộp hôm qua", "2026-11-25"), ("chiều qua", "2026-11-25"),
        ("4 rưỡi chiều hôm qua", "2026-11-25 16:30"), ("ngày 23", "2026-11-23"), ("em nộp hôm 10 tháng này", "2026-11-10"),
        ("hôm 28", "2026-10-28"), ("ngày 5 tháng trước lúc 9h", "2026-10-05 09:00"), ("ngày 31 tháng này", ""), ("23", ""),
        ("bữa qua", "2026-11-25"), ("hồi chiều", "2026-11-26"), ("trưa nay", "2026-11-26"), ("3 ngày trước", "2026-11-23"),
        ("3 days ago", "2026-11-23"), ("yesterday afternoon", "2026-11-25"),
        ("thứ hai tuần trước", "2026-11-16"), ("sáng thứ ba", "2026-11-24 morning"), ("thứ sáu", "2026-11-20"),
        ("em nộp thứ 6 lúc 9 giờ", "2026-11-20 09:00"), ("chủ nhật", "2026-11-22"), ("thứ sáu tuần này", "2026-11-27"),
        ("last Friday", "2026-11-20"), ("Monday at 4 pm", "2026-11-23 16:00"), ("thứ sáu 3 giờ chiều", "2026-11-20 15:00"),
        ("chiều thứ sáu", "2026-11-20"), ("thứ năm", ""),  # today, or a week ago
        ("thứ hai hay thứ ba", ""),
        # the hour is not certain, the day is
        ("hôm nay 3 giờ", "2026-11-26"), ("20/11 khoảng 3 giờ chiều", "2026-11-20"), ("20/11 trước 3 giờ chiều", "2026-11-20"),
        ("24/12/2025", "2025-12-24"), ("24/12", "2026-12-24"), ("ngày mai", "2026-11-27"),  # said to be still to come, by the step
        ("9 giờ", ""), ("trước tết", ""), ("31/02", ""), ("hôm qua 7 giờ kém 15", ""),
        ("9 giờ đến 10 giờ hôm qua", ""), ("hôm qua?", ""), ("không nhớ", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_day_is_read_with_its_hour(text: str, received: str) -> None:
    for said in spellings(text):
        found = read_received(said, TODAY)
        assert (received_answer(found) if found else "") == received, said


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("9 giờ sáng", "09:00"), ("3 giờ chiều", "15:00"), ("15h30", "15:30"), ("9h", "09:00"), ("16:05", "16:05"),
        ("9 giờ rưỡi", "09:30"), ("12 giờ trưa", "12:00"), ("1 giờ trưa", "13:00"), ("8h tối", "20:00"), ("3 pm", "15:00"),
        ("12 am", "00:00"), ("9 rưỡi sáng", "09:30"), ("lúc 10 giờ ạ", "10:00"),
        ("3 giờ", ""), ("khoảng 9 giờ", ""), ("10 đến 11 giờ", ""), ("25h", ""), ("không nhớ", ""), ("", ""),
    ],
)  # fmt: skip
def test_an_hour_is_read(text: str, clock: str) -> None:
    for said in spellings(text):
        found = read_clock(said)
        assert (f"{found:%H:%M}" if found else "") == clock, said


@given(ANYTHING)
def test_whatever_is_typed_is_read_as_something_that_can_be_kept_or_as_nothing(text: str) -> None:
    length, received = read_length(text), read_received(text, TODAY)
    assert not length or length_of(length)
    assert received is None or received_of(received_answer(received)) == received
    read_clock(text)
