"""What holds for whatever anybody types."""

import re
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.normalise import canonical, fold, has_accents
from bot.core.search import Index
from bot.core.shield import shield, visible
from bot.loader.yaml import read

VIETNAMESE = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵbcdđghklmnpqrstvxfjwz"
# Letters, tones that float about, figures and signs: more of what breaks things than plain st.text() would try.
TYPED = st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + "0123456789 .,-/?!\n\u0300\u0301\u0309\u0323\u0302\u031b")
SYLLABLES = st.lists(
    st.builds(
        lambda onset, rhyme, slip: onset + rhyme + slip,
        st.sampled_from(["", "b", "ch", "d", "đ", "gi", "h", "k", "kh", "l", "ngh", "qu", "th", "tr"]),
        st.sampled_from(
            ["oa", "oà", "òa", "oá", "uy", "uỷ", "ươc", "oan", "oàn", "ia", "ay", "ê", "ee", "aw", "uow", "o"]
        ),
        st.sampled_from(["", "", "", "s", "f", "x", "r", "j", "jj", "nn"]),
    ),
    max_size=6,
).map(" ".join)
ANYTHING = st.one_of(st.text(), TYPED, SYLLABLES)

PERSONAL = st.sampled_from(["0912345678", "+84 912 345 678", "001099012345", "4111 1111 1111 1111", "stk 0071000123"])
NUMBERS = st.text(alphabet="0123456789 .,-/()+\u00a0\u2013", min_size=6, max_size=30)
HARMLESS = st.sampled_from(
    ["12/05/1990", "15.000 đồng", "1.001193", "otp", "mật khẩu", "tài khoản", "[mã OTP]", "năm 2024"]
)
FILED = st.lists(st.one_of(PERSONAL, NUMBERS, HARMLESS, TYPED), max_size=6).map(" ".join)

_GAP = r"[\s.,\-_/()\u2013]?"
_LONG = re.compile(rf"\d(?:{_GAP}\d){{8,}}")
_DATE = re.compile(r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}(?:\s\d{1,2}(?=[:hg]))?|\d{4}(?:\s?[\-–]\s?\d{4})+")
_MONEY = re.compile(r"(?i)\d[\d.,\-– ]*000(?=\s*(?:đ|d|vnd|vnđ|đồng|dong)\b)")
_CODE = re.compile(r"[1-3]\.\d{6}")


@given(ANYTHING)
def test_canonical_is_idempotent(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once


@given(ANYTHING)
def test_fold_is_idempotent(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(ANYTHING)
def test_canonical_is_tidy(text: str) -> None:
    written = canonical(text)
    assert written == written.strip()
    assert "  " not in written
    assert unicodedata.is_normalized("NFC", written)


@given(st.one_of(TYPED, SYLLABLES))
def test_a_folded_vietnamese_text_is_plain(text: str) -> None:
    assert re.fullmatch(r"(?:[a-z0-9]+(?: [a-z0-9]+)*)?", fold(text))
    assert not has_accents(fold(text))


@given(st.one_of(TYPED, SYLLABLES))
def test_it_does_not_matter_how_letters_are_composed(text: str) -> None:
    assert canonical(unicodedata.normalize("NFD", text)) == canonical(unicodedata.normalize("NFC", text))


@given(st.one_of(FILED, st.text()))
def test_masks_are_stable(text: str) -> None:
    once = shield(text).text
    assert shield(once).text == once


@settings(max_examples=300)
@given(FILED)
def test_no_long_number_survives(text: str) -> None:
    rest = shield(text).text
    for harmless in (_DATE, _MONEY, _CODE):
        rest = harmless.sub("§", rest)
    assert not _LONG.search(rest)


@given(TYPED, PERSONAL, TYPED)
def test_a_personal_number_is_found_in_any_company(before: str, number: str, after: str) -> None:
    shielded = shield(f"{before}; {number} ; {after}")
    assert shielded.found
    assert number not in shielded.text


@given(st.text(alphabet=st.characters(exclude_categories=["N"], exclude_characters="@")))
def test_text_without_figures_is_left_alone(text: str) -> None:
    assert shield(text).text == visible(text)


@given(st.lists(st.tuples(st.text(max_size=3), ANYTHING), max_size=5), ANYTHING)
def test_searching_never_raises_and_shares_stay_shares(documents: list[tuple[str, str]], query: str) -> None:
    for hit in Index(documents).search(query, 3):
        assert hit.score > 0
        assert 0 < hit.coverage <= 1.0001


YAML_PIECES = st.sampled_from(
    ["id: a", "- b", "\t", "  ", ": ", "|\n  text", '"', "'", "{", "[", "]", "&a", "*a", "<<: *a", "? ", "!!int 5", "---",
     "...", "%YAML 9", "\n", "#", "é", "\u0000", "\x85", "\ud7ff", "@", "`", "> x", "~", "null", "=", "!x y"]
)  # fmt: skip
YAML = st.one_of(
    st.text(), st.lists(YAML_PIECES, max_size=12).map("".join), st.lists(YAML_PIECES, max_size=12).map("\n".join)
)


def read_bytes(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.yml"
        path.write_bytes(content)
        document = read(path, "x.yml")
    assert all(1 <= p.line <= len(content) + 1 and p.column >= 1 and "→" in p.vi for p in document.problems)


@settings(max_examples=300)
@given(YAML)
def test_reading_a_file_never_raises(text: str) -> None:
    read_bytes(text.encode())


@given(st.binary())
def test_reading_bytes_never_raises(content: bytes) -> None:
    read_bytes(content)
