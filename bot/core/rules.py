"""Named predicates that a flow may use in `when:`. What is cleverer than "this option leads there" is written here.

A rule reads answers of the steps it names, today's date and which days are worked, nothing else. Its docstring names its
legal source.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.core import deadline
from bot.core.deadline import LENGTH, RECEIVED
from bot.core.library import Calendar
from bot.core.localities import state_of
from bot.core.scam import verdict_of

Answers = Mapping[str, str]
Holds = Callable[[Answers, date, Calendar], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """`reads`: ids of steps whose answers it needs; a flow that uses the rule must ask them first."""

    reads: tuple[str, ...]
    holds: Holds


RULES: dict[str, Rule] = {}


def rule(*reads: str) -> Callable[[Holds], Holds]:
    """Give a predicate to flows under its own name."""

    def register(holds: Holds) -> Holds:
        RULES[holds.__name__] = Rule(reads, holds)
        return holds

    return register


@rule("born")
def under_14(answers: Answers, today: date, calendar: Calendar) -> bool:
    """A child who needs a parent or guardian for an electronic identity.

    Source: procedure 3.000228 on the National Public Service Portal (18/07/2026), conditions: "Người dưới 14 tuổi (…) cùng
    người đại diện hoặc người giám hộ của mình đến Công an xã, phường"; legal basis Nghị định 69/2024/NĐ-CP.
    """
    return age(date.fromisoformat(answers["born"]), today) < 14


@rule("message")
def official_address(answers: Answers, today: date, calendar: Calendar) -> bool:
    """A pasted message that leads to official addresses only (content/scam.yml) and shows no sign of fraud.

    Source: entry scam-check (12/09/2026): "trang cơ quan nhà nước kết thúc bằng .gov.vn".
    """
    return _level(answers) == "official"


@rule("message")
def no_sign_of_fraud(answers: Answers, today: date, calendar: Calendar) -> bool:
    """A pasted message in which nothing was found; that is not "safe".

    Source: the signs are those of the entries scam-check, scam-police-call, scam-fake-app, scam-otp-leaked (12/09/2026).
    """
    return _level(answers) == "nothing"


@rule(LENGTH, RECEIVED)
def kind_of_days_decides(answers: Answers, today: date, calendar: Calendar) -> bool:
    """It was not said whether the days are working days, and the result would be due on another day.

    Source: Bộ luật Dân sự 2015, article 147, and entry application-status (16/06/2026): days of the calendar, working days.
    """
    return deadline.open_question(answers, calendar) == deadline.KIND


@rule(LENGTH, RECEIVED)
def three_o_clock_decides(answers: Answers, today: date, calendar: Calendar) -> bool:
    """What is done on the same day was handed in at an hour that is not known.

    Source: Nghị định 23/2015/NĐ-CP, article 7: "trong ngày làm việc tiếp theo nếu tiếp nhận yêu cầu sau 15 giờ".
    """
    return deadline.open_question(answers, calendar) == deadline.THREE


@rule(LENGTH, RECEIVED)
def hour_decides(answers: Answers, today: date, calendar: Calendar) -> bool:
    """A limit in hours begins at an hour that is not known.

    Source: Bộ luật Dân sự 2015, article 147: "thời hạn được bắt đầu từ thời điểm đã xác định".
    """
    return deadline.open_question(answers, calendar) == deadline.CLOCK


@rule(LENGTH, RECEIVED)
def due_is_past(answers: Answers, today: date, calendar: Calendar) -> bool:
    """The last day for the result is over; that day itself is not late yet.

    Source: Bộ luật Dân sự 2015, article 148: "kết thúc tại thời điểm kết thúc ngày cuối cùng của thời hạn".
    """
    due = deadline.counted(answers, calendar)
    return due is not None and due.at.date() < today


@rule(LENGTH, RECEIVED)
def due_is_today(answers: Answers, today: date, calendar: Calendar) -> bool:
    """Today is the last day for the result.

    Source: as for due_is_past.
    """
    due = deadline.counted(answers, calendar)
    return due is not None and due.at.date() == today


def _level(answers: Answers) -> str:
    verdict = verdict_of(answers["message"])
    return verdict.level if verdict else ""


@rule("place")
def is_a_province(answers: Answers, today: date, calendar: Calendar) -> bool:
    """The old name of a province: 63 became 34.

    Source: Nghị quyết 202/2025/QH15 (12/06/2025) on the arrangement of provinces.
    """
    return state_of(answers["place"]) == "province"


@rule("place")
def was_divided(answers: Answers, today: date, calendar: Calendar) -> bool:
    """A commune whose parts came to several units of today.

    Source: the conversion table of the National Statistics Office (content/localities.tsv).
    """
    return state_of(answers["place"]) == "split"


@rule("place")
def is_of_today(answers: Answers, today: date, calendar: Calendar) -> bool:
    """The name of a commune, ward or special zone as it has been since 01/07/2025.

    Source: the list of the National Statistics Office (content/localities.tsv).
    """
    return state_of(answers["place"]) == "today"


def age(born: date, today: date) -> int:
    """Full years; who was born on 29 February grows older on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
