"""Which official a citizen means."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.library import Commune, Official
from bot.core.people import find_official
from bot.loader.load import load

EMPTY: Commune = replace(load(Path(__file__).parents[2])[0].communes["vi"], officials=())


def official(role: str, name: str, *also: str) -> Official:
    return Official(role=role, name=name, phone="0000 100 000", unit="van-phong", also=(role, *also))


CHAIR = official("Chủ tịch Ủy ban nhân dân phường", "Trần Thị Thí Dụ", "chủ tịch phường", "chairwoman")
DEPUTY = official("Phó Chủ tịch phụ trách văn hóa", "Lê Văn Minh Họa", "phó chủ tịch phường")
CHIEF = official("Trưởng Công an phường", "Phạm Văn Giả Định", "trưởng công an", "police chief")
STAFF = replace(EMPTY, officials=(CHAIR, DEPUTY, CHIEF))


@pytest.mark.parametrize(
    "text",
    ["số điện thoại chủ tịch phường", "ai là CHỦ TỊCH PHƯỜNG vậy", "so cua chu tich phuong", "who is the chairwoman?"],
)
def test_by_role(text: str) -> None:
    assert find_official(text, STAFF) is CHAIR


def test_the_longer_role_wins() -> None:
    assert find_official("cho gặp phó chủ tịch phường", STAFF) is DEPUTY


@pytest.mark.parametrize("text", ["trưởng công an tên gì", "trưởng ca phường là ai", "who is the police chief"])
def test_by_other_words_for_the_role(text: str) -> None:
    assert find_official(text, STAFF) is CHIEF


@pytest.mark.parametrize("text", ["cho gặp ông Phạm Văn Giả Định", "pham van gia dinh lam chuc gi"])
def test_by_full_name(text: str) -> None:
    assert find_official(text, STAFF) is CHIEF


@pytest.mark.parametrize("text", ["số của chị Dụ", "gap chi du"])
def test_by_title_and_given_name(text: str) -> None:
    assert find_official(text, STAFF) is CHAIR


def test_a_given_name_alone_names_nobody() -> None:
    assert find_official("thí dụ như làm khai sinh", STAFF) is None


def test_two_officials_of_one_name_are_not_guessed_between() -> None:
    twins = replace(EMPTY, officials=(official("Kế toán", "Võ Thị Lan"), official("Văn thư", "Hồ Thị Lan")))
    assert find_official("cho gặp cô Lan", twins) is None


@pytest.mark.parametrize("text", ["", "làm khai sinh ở đâu", "???"])
def test_nobody_is_meant(text: str) -> None:
    assert find_official(text, STAFF) is None


def test_a_commune_without_officials_finds_nobody() -> None:
    assert find_official("chủ tịch phường", EMPTY) is None
