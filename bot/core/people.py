"""Which of the commune's officials a citizen means, by role or by name."""

from rapidfuzz import fuzz

from bot.core.library import Commune, Official
from bot.core.normalise import fold

NAMED = 88.0  # rapidfuzz's partial token ratio, 0..100: above this a role or a full name is taken as meant


def find_official(text: str, commune: Commune) -> Official | None:
    """The official whose role, other name for the role, or own name stands in the text; None when none or several do."""
    asked = f" {fold(text)} "
    best: list[tuple[int, Official]] = []
    for official in commune.officials:
        names = [fold(name) for name in (*official.also, official.name)]
        found = [len(name) for name in names if f" {name} " in asked or (len(name) > 8 and fuzz.partial_ratio(name, asked) > NAMED)]
        given = fold(official.name).split()[-1]
        if not found and any(f" {title} {given} " in asked for title in ("anh", "chi", "ong", "ba", "co", "chu", "bac")):
            found = [len(given)]
        if found:
            best.append((max(found), official))
    best.sort(key=lambda pair: -pair[0])
    if not best or (len(best) > 1 and best[0][0] == best[1][0]):
        return None
    return best[0][1]
