"""Keyword search: what answers while the NLU is away."""

from functools import cache
from pathlib import Path

import pytest

from bot.core.library import CATALOGUE, Library
from bot.core.search import Index, Search, catalogue_payload, terms
from bot.loader.load import load


@cache
def library() -> Library:
    return load(Path(__file__).parents[2])[0]


@cache
def search() -> Search:
    return Search(library())


def test_terms_are_bare_words_and_neighbours() -> None:
    assert terms("Hộ chiếu mới") == ["ho", "chieu", "moi", "ho chieu", "chieu moi"]


def test_the_document_with_more_of_the_words_comes_first() -> None:
    index = Index([("a", "khai sinh cho con"), ("b", "khai tử cho cha"), ("c", "hộ chiếu")])
    assert [hit.key for hit in index.search("đăng ký khai sinh", 5)] == ["a", "b"]


def test_a_question_that_is_covered_whole_says_so() -> None:
    index = Index([("a", "khai sinh cho con"), ("b", "hộ chiếu")])
    assert index.search("khai sinh cho con", 1)[0].coverage == pytest.approx(1.0)


def test_words_that_occur_nowhere_lower_the_coverage() -> None:
    index = Index([("a", "khai sinh cho con"), ("b", "hộ chiếu")])
    assert index.search("khai sinh cho khủng long", 1)[0].coverage < 0.6


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    index = Index([("a", "giấy khai sinh"), ("b", "giấy kết hôn"), ("c", "giấy hộ chiếu")])
    assert index.search("giấy hộ", 1)[0].key == "c"


def test_no_more_hits_than_asked_for() -> None:
    index = Index([(str(i), "giấy tờ") for i in range(9)])
    assert [hit.key for hit in index.search("giấy", 3)] == ["0", "1", "2"]


@pytest.mark.parametrize("text", ["", "?!", "xyzzy"])
def test_nothing_is_found_in_nothing(text: str) -> None:
    assert Index([("a", "khai sinh")]).search(text, 5) == []
    assert Index([]).search(text, 5) == []


def test_an_example_of_the_content_finds_its_entry_and_its_aspect() -> None:
    understood = search().understand("làm khai sinh đúng hạn có mất tiền không")
    assert understood.candidates[0].entry == "birth-registration"
    assert understood.aspect == "fee"
    assert understood.source == "keywords"


def test_accents_are_not_needed() -> None:
    with_accents, without = (search().understand(t) for t in ("các bước đi làm khai sinh", "cac buoc di lam khai sinh"))
    assert with_accents.candidates[0] == without.candidates[0]


def test_confidence_is_a_share() -> None:
    candidates = search().understand("giấy tờ nhà đất").candidates
    assert 0 < sum(c.confidence for c in candidates) <= 1.0001
    assert [c.confidence for c in candidates] == sorted((c.confidence for c in candidates), reverse=True)


def test_foreign_words_give_no_candidates() -> None:
    understood = search().understand("xyzzy plugh")
    assert (understood.candidates, understood.aspect) == ((), "overview")


def test_a_code_finds_itself() -> None:
    assert [hit.key for hit in search().catalogue(" 1.001193 ")] == ["1.001193"]


def test_an_official_name_finds_its_procedure() -> None:
    item = next(i for i in library().catalogue.values() if not i.replaced_by)
    assert library().catalogue[search().catalogue(item.name)[0].key].name == item.name


def test_repealed_procedures_are_not_offered() -> None:
    gone = [i for i in library().catalogue.values() if i.replaced_by == "-"]
    assert not {hit.key for i in gone for hit in search().catalogue(i.name)} & {i.code for i in gone}


def test_a_payload_prefers_the_entry_that_covers_the_code() -> None:
    assert catalogue_payload(library(), "1.001193") == "entry:birth-registration"
    bare = next(code for code in library().catalogue if code not in library().entry_of_code)
    assert catalogue_payload(library(), bare) == CATALOGUE + bare
