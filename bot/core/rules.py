"""Named predicates that a flow may use in `when:`. What is cleverer than "this option leads there" is written here.

A rule reads answers of the steps it names and today's date, nothing else. Its docstring names its legal source.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

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


def age(born: date, today: date) -> int:
    """Full years; who was born on 29 February grows older on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
