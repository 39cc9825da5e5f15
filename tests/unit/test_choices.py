"""Buttons can be told apart."""

from datetime import datetime
from pathlib import Path

from bot.core.library import CATALOGUE
from bot.loader.load import load
from bot.pipeline import Brain

ROOT = Path(__file__).resolve().parents[2]


def test_no_two_procedures_of_the_catalogue_get_the_same_button() -> None:
    library, _ = load(ROOT)
    renderer = Brain(library, now=lambda: datetime(2026, 11, 26, 9, 0)).renderer
    payloads = tuple(CATALOGUE + code for code in library.catalogue)
    choices = renderer.choices(payloads, "vi")
    assert len(choices) == len(payloads) == len({choice.label for choice in choices})
    assert any(choice.label.endswith(")") and "…" in choice.label for choice in choices)  # some begin alike for 72 letters
