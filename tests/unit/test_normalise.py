"""One spelling for what people type in many ways."""

import pytest

from bot.core.normalise import canonical, fold, has_accents


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("hoà", "hòa"), ("hoạ", "họa"), ("toà án", "tòa án"), ("xoá", "xóa"), ("khoẻ", "khỏe"), ("loè", "lòe"),
        ("thuỷ", "thủy"), ("huỷ", "hủy"), ("uỷ ban", "ủy ban"), ("tuỳ", "tùy"), ("oà", "òa"),
    ],
)  # fmt: skip
def test_the_tone_of_an_open_rhyme_stands_on_its_first_vowel(typed: str, written: str) -> None:
    assert canonical(typed) == written
    assert canonical(written) == written


@pytest.mark.parametrize("word", ["hoàn", "toán", "loại", "hoài", "khoản", "thuyền", "khuỷu", "huỳnh", "thuế", "thuở"])
def test_a_closed_syllable_keeps_its_tone(word: str) -> None:
    assert canonical(word) == word


@pytest.mark.parametrize("word", ["quý", "quỷ", "quỳ", "quà", "quả", "quá", "quê", "già", "giá", "giả", "giấy", "gì"])
def test_qu_and_gi_are_consonants(word: str) -> None:
    assert canonical(word) == word


def test_composed_and_decomposed_letters_become_one() -> None:
    assert canonical("ho\u0300a") == canonical("hoa\u0300") == canonical("h\u00f2a") == "hòa"


def test_capitals_spaces_and_invisible_characters_vanish() -> None:
    assert canonical("  ĐĂNG\u00a0 KÝ\n\tKHAI\u200b SINH ") == "đăng ký khai sinh"


def test_full_width_letters_become_ordinary_ones() -> None:
    assert canonical("ＶＮｅＩＤ") == "vneid"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ko", "không"), ("k", "không"), ("hông", "không"), ("đc", "được"), ("dc", "được"), ("đk", "đăng ký"),
        ("gks", "giấy khai sinh"), ("hs", "hồ sơ"), ("cccd", "căn cước công dân"), ("ubnd", "ủy ban nhân dân"),
        ("hkd", "hộ kinh doanh"), ("bhyt", "bảo hiểm y tế"), ("ntn", "như thế nào"), ("bn", "bao nhiêu"),
        ("j", "gì"), ("z", "vậy"), ("vs", "với"), ("KO", "không"),
    ],
)  # fmt: skip
def test_short_forms_are_written_out(typed: str, written: str) -> None:
    assert canonical(typed) == written


def test_a_short_form_is_a_whole_word() -> None:
    assert canonical("hko kos vsx") == "hko kó vsx"


@pytest.mark.parametrize("text", ["so hong", "tat ca giay to", "nha trong hem", "15 kt2", "tt"])
def test_short_forms_with_several_meanings_stay(text: str) -> None:
    assert canonical(text) == text


def test_the_pink_book_is_found_with_and_without_accents() -> None:
    assert fold("sổ hồng") == fold("so hong") == "so hong"


@pytest.mark.parametrize("typed", ["lên ca phường", "lên CA xã"])
def test_ca_in_front_of_a_place_is_the_police(typed: str) -> None:
    assert "công an" in canonical(typed)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("khoong", "không"), ("ddawng kys", "đăng ký"), ("giaays", "giấy"), ("laf", "là"), ("vowj", "vợ"),
        ("nguwowif", "người"), ("nguowif", "người"), ("dduowcj", "được"), ("thuees", "thuế"), ("muoons", "muốn"),
        ("quas", "quá"), ("gias", "giá"), ("gif", "gì"), ("choongf", "chồng"), ("tooi", "tôi"),
    ],
)  # fmt: skip
def test_telex_keys_left_standing_are_undone(typed: str, written: str) -> None:
    assert canonical(typed) == written


@pytest.mark.parametrize("word", ["facebook", "zalo", "vneid", "otp", "email", "qr", "app", "online", "form", "scan"])
def test_foreign_words_survive(word: str) -> None:
    assert canonical(word) == word


@pytest.mark.parametrize("typed", ["ùj", "ÄR", "îr", "ÛF", "đượcj", "w", "\u0301", "r\u0300", "đ\u0300"])
def test_a_telex_key_after_odd_letters_does_no_harm(typed: str) -> None:
    assert canonical(canonical(typed)) == canonical(typed)


@pytest.mark.parametrize(("typed", "written"), [("khônggggg", "không"), ("làmmmm", "làm"), ("koooo", "không")])
def test_lengthened_words_shrink_to_a_syllable(typed: str, written: str) -> None:
    assert canonical(typed) == written


@pytest.mark.parametrize("number", ["12:30", "1.001193", "301/2026/nđ-cp", "15.000", "0123"])
def test_figures_stay_as_they_are(number: str) -> None:
    assert canonical(number) == number


def test_a_sentence_comes_out_whole() -> None:
    assert canonical("Hoà gởi  hs  KHOONG đc") == "hòa gởi hồ sơ không được"


def test_fold_leaves_bare_words() -> None:
    assert fold("Đăng ký khai sinh?") == "dang ky khai sinh"
    assert fold("1.001193, 12:30") == "1 001193 12 30"


@pytest.mark.parametrize(
    ("accented", "bare"),
    [
        ("Làm hộ chiếu ở đâu", "lam ho chieu o dau"),
        ("Lệ phí đăng ký kết hôn", "le phi dang ky ket hon"),
        ("Người già được hưởng trợ cấp gì", "nguoi gia duoc huong tro cap gi"),
        ("Tất cả giấy tờ nhà ở, đất ở", "tat ca giay to nha o dat o"),
    ],
)
def test_the_same_key_with_and_without_accents(accented: str, bare: str) -> None:
    assert fold(accented) == fold(bare) == bare


def test_a_key_of_nothing_but_signs_is_empty() -> None:
    assert fold("?!… 👍 —") == ""


@pytest.mark.parametrize("text", ["đi", "hộ", "Ở", "ho\u0300a", "ĐK", "ơn"])
def test_vietnamese_marks_are_seen(text: str) -> None:
    assert has_accents(text)


@pytest.mark.parametrize("text", ["", "dang ky", "where is it?", "123"])
def test_plain_letters_have_no_marks(text: str) -> None:
    assert not has_accents(text)
