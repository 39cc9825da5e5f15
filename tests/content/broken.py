"""Good content in which something is broken, and what is said of it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.errors import ContentError, Problem
from bot.loader.load import load


@dataclass(frozen=True)
class Broken:
    """`old` becomes `new` in `file`; the problem stands in the line that holds `at` (of `new` where it is not said)."""

    name: str
    file: str
    old: str
    new: str
    vi: str
    en: str
    at: str = ""


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text()
    assert text.count(old) >= 1, f"{old!r} is not in {file}"
    (root / file).write_text(text.replace(old, new, 1))


def problems_of(root: Path) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        load(root)
    return caught.value.problems
