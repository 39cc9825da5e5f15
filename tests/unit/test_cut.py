"""How a reply is cut to what a platform takes, and which office is near."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Limits, cut, split
from bot.core.library import Office
from bot.core.media import nearest
from bot.messages import Choice, Link, Reply

REPLY = Reply(
    "Một.\n\nHai.",
    "vi",
    (Choice("Lệ phí", "entry:a:fee"), Choice("Giấy tờ", "entry:a:documents")),
    (Link("Cổng", "https://a.vn"),),
)


def test_platform_with_buttons_gets_buttons() -> None:
    (part,) = cut(REPLY, Limits(chars=100, buttons=5, label=20, payload=64, link_buttons=True), number_hint="?")
    assert (part.text, part.choices, part.links) == (REPLY.text, REPLY.choices, REPLY.links)


def test_platform_without_buttons_gets_numbers_and_written_links() -> None:
    (part,) = cut(REPLY, Limits(chars=200), number_hint="Trả lời bằng số.")
    assert part.text == "Một.\n\nHai.\n\nCổng: https://a.vn\n\n1. Lệ phí\n2. Giấy tờ\nTrả lời bằng số."
    assert not part.choices and not part.links


def test_payload_that_does_not_fit_makes_numbers_of_all() -> None:
    (part,) = cut(REPLY, Limits(chars=200, buttons=5, label=20, payload=12, link_buttons=True), number_hint="?")
    assert "2. Giấy tờ" in part.text and not part.choices


def test_buttons_stand_on_the_last_piece_only() -> None:
    first, last = cut(REPLY, Limits(chars=6, buttons=5, label=4, payload=64, link_buttons=True), number_hint="?")
    assert (first.text, first.choices) == ("Một.", ())
    assert last.text == "Hai." and all(len(choice.label) <= 4 for choice in last.choices)


@pytest.mark.parametrize("length", [99, 100, 150, 199, 200])
def test_buttons_that_are_refused_fit_as_lines(length: int) -> None:
    limits = Limits(chars=100, buttons=5, label=20, payload=64, link_buttons=True)
    parts = cut(replace(REPLY, text="a " * (length // 2)), limits, number_hint="Trả lời bằng số.")
    assert parts[-1].choices and all(len(part.numbered()) <= 100 for part in parts)


@given(st.text(), st.integers(1, 40))
def test_pieces_fit_and_no_word_is_lost(text: str, most: int) -> None:
    pieces = split(text, most)
    assert all(len(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def office(name: str, place: tuple[float, float] | None) -> Office:
    return Office(id=name, name=name, address="", phone="", hours=(), place=place)


def test_nearest_office_of_those_whose_place_is_known() -> None:
    offices = [office("unknown", None), office("north", (21.03, 105.85)), office("south", (10.78, 106.70))]
    found = nearest((10.77, 106.69), offices)
    assert found and found[0] == "south" and 1.0 < found[1] < 2.5
    assert nearest((48.85, 2.35), offices) is None  # Paris
    assert nearest((10.77, 106.69), offices[:1]) is None
