"""The shipped content keeps the promises that the product makes of it."""

from datetime import date, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.core.library import Library
from bot.errors import Problem
from bot.loader.load import load
from bot.messages import ASPECTS, LANGUAGES, Aspect, Decision, Language
from bot.render import Renderer
from bot.training.export import as_yaml, examples_of

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 9, 0)
LEFTOVERS = ("{{", "}}", "{%", "%}", "None", "undefined", "Undefined", "CHƯA VIẾT", "NOT WRITTEN", "TODO", "FIXME")
ENGLISH_TOO = ("vneid", "payment", "portal", "scam", "bank", "bills")  # how the names of those entries begin


@cache
def loaded() -> tuple[Library, tuple[Problem, ...]]:
    return load(ROOT)


def library() -> Library:
    return loaded()[0]


@cache
def renderer() -> Renderer:
    return Renderer(library(), now=lambda: NOW, days=7)


def answer(entry_id: str, aspect: Aspect, language: Language) -> str:
    entry = library().entries[entry_id]
    decision = Decision("answer", "entry", entry.id, entry.topic, entry.codes, aspect)
    return renderer().render(decision, language).text


def test_it_loads_without_problems() -> None:
    assert loaded()[1] == ()


def test_every_topic_has_an_entry() -> None:
    assert set(library().topics) - {entry.topic for entry in library().entries.values()} == set()


def test_every_entry_has_eight_ways_of_asking() -> None:
    few = [e.id for e in library().entries.values() if sum(map(len, e.words["vi"].questions.values())) < 8]
    assert few == []


@pytest.mark.parametrize("beginning", ENGLISH_TOO)
def test_phone_payment_portal_and_scam_speak_english_too(beginning: str) -> None:
    entries = [e for e in library().entries.values() if e.id.startswith(beginning) or e.topic.startswith(beginning)]
    assert entries
    assert [e.id for e in entries if "en" not in e.words] == []


def test_at_least_25_procedures_speak_english() -> None:
    assert sum(e.kind == "procedure" and "en" in e.words for e in library().entries.values()) >= 25


def test_every_procedure_quotes_an_official_page() -> None:
    hosts = {
        e.id: urlsplit(e.passport.source).hostname or "" for e in library().entries.values() if e.kind == "procedure"
    }
    assert {i: host for i, host in hosts.items() if not host.endswith(".gov.vn")} == {}


def test_every_code_of_an_entry_is_in_the_catalogue_and_in_force() -> None:
    items = library().catalogue
    codes = {code for entry in library().entries.values() for code in entry.codes}
    assert {code for code in codes if code not in items or items[code].replaced_by == "-"} == set()


def test_a_code_belongs_to_one_procedure_and_leads_to_it() -> None:
    procedures = [entry for entry in library().entries.values() if entry.kind == "procedure"]
    owners = {(code, entry.id) for entry in procedures for code in entry.codes}
    assert {(code, library().entry_of_code[code]) for code, _ in owners} == owners


def test_nothing_was_checked_in_the_future() -> None:
    assert [e.id for e in library().entries.values() if e.passport.checked > date(2026, 11, 23)] == []


def test_related_entries_are_others() -> None:
    assert [e.id for e in library().entries.values() if e.id in e.related] == []


def test_the_catalogue_is_whole_and_its_replacements_exist() -> None:
    items = library().catalogue
    assert len(items) == 824
    newer = {i.replaced_by for i in items.values()} - {"", "-"}
    assert newer - items.keys() == {"1.116413"}  # in QĐ 5230/QĐ-BCA-C06, not yet in the national list


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_aspect_of_every_entry_can_be_said(language: Language) -> None:
    for entry in library().entries.values():
        for aspect in ASPECTS:
            text = answer(entry.id, aspect, language)
            assert text, f"{entry.id} {aspect} {language}: nothing to say"
            left = [word for word in LEFTOVERS if word in text]
            assert not left, f"{entry.id} {aspect} {language}: {left} in {text!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_catalogue_item_can_be_said(language: Language) -> None:
    for code in library().catalogue:
        text = renderer().render(Decision("answer", "catalogue", f"catalogue:{code}"), language).text
        assert library().catalogue[code].name in text
        assert not [word for word in LEFTOVERS if word in text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fees_of_an_entry_are_said_with_their_amount(language: Language) -> None:
    for entry in library().entries.values():
        for fee in entry.fees:
            if fee.amount:
                separator = "," if language == "en" and "en" in entry.words else "."
                assert f"{fee.amount:,}".replace(",", separator) in answer(entry.id, "fee", language), entry.id


def test_an_entry_that_nobody_translated_is_said_in_vietnamese_with_a_word_about_it() -> None:
    entry = next(e for e in library().entries.values() if "en" not in e.words)
    vi, en = (answer(entry.id, "overview", language) for language in LANGUAGES)
    assert en.endswith(vi)
    assert len(en) > len(vi)


def test_the_commune_is_visibly_made_up() -> None:
    commune = library().communes["vi"]
    phones = [x.phone for x in commune.offices] + [x.phone for x in commune.units.values()]
    phones += [x.phone for x in commune.officials]
    assert [phone for phone in phones if not phone.startswith("0000")] == []


def test_every_example_reaches_the_training_data() -> None:
    examples = examples_of(library())
    for entry in library().entries.values():
        for words in entry.words.values():
            for aspect, questions in words.questions.items():
                assert set(questions) <= set(examples[entry.id, aspect]), entry.id


def test_training_data_is_the_same_for_the_same_content() -> None:
    assert as_yaml(examples_of(library())) == as_yaml(examples_of(load(ROOT)[0]))
