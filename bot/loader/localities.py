"""content/localities.tsv -> core.localities.Localities: id, name, part of, what became of it, other names; one a line."""

import re
from functools import lru_cache
from pathlib import Path

from bot.core.localities import KINDS, Localities, Locality
from bot.errors import Problem

COLUMNS = 5
_ID = re.compile(r"[TXthx]\d{1,5}")
_NAME = re.compile("(?:" + "|".join(KINDS) + ") .")
_WITHIN = {"x": "h", "h": "t", "X": "T", "T": "", "t": ""}  # the level that an id lies in


def read_localities(path: Path, name: str) -> tuple[Localities, tuple[Problem, ...]]:
    """The table and what is wrong in it; empty where there is no such file."""
    return _parsed(path.read_text("utf-8") if path.is_file() else "", name)


@lru_cache(maxsize=1)  # other files change oftener
def _parsed(table: str, name: str) -> tuple[Localities, tuple[Problem, ...]]:
    found: dict[str, Locality] = {}
    numbers: list[int] = []
    problems: list[Problem] = []

    def wrong(number: int, vi: str, en: str) -> None:
        problems.append(Problem(name, number, 1, vi, en))

    for number, line in enumerate(table.split("\n"), start=1):
        if not line or line[0] == "#":
            continue
        cells = line.split("\t")
        if len(cells) != COLUMNS:
            vi = f"dòng có {len(cells)} cột, cần {COLUMNS} cột cách nhau bằng phím Tab → thêm hoặc bớt cột"
            wrong(number, vi, f"{len(cells)} columns, {COLUMNS} are needed, separated by tabs → add or remove columns")
            continue
        id_, called, within, today, also = cells
        if id_ in found or not _ID.fullmatch(id_) or not _NAME.match(called):
            vi = f'mã "{id_}" sai hoặc đã có, hay tên "{called}" không bắt đầu bằng cấp → sửa, như "Thị trấn Trâu Quỳ"'
            wrong(number, vi, f'the id "{id_}" is wrong or taken, or "{called}" has no kind before it → mend it')
            continue
        found[id_] = Locality(id_, called, within, tuple(today.split()), tuple(also.split(", ")) if also else ())
        numbers.append(number)
    for number, (id_, one) in zip(numbers, found.items(), strict=True):
        if one.within[:1] != _WITHIN[id_[0]] or (one.within and one.within not in found):
            vi = f'thuộc "{one.within}": không có → sửa cột 3'
            wrong(number, vi, f'part of "{one.within}": there is no such line → mend column 3')
        if not all(today in found for today in one.today) or (not one.today and id_[0] in "tx"):
            vi = "chưa ghi đúng nay là gì → sửa cột 4"
            wrong(number, vi, "it does not say rightly what became of it → mend column 4")
    return Localities(found.values() if not problems else ()), tuple(problems)
