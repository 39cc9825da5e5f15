"""How a place and what became of it is put into words: for the texts of flows, and as a button. Part of bot.render."""

from typing import NamedTuple

from bot.core.library import Commune
from bot.core.localities import Localities, Locality, state_of
from bot.core.normalise import fold
from bot.messages import Language

MOST_NAMED = 12  # more names tell nobody anything


class SpokenLocality(NamedTuple):
    """What a text may say of an answer. `places` places may be meant, of which `name` is the common name, "" if they differ.

    When it is one, `full_name` names also the district and the province. `units` is how many units of today became of it,
    `today` their names unless they are too many to read, `province` theirs. `made_of` are the old ones of the unit of today, or
    of the province. `same`: the name stayed; `ours`: one of the units is this very commune.
    """

    state: str
    name: str
    full_name: str
    places: int
    units: int
    today: tuple[str, ...]
    province: str
    made_of: tuple[str, ...]
    same: bool
    ours: bool


def spoken(table: Localities, answer: str, commune: Commune, language: Language) -> SpokenLocality:
    """The answer of a step in words; empty ones where nothing is known of it any more."""
    named = table.named(answer)
    today = table.today(named[0]) if named else ()
    if not today:
        return SpokenLocality(state_of(answer), "", "", 0, 0, (), "", (), False, False)
    one = named[0]
    province = table.above(today[0])[0] if today[0].within else today[0]
    made_of = [_full(table, old, language) for old in table.sources(today[0]) if len(today) == 1 and old.level != "h"]
    names = [unit.said(language) for unit in today] if one.level != "t" else []
    return SpokenLocality(
        state=state_of(answer),
        name=(one.said(language) if one.bare.isdigit() else one.bare)
        if len({other.bare for other in named}) == 1
        else "",
        full_name=_full(table, one, language),
        places=len(named),
        units=len(today),
        today=tuple(names) if len(names) <= MOST_NAMED else (),
        province=province.said(language),
        made_of=tuple(made_of) if len(made_of) <= MOST_NAMED else (),
        same=len(today) == 1 and today[0].name == one.name,
        ours=any(_is(unit, commune.name) and _is(province, commune.province) for unit in today),
    )


def locality_label(table: Localities, name: str, language: Language, *, of_today: str) -> str:
    """For a button: "Xã Tân Lập, huyện Đan Phượng, Hà Nội"; a unit of today has `of_today` after it. "" for what there is not."""
    one = table.by_id.get(name)
    if one is None:
        return ""
    *districts, province = table.above(one) or [one]
    own = [one.name if language == "vi" else one.said(language)] if province is not one else []
    since = [of_today] if one.of_today else []
    return ", ".join([*own, *(unit.said(language) for unit in districts), province.bare, *since])


def _full(table: Localities, one: Locality, language: Language) -> str:
    """With all that it was part of: "xã Tân Lập, huyện Đan Phượng, thành phố Hà Nội"."""
    return ", ".join(unit.said(language) for unit in (one, *table.above(one)))


def _is(unit: Locality, settings_name: str) -> bool:
    """Whether content/commune.yml calls it so, in any language."""
    return fold(settings_name) in {fold(unit.said("vi")), fold(unit.said("en"))}
