"""Which of the commune's officials a citizen means, by role or by name."""

from rapidfuzz import fuzz

from bot.core.library import Commune, Official
from bot.core.normalise import content_fold, fold

NAMED = 88.0  # rapidfuzz's partial token ratio, 0..100: above this a role or a full name is taken as meant

TITLES = ("anh", "chi", "ong", "ba", "co", "chu", "bac")


def find_official(text: str, commune: Commune) -> Official | None:
    """The official whose role, other word for it, or own name stands in the text; None when none or several do."""
    asked = f" {fold(text)} "
    best: list[tuple[tuple[bool, int], Official]] = []  # what stands there word by word goes before what resembles it
    for official in commune.officials:
        names = [content_fold(name) for name in (*official.also, official.name)]
        found = [(True, len(name)) for name in names if f" {name} " in asked]
        found += [(False, len(name)) for name in names if len(name) > 8 and fuzz.partial_ratio(name, asked) > NAMED]
        given = content_fold(official.name).split()[-1]
        if not found and any(f" {title} {given} " in asked for title in TITLES):
            found = [(True, len(given))]
        if found:
            best.append((max(found), official))
    best.sort(key=lambda pair: pair[0], reverse=True)
    if not best or (len(best) > 1 and best[0][0] == best[1][0]):
        return None
    return best[0][1]
