"""What an old name is today: the table that is shipped, and the search over it."""

import random
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.core.localities import Localities
from bot.core.locality_search import LocalitySearch
from bot.core.normalise import fold
from bot.loader.localities import read_localities

ROOT = Path(__file__).resolve().parents[2]
NAMES: dict[str, dict[str, Any]] = yaml.load(
    Path(__file__).with_name("old_names.yml").read_text("utf-8"), Loader=yaml.BaseLoader
)
CASES = [(said, wanted) for group in NAMES.values() for said, wanted in group.items()]


@cache
def table() -> Localities:
    localities, problems = read_localities(ROOT / "content" / "localities.tsv", "localities.tsv")
    assert not problems
    return localities


@cache
def search() -> LocalitySearch:
    return LocalitySearch(table())


def told(said: str, before: str = "") -> str:
    """What the table of tests says of a text."""
    answer = search().answer(said, before)
    found = table().named(answer)
    if not found:
        return "-"
    if len(found) > 1:
        return f"?{len(found)}"
    if found[0].of_today:
        return "="
    likely = "~" if answer.startswith("likely ") else ""
    return likely + ", ".join(sorted(unit.said("vi") for unit in table().today(found[0])))


def test_the_units_are_as_many_as_the_law_says() -> None:
    ones = list(table().by_id.values())
    assert [sum(one.id[0] == level for one in ones) for level in "TXth"] == [34, 3321, 63, 696]
    assert sum(one.id[0] == "x" for one in ones) > 10_000
    assert len([one for one in ones if one.id[0] == "X" and one.kind == "Đặc khu"]) == 13
    assert {unit.id for one in ones for unit in table().today(one)} == {one.id for one in ones if one.of_today}


@pytest.mark.parametrize(("said", "wanted"), CASES, ids=[said for said, _ in CASES])
def test_an_old_name_is_told_or_asked_back(said: str, wanted: str) -> None:
    expected = wanted if wanted[0] in "-?=~" else ", ".join(sorted(wanted.split(", ")))
    assert told(said) == expected
    assert told(fold(said)) == expected or any(mark in said for mark in "-I'"), "without accents it is the same"


def test_what_stayed_open_is_narrowed_by_the_next_words() -> None:
    many = search().answer("tân lập")
    assert told("đan phượng", many) == "xã Hoài Đức, xã Ô Diên"
    assert told("h dan phuong", many) == "xã Hoài Đức, xã Ô Diên"
    assert told("thái nguyên", many) == "?2"
    assert told("phường Bến Nghé", many) == "phường Sài Gòn", "or it is another place"
    assert told("không biết", many) == "-"
    district = search().answer("quận gò vấp")
    assert district.startswith("open h")
    assert told("phường 12", district) == "phường An Hội Tây"
    assert told("12", district) == "-", "a bare number is a button's"
    assert told("tân phú trung", search().answer("huyện củ chi")) == "xã Củ Chi"
    assert told("tan phu chung", search().answer("huyện củ chi")) == "xã Củ Chi", "misspelt, but within the district"


def test_every_old_commune_is_found_by_its_full_name() -> None:
    """A sample of each level: whoever writes the whole address is never asked back about another one."""
    ones = [one for one in table().by_id.values() if one.id[0] == "x"]
    for one in random.Random(7).sample(ones, 400):
        address = ", ".join(unit.name for unit in (one, *table().above(one)))
        for said in (address, fold(address)):
            found = table().named(search().answer(said))
            assert {unit.id for other in found for unit in table().today(other)} >= set(one.today), said
            assert all(other.within == one.within for other in found), said


def test_what_does_not_fit_is_only_likely() -> None:
    """The wrong district, or a kind that nothing of that name has: both are asked back, never told for sure."""
    for said in ("bến nghé quận 3", "phường 6 Trà Vinh", "thị xã Cửa Lò", "tỉnh Tân Lập"):
        assert search().answer(said).startswith("likely "), said


def test_places_of_our_province_are_named_first() -> None:
    here = LocalitySearch(table(), home="tỉnh Thái Nguyên")
    first = table().by_id[here.find("xã tân lập")[0]]
    assert table().above(table().today(first)[0])[0].name == "Tỉnh Thái Nguyên"
    assert set(here.find("xã tân lập")) == set(search().find("xã tân lập"))


def test_only_a_place_and_nothing_else_is_an_address() -> None:
    assert search().is_address("xã Tân Lập, huyện Đan Phượng")
    assert search().is_address("P.12 Q.Gò Vấp")
    assert search().is_address("quận 9 giờ là phường nào")
    assert search().is_address("em ở tổ 5 khu phố 3 phường Tân Thới Nhất quận 12 giờ phường gì")
    for said in (
        "tỉnh Mẫu Sơn",
        "công an phường Sài Gòn",
        "đăng ký kết hôn ở phường Bến Nghé",
        "hòa bình",
        "phường",
        "giờ là gì",
    ):
        assert not search().is_address(said), said


def test_a_look_up_is_fast() -> None:
    search().find("xã tân lập")  # the index is made
    began = time.process_time()
    for said, _ in CASES:
        search().find(said)
    assert (time.process_time() - began) / len(CASES) < 0.005


SAID = "xã phường huyện quận tp tt p q f 1 12 tân lập hòa bình la gì cũ nay tỉnh hà nội đan phượng x h ,"
WORDS = st.sampled_from(SAID.split())


@given(st.lists(WORDS, max_size=30).map(" ".join) | st.text(max_size=200), st.text(max_size=40))
def test_any_text_gives_known_places_or_none(said: str, before: str) -> None:
    found = search().find(said, before.split())
    assert set(found) <= table().by_id.keys()
    assert len(found) == len(set(found))


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    lines = [
        "# comment",
        "T1\tThành phố Hà Nội\t\t\t",
        "t1\tHà Nội\t\tT1\t",
        "h1\tQuận Một\tt9\t\t",
        "x1\tXã A\th1\tX9\t",
        "x2",
    ]
    (path := tmp_path / "localities.tsv").write_text("\n".join(lines), "utf-8")
    localities, problems = read_localities(path, "localities.tsv")
    assert sorted(problem.line for problem in problems) == [3, 4, 5, 6]
    assert not localities.by_id
