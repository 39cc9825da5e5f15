"""Which localities a text names: with or without accents, with abbreviations, misspelt by a letter. Pure.

An address is read as kinds and names in any order ("xã Tân Lập huyện Đan Phượng", "quan 1 p ben nghe"). Names that lie around
another one narrow it; what stays open is returned whole, and what is unknown is not guessed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.core.localities import KINDS, Localities, Locality, state_of
from bot.core.locality_words import AFTER, APOSTROPHE, AROUND, EVERYDAY, LEVELS, key_of, kind_at, words_of
from bot.core.normalise import fold

LONGEST_NAME: Final = 7  # words
_KINDS: Final = {kind: fold(kind) for kind in KINDS}


@dataclass(frozen=True, slots=True)
class _Mention:
    """What some words of a text may name; `kind` as it was said, "" when it was not. One that is not `sure` needs another.

    `guessed`: a letter or the kind is wrong, and nothing else that was said supports it.
    """

    ids: frozenset[str]
    kind: str = ""
    words: tuple[str, ...] = ()
    sure: bool = True
    guessed: bool = False


class LocalitySearch:
    """Finds localities in texts. The index costs a tenth of a second and 4 MB: it is made at the first question."""

    def __init__(self, table: Localities, *, home: str = "") -> None:
        """`home` is the name of our province today: of many places of one name those in it come first."""
        self._table = table
        self._home = home
        self._around = lru_cache(maxsize=1 << 14)(self._lies_in)

    @cached_property
    def _by_key(self) -> Mapping[str, tuple[str, ...]]:
        by_key: dict[str, list[str]] = defaultdict(list)
        spell = lru_cache(maxsize=1 << 14)(key_of)  # names share their words
        for one in self._table.by_id.values():
            for name in (one.bare, *one.also):
                by_key[" ".join(filter(None, map(spell, APOSTROPHE.sub("", name).split())))].append(one.id)
                if APOSTROPHE.search(name):  # "Ea H'leo" is written "ea h leo" too
                    by_key[" ".join(words_of(APOSTROPHE.sub(" ", name)))].append(one.id)
        return {key: tuple(ids) for key, ids in by_key.items()}

    @cached_property
    def _order(self) -> Mapping[str, tuple[bool, bool, int]]:
        """In which places are named: the old ones first, and of these the ones at home."""
        home = {
            one.id
            for one in self._table.by_id.values()
            if one.level == "t" and fold(one.said("vi")) == fold(self._home)
        }
        ours = {deeper for name in home for deeper in self._below(name)} if self._home else set()
        return {name: (one.of_today, name not in ours, i) for i, (name, one) in enumerate(self._table.by_id.items())}

    def is_address(self, text: str) -> bool:
        """Whether the text says nothing but where, kinds included ("xã Tân Lập, Đan Phượng"): a question by itself."""
        words = words_of(text)
        if not any(kind_at(words, i) for i in range(len(words))):
            return False  # nearly every message: cutting costs more than looking
        mentions, loose = self._cut(words)
        kind = any(mention.kind or kind_at([*mention.words], 0) for mention in mentions)
        rest = [word for _, run in loose for word in run if not word.isdigit()]  # "tổ 5, khu phố 3" say nothing here
        return kind and not rest and state_of(self.answer(text)) not in ("", "likely")

    def names_one(self, text: str) -> bool:
        """Whether a sentence names a known place with its kind ("thị trấn Lim huyện Tiên Du, giờ là đâu")."""
        called = any(mention.kind for mention in self._cut(words_of(text))[0])
        return called and state_of(self.answer(text)) not in ("", "likely")

    def answer(self, text: str, before: str = "") -> str:
        """What a step keeps of the text; `before` is what it kept of the last one and is still open."""
        ids, sure = self._understand(text, before.split(" ")[1:])
        return self._table.answer(ids, sure=sure)

    def find(self, text: str, among: Collection[str] = ()) -> tuple[str, ...]:
        """Ids of what the text may mean: one when that is clear, () when nothing is known by such a name.

        `among` are the ids that stayed open before: the text says more about them, or names something else.
        """
        return self._understand(text, among)[0]

    def _understand(self, text: str, among: Collection[str]) -> tuple[tuple[str, ...], bool]:
        """The ids, and whether the name was said so rather than guessed from a misspelt one."""
        words = words_of(text)
        before = _Mention(frozenset(name for name in among if name in self._table.by_id))
        mentions, loose = self._cut(words)
        near = frozenset().union(*(m.ids for m in mentions), before.ids)
        for kind, run in loose:
            if misspelt := self._misspelt(run, kind, near, alone=len(run) == len(words)):
                mentions.append(misspelt)
        found, fits = self._resolve(mentions, before)
        chat = bool(loose) and not fits and not any(mention.kind for mention in mentions)
        if found and not chat:  # "how do I …" is no "Hộ Độ": a bare name stands alone or beside another
            apart = sum(mention.sure for mention in mentions) > 1
            return found, bool(fits) or not (apart or any(mention.guessed for mention in mentions))
        kind = kind_at(words, 0)
        return self._merged(self._nearest(" ".join(words[len(kind.split()) :]), kind, self._within(before.ids))), True

    # -- what is named ----------------------------------------------------------------------------------------------

    def _cut(self, words: list[str]) -> tuple[list[_Mention], list[tuple[str, tuple[str, ...]]]]:
        """The names in the text, as many words of it as can be; and runs of words that are none, with the kind before them."""
        best: list[tuple[float, int, _Mention | None]] = [(0.0, len(words), None)] * (len(words) + 1)
        for i in range(len(words) - 1, -1, -1):
            best[i] = (best[i + 1][0], i + 1, None)
            for weight, end, mention in self._at(words, i):
                if best[end][0] + weight > best[i][0]:
                    best[i] = (best[end][0] + weight, end, mention)
        mentions: list[_Mention] = []
        loose: list[tuple[str, tuple[str, ...]]] = []
        kind, i = "", 0
        run: list[str] = []
        while i < len(words):
            _, end, named = best[i]
            said = "" if named else kind_at(words, i)
            if named or said or words[i] in AROUND:
                loose += [(kind, tuple(run))] if run else []
                kind, run = said, []
                end = i + len(said.split()) if said else end
            else:
                run.append(words[i])
            mentions += [named] if named else []
            i = end
        return mentions, loose + ([(kind, tuple(run))] if run else [])

    def _at(self, words: list[str], i: int) -> Iterator[tuple[float, int, _Mention]]:
        """The names that begin at a word, with how much each explains."""
        kind = kind_at(words, i)
        for start, before in {i: "", i + len(kind.split()): kind}.items():
            for end in range(start + 1, min(start + LONGEST_NAME, len(words)) + 1):
                name = tuple(words[start:end])
                if (ids := self._by_key.get(" ".join(name))) is None:
                    continue
                after = words[end] if not before and end < len(words) and words[end] in AFTER else ""
                called, last = before or after, end + bool(after)
                ids = self._of_kind(ids, called)
                whole, single = last - i == len(words), len(name) == 1
                if not ids or (single and not called and name[0].isdigit()):
                    continue
                if not whole and (single or not called) and self._is_chatter(name, ids):
                    continue
                sure = whole or not single or bool(called)
                weight = 2 * (last - i) + (1 if called else -1) if sure else 0.5
                missed = not called and i > 0 and words[i - 1] in LEVELS  # "huyện X", and there is no such district
                yield weight, last, _Mention(frozenset(ids), called, name, sure, missed)

    def _is_chatter(self, name: tuple[str, ...], ids: Iterable[str]) -> bool:
        """Whether these everyday words mean no place: they do where it is a district or a province, with few exceptions."""
        small = len(name) == 1 or all(self._table.by_id[one].level == "x" for one in ids)
        return AROUND.issuperset(name) and (small or " ".join(name) in EVERYDAY)

    def _of_kind(self, ids: Iterable[str], kind: str) -> tuple[str, ...]:
        """Those that are called so; else those of that level: a township may have become a ward, people say either."""
        ids = tuple(ids)
        if not kind:
            return ids
        same = tuple(name for name in ids if _KINDS[self._table.by_id[name].kind] == kind)
        level = tuple(name for name in ids if self._table.by_id[name].level in LEVELS[kind])
        return level if kind == "tinh" else same or level  # a part of tỉnh Bình Trị Thiên is a city now

    def _misspelt(self, run: tuple[str, ...], kind: str, near: Collection[str], *, alone: bool) -> _Mention | None:
        """What the words may name with a letter wrong: near what else was named; else only after a kind, or when nothing
        else is said.
        """
        for within in (self._within(near), None):
            if within is None and not kind and not alone:
                break
            for length in range(len(run), 0, -1):
                if ids := self._nearest(" ".join(run[:length]), kind, within):
                    return _Mention(frozenset(ids), kind, run, guessed=within is None)
                if not kind:
                    break
        return None

    def _nearest(self, said: str, kind: str, within: Collection[str] | None) -> tuple[str, ...]:
        least = 4 if within else 5
        if len(said) < least or any(map(str.isdigit, said)):
            return ()
        most = 2 if within and len(said) > 8 else 1
        keys = self._by_key.keys() if within is None else {key_of(self._table.by_id[name].bare) for name in within}
        hits = process.extract(said, keys, scorer=OSA.distance, score_cutoff=most, limit=None)
        for distance in range(most + 1):
            names = [name for key, off, _ in hits if off == distance for name in self._by_key.get(key, ())]
            if ids := self._of_kind([n for n in names if within is None or n in within], kind):
                return ids
        return ()

    # -- which of them is meant -------------------------------------------------------------------------------------

    def _resolve(self, mentions: list[_Mention], before: _Mention) -> tuple[tuple[str, ...], int]:
        """The ids that lie in most of what else was named, and in how much; () when what was named does not fit together."""
        ranked: dict[str, tuple[int, bool, bool]] = {}
        sure = [mention for mention in mentions if mention.sure]
        for mention in (*mentions, before):
            others = [other for other in (*mentions, before) if other is not mention]
            for name in mention.ids:
                fits = sum(self._fit(name, other) for other in others)
                if fits or mention.sure:
                    rank = (fits, mention is not before, bool(mention.kind))
                    ranked[name] = max(rank, ranked.get(name, rank))
        most = max(ranked.values(), default=(0, False, False))
        if not most[1] and not most[0]:
            return (), 0
        if not most[0] and len(sure) > 1:
            return self._apart(sure), 0
        names = [name for name, rank in ranked.items() if rank == most]
        provinces = [name for name in names if self._table.by_id[name].level == "t" and not most[2]]
        return self._merged(provinces or names), most[0]  # "Bắc Giang" alone is the province

    def _fit(self, name: str, other: _Mention) -> int:
        """2 when it lies in what else was named; 1 when it is of today and only was made of what lay there."""
        if not other.ids.isdisjoint(self._around(name)):
            return 2
        one = self._table.by_id[name]
        old = self._table.sources(one) if one.of_today else ()
        return int(any(not other.ids.isdisjoint(self._around(part.id)) for part in old))

    def _apart(self, mentions: list[_Mention]) -> tuple[str, ...]:
        """Of names that do not fit together: what lies in one and is spelt nearly like another, or the only one with a kind."""
        for mention in mentions:
            near = frozenset().union(*(other.ids for other in mentions if other is not mention))
            pool = self._within(near)
            if pool and (ids := self._nearest(" ".join(mention.words), mention.kind, pool)):
                return self._merged(ids)
        called = [mention for mention in mentions if mention.kind]
        if len(called) != 1:
            return ()
        others = frozenset().union(*(other.ids for other in mentions if other is not called[0]))
        number = called[0].words[-1:] and called[0].words[-1].isdigit()  # "phường 6" says little: rather where it was
        return self._merged(others if number else called[0].ids)

    def _merged(self, names: Iterable[str]) -> tuple[str, ...]:
        """Without those that say the same: what kept its name is one, and so are two that became one."""
        table = self._table
        found = sorted((table.by_id[name] for name in names), key=lambda one: self._order[one.id])
        kept: list[Locality] = []
        for one in found:
            today = table.today(one)
            same = (o for o in kept if table.today(o) == today and one.within in (o.id, o.within))
            if not any(one in table.today(other) for other in kept) and not any(same):
                kept.append(one)
        return tuple(one.id for one in kept)

    def _lies_in(self, name: str) -> frozenset[str]:
        """Ids of all that it is or was part of, and of the province today."""
        one = self._table.by_id[name]
        return frozenset(up.id for unit in (one, *self._table.today(one)) for up in self._table.above(unit))

    def _within(self, names: Iterable[str]) -> frozenset[str]:
        """Ids of all that lies in any of them."""
        return frozenset().union(*map(self._below, names))

    def _below(self, name: str) -> frozenset[str]:
        """Ids of all that lies in it, of old and of today."""
        one = self._table.by_id[name]
        parts = [*self._table.parts(one), *(old for old in self._table.sources(one) if old.level != "x")]
        below = {part.id for part in parts} | {deeper for part in parts for deeper in self._below(part.id)}
        if one.level == "h":
            below |= {unit.id for unit in self._table.today(one)}
        return frozenset(below)
