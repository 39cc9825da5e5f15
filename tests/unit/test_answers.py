"""What people type at a question, and what it means there."""

from datetime import date

import pytest

from bot.core.addresses import ScamLists
from bot.core.answers import fits, number_said, read, read_option
from bot.core.flow_model import Step, StepWords
from bot.core.library import Calendar
from bot.core.rules import RULES, age
from bot.core.when import read_day

TODAY = date(2026, 3, 10)
NONE = frozenset[str]()
LISTS = ScamLists(frozenset({"gov.vn"}), NONE, NONE, NONE, NONE)
SYMPTOMS = StepWords(
    "?",
    options={
        "otp": "Không nhận được mã",
        "password": "Quên mật khẩu",
        "got": "Đã nhận được mã",
        "yes": "Có",
        "no": "Không",
    },
    also={"otp": ("mã otp không về", "không có tin nhắn", "không có")},
)
ENGLISH = StepWords("?", options={"password": "Forgot password", "yes": "Yes", "no": "No"})


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("Quên mật khẩu", "password"),
        ("toi bi quen mat khau roi", "password"),
        ("dạ con quên mất mật khẩu vneid", "password"),
        ("quen mat kahu", "password"),
        ("I forgot my password", "password"),
        ("cannot get in", ""),
        ("mã otp nó không về máy", "otp"),
        ("ko nhan dc ma", "otp"),
        ("chưa nhận được mã", ""),  # neither option says "not yet": ask again rather than take the opposite
        ("đã nhận được mã rồi", "got"),
        ("có", "yes"),
        ("dạ có ạ", "yes"),
        ("không", "no"),
        ("không biết", ""),
        ("quên mật khẩu mà đã nhận được mã", "got"),  # more of its words were said
        ("thời tiết hôm nay", ""),
        ("thế có mất tiền không", ""),  # asks back, and denies nothing
        ("co duoc khong em", ""),
        ("có mã mà không có tin nhắn", "otp"),
        ("không có", "otp"),
        ("", ""),
    ],
)
def test_an_option_is_found_in_free_words(text: str, option: str) -> None:
    assert read_option((SYMPTOMS, ENGLISH), text) == option


@pytest.mark.parametrize(
    "text",
    [
        "hai",
        "ba",
        "cho ba",
        "hỏi bà",
        "thứ hai",
        "thứ 2",
        "mức 2",
        "muc 2",
        "muc sau",
        "con 5",
        "số 113",
        "phường 1",
        "1 và 2",
        "",
    ],
)
def test_what_only_looks_like_the_number_of_a_line(text: str) -> None:
    """A father, a grandmother, Monday, the level of a VNeID, what comes next, a child's age, the police, a place."""
    assert number_said(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("(3)", 3),
        ("mục sáu", 6),
        ("dạ 1 ạ", 1),
        ("cho tôi số 3", 3),
        ("the second one", 2),
        ("cái đầu", 1),
        ("cai cuoi", -1),
    ],
)
def test_the_number_of_a_line(text: str, number: int) -> None:
    assert number_said(text) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("05/03/2026", "2026-03-05"),
        ("5-3-2026", "2026-03-05"),
        ("5.3.26", "2026-03-05"),
        ("1/2/58", "1958-02-01"),
        ("2026-03-05", "2026-03-05"),
        ("ngày 5 tháng 3 năm 2026", "2026-03-05"),
        ("mùng 5 tháng 3", "2026-03-05"),
        ("5 March 2026", "2026-03-05"),
        ("5/3", "2026-03-05"),
        ("24/12", "2025-12-24"),  # it has not come yet this year
        ("hom qua", "2026-03-09"),
        ("hôm kia", "2026-03-08"),
        ("hôm nay", "2026-03-10"),
        ("today", "2026-03-10"),
        ("31/02/2026", None),
        ("tuần trước", None),
        ("12345", None),
    ],
)
def test_a_past_day_is_read(text: str, day: str | None) -> None:
    assert read_day(text, TODAY, past=True) == (date.fromisoformat(day) if day else None)


def test_a_day_that_may_come_is_this_years() -> None:
    assert read_day("24/12", TODAY, past=False) == date(2026, 12, 24)
    assert read_day("ngày mai", TODAY, past=False) == date(2026, 3, 11)


def test_what_is_wrong_is_said_by_kind() -> None:
    past, text = Step("a", "past-date", go="b"), Step("a", "text", go="b")
    assert read(past, (), "11/03/2026", TODAY, LISTS) == ("", "flow_future_date")
    assert read(past, (), "sáng nào cũng được", TODAY, LISTS) == ("", "flow_unclear_date")
    assert read(text, (), "lệ phí bao nhiêu?", TODAY, LISTS) == ("", "flow_unclear_text")  # asks, does not answer
    assert read(text, (), "số tôi là 0912345678", TODAY, LISTS) == ("", "flow_unclear_text")
    assert read(text, (), "  giấy   khai sinh ", TODAY, LISTS) == ("giấy khai sinh", "")
    message = Step("a", "message", go="b")
    assert read(message, (), "đọc mã OTP cho em", TODAY, LISTS) == ("dangerous secret", "")
    assert read(message, (), "mấy giờ mở cửa?", TODAY, LISTS) == ("", "flow_unclear_message")
    assert read(Step("a", "options", {"x": "b"}), (ENGLISH,), "hmm", TODAY, LISTS) == ("", "flow_unclear_option")


def test_a_stored_answer_is_judged_by_the_question_of_today() -> None:
    assert fits(Step("a", "options", {"x": "b"}), "x", TODAY)
    assert not fits(Step("a", "options", {"y": "b"}), "x", TODAY)
    assert fits(Step("a", "message", go="b"), "dangerous secret hurry", TODAY)
    for gone in ("", "harmless", "dangerous gone", "dangerous  secret", "Đọc mã OTP cho em"):
        assert not fits(Step("a", "message", go="b"), gone, TODAY)
    assert not fits(Step("a", "date", go="b"), "x", TODAY)
    assert not fits(Step("a", "past-date", go="b"), "2026-03-11", TODAY)


@pytest.mark.parametrize(
    ("born", "years"), [("2012-03-10", 14), ("2012-03-11", 13), ("2012-02-29", 14), ("2026-03-10", 0)]
)
def test_age_in_full_years(born: str, years: int) -> None:
    assert age(date.fromisoformat(born), TODAY) == years
    assert RULES["under_14"].holds({"born": born}, TODAY, Calendar()) == (years < 14)


def test_every_rule_names_its_source() -> None:
    assert [name for name, rule in RULES.items() if "Source:" not in (rule.holds.__doc__ or "")] == []
