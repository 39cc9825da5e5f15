"""The communes, districts and provinces of before 01/07/2025 and those of today: content/localities.tsv as a table. Pure.

An id is the level and the official code: "T79" a province and "X26740" a commune, ward or special zone of today; "t24" a
province, "h760" a district and "x26740" a commune, ward or township of old. What became of the old ones is official: the
conversion table of the National Statistics Office; see docs/decisions/0014-old-names.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final, Literal, NamedTuple

State = Literal["found", "split", "today", "province", "open", "likely"]
OPEN: Final = frozenset(("open", "likely"))
SETTLED: Final = frozenset(("found", "split", "today", "province"))
MOST_OPEN: Final = 60  # candidates that an answer may hold: the name that most wards share is "Phường 1", 33 of them

KINDS: Final = ("Thị trấn", "Thị xã", "Thành phố", "Đặc khu", "Xã", "Phường", "Huyện", "Quận", "Tỉnh")
_ENGLISH: Final = {
    "Thị trấn": "Township", "Thị xã": "Town", "Thành phố": "City", "Đặc khu": "Special Zone", "Xã": "Commune",
    "Phường": "Ward", "Huyện": "District", "Quận": "District", "Tỉnh": "Province",
}  # fmt: skip


class Locality(NamedTuple):
    """One of 14,000, so it is no dataclass: these are made three times as fast.

    `within` is the id that it is part of; `today` are the ids of what became of it.
    """

    id: str
    name: str
    within: str = ""
    today: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def level(self) -> str:
        """ "x" commune, "h" district, "t" province, of old or of today."""
        return self.id[0].lower()

    @property
    def of_today(self) -> bool:
        return self.id[0].isupper()

    @property
    def kind(self) -> str:
        return next((kind for kind in KINDS if self.name.startswith(f"{kind} ")), "")

    @property
    def bare(self) -> str:
        """The name without its kind: "Tân Lập", "12"."""
        return self.name.removeprefix(self.kind).strip()

    def said(self, language: str) -> str:
        """In a sentence: "xã Tân Lập", "Tân Lập Commune", "Ward 12"."""
        if language == "vi":
            return f"{self.kind.lower()} {self.bare}"
        kind = _ENGLISH[self.kind]
        return f"{kind} {self.bare}" if self.bare.isdigit() else f"{self.bare} {kind}"


class Localities:
    """All of them by id."""

    def __init__(self, localities: Iterable[Locality] = ()) -> None:
        self.by_id: Mapping[str, Locality] = {one.id: one for one in localities}

    def above(self, one: Locality) -> list[Locality]:
        """What it is part of, the nearest first."""
        found = []
        while one.within:
            one = self.by_id[one.within]
            found.append(one)
        return found

    @cached_property
    def _parts(self) -> Mapping[str, tuple[Locality, ...]]:
        parts = defaultdict(list)
        for one in self.by_id.values():
            parts[one.within].append(one)
        return {name: tuple(ones) for name, ones in parts.items()}

    @cached_property
    def _sources(self) -> Mapping[str, tuple[Locality, ...]]:
        sources = defaultdict(list)
        for one in self.by_id.values():
            for name in one.today:
                sources[name].append(one)
        return {name: tuple(ones) for name, ones in sources.items()}

    def parts(self, one: Locality) -> tuple[Locality, ...]:
        """What it consists of."""
        return self._parts.get(one.id, ())

    def sources(self, one: Locality) -> tuple[Locality, ...]:
        """The old ones that a locality of today was made of."""
        return self._sources.get(one.id, ())

    def today(self, one: Locality) -> tuple[Locality, ...]:
        """What became of it; of a district, all that its communes became."""
        if one.of_today:
            return (one,)
        names = one.today or dict.fromkeys(name for part in self.parts(one) for name in part.today)
        return tuple(self.by_id[name] for name in names)

    # -- as the answer of a step ------------------------------------------------------------------------------------

    def answer(self, ids: Iterable[str], *, sure: bool = True) -> str:
        """What a conversation keeps of the localities that a text may mean: "found x26740", "open h276", "open x1 x2"; "" if none.

        A district that became several communes stays open: only the commune says which. So does what is only "likely".
        """
        known = [self.by_id[name] for name in ids if name in self.by_id][:MOST_OPEN]
        if not known:
            return ""
        state: State = "open"
        if not sure:
            state = "likely"
        elif len(known) == 1:
            one = known[0]
            several = len(self.today(one)) > 1
            if one.level == "t":
                state = "province"
            elif one.of_today:
                state = "today"
            else:
                state = "found" if not several else "split" if one.level == "x" else "open"
        return " ".join((state, *(one.id for one in known)))

    def choices(self, answer: str) -> tuple[str, ...]:
        """The ids that an open answer lets one choose among; a single district has too many parts to show."""
        named = self.named(answer)
        return tuple(one.id for one in named) if len(named) > 1 or state_of(answer) == "likely" else ()

    def named(self, answer: str) -> tuple[Locality, ...]:
        """The localities of such an answer; what is no more is left out."""
        return tuple(self.by_id[name] for name in answer.split(" ")[1:] if name in self.by_id)


def state_of(answer: str) -> str:
    """What such an answer says of the name: a State; "" when there is none."""
    return answer.partition(" ")[0]
