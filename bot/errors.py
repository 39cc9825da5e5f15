"""The few ways in which things fail. Fields, not sentences: who catches one decides what to say."""

import traceback
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a content file, with its place and its cure in both languages."""

    file: str
    line: int
    column: int
    vi: str
    en: str
    warning: bool = False

    def __str__(self) -> str:
        level = "cảnh báo/warning: " if self.warning else ""
        return f"{self.file}:{self.line}:{self.column}: {level}{self.vi}\n    {self.en}"


class ContentError(Exception):
    """Content that cannot be published, with every problem that was found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = problems


class NluUnavailable(Exception):
    """The NLU server did not answer in time or in form; the keyword search answers instead."""


class StoreUnavailable(Exception):
    """Redis does not answer: the message must not be accepted, so that its sender tries again."""


class WrongAddress(Exception):
    """REDIS_URL has no form that we know. The message says what to write, for people."""


class Busy(Exception):
    """Too many messages of one conversation wait: the platform shall bring this one again later."""


class Unauthentic(Exception):
    """A request whose secret or signature is wrong. Names the header, never its value."""


class Malformed(Exception):
    """A request that nobody can read. Says what is wrong, never what was written."""


class ChannelError(Exception):
    """A platform did not take a message. `retry_after` in seconds where it said so; `code` is its own number."""

    def __init__(self, message: str, *, permanent: bool, retry_after: float = 0.0, code: int = 0) -> None:
        super().__init__(message)
        self.permanent, self.retry_after, self.code = permanent, retry_after, code


class NeedsAdmin(ChannelError):
    """Nothing can be sent until an admin acts. The message says what is wrong."""

    def __init__(self, message: str, *, code: int = 0) -> None:
        super().__init__(message, permanent=False, retry_after=1800.0, code=code)


class TrainingFailed(Exception):
    """No new model: the Rasa environment is missing or Rasa failed. The message says which, for people."""


def where(error: BaseException) -> str:
    """The places of a traceback for the log, without the error's message: that may hold what a citizen wrote."""
    return "".join(traceback.format_tb(error.__traceback__))
