"""Named predicates that a flow may use in `when:`. What is cleverer than "this option leads there" is written here.

A rule reads answers of the steps it names and today's date, nothing else. Its docstring names its legal source.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.core.localities import state_of
from bot.core.scam import verdict_of

Answers = Mapping[str, str]
Holds = Callable[[Answers, date], bool]


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
def under_14(answers: Answers, today: date) -> bool:
    """A child who needs a parent or guardian for an electronic identity.

    Source: procedure 3.000228 on the National Public Service Portal (18/07/2026), conditions: "Người dưới 14 tuổi (…) cùng
    người đại diện hoặc người giám hộ của mình đến Công an xã, phường"; legal basis Nghị định 69/2024/NĐ-CP.
    """
    return age(date.fromisoformat(answers["born"]), today) < 14


@rule("message")
def official_address(answers: Answers, today: date) -> bool:
    """A pasted message that leads to official addresses only (content/scam.yml) and shows no sign of fraud.

    Source: entry scam-check (12/09/2026): "trang cơ quan nhà nước kết thúc bằng .gov.vn".
    """
    return _level(answers) == "official"


@rule("message")
def no_sign_of_fraud(answers: Answers, today: date) -> bool:
    """A pasted message in which nothing was found; that is not "safe".

    Source: the signs are those of the entries scam-check, scam-police-call, scam-fake-app, scam-otp-leaked (12/09/2026).
    """
    return _level(answers) == "nothing"


def _level(answers: Answers) -> str:
    verdict = verdict_of(answers["message"])
    return verdict.level if verdict else ""


@rule("place")
def is_a_province(answers: Answers, today: date) -> bool:
    """The old name of a province: 63 became 34.

    Source: Nghị quyết 202/2025/QH15 (12/06/2025) on the arrangement of provinces.
    """
    return state_of(answers["place"]) == "province"


@rule("place")
def was_divided(answers: Answers, today: date) -> bool:
    """A commune whose parts came to several units of today.

    Source: the conversion table of the National Statistics Office (content/localities.tsv).
    """
    return state_of(answers["place"]) == "split"


@rule("place")
def is_of_today(answers: Answers, today: date) -> bool:
    """The name of a commune, ward or special zone as it has been since 01/07/2025.

    Source: the list of the National Statistics Office (content/localities.tsv).
    """
    return state_of(answers["place"]) == "today"


def age(born: date, today: date) -> int:
    """Full years; who was born on 29 February grows older on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
