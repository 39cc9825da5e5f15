"""Personal data is masked in every way in which people type it; what only looks like it is left alone."""

import unicodedata

import pytest

from bot.core.shield import shield


@pytest.mark.parametrize(
    "phone",
    [
        "0912345678", "091 234 5678", "0912.345.678", "0912-345-678", "0912 - 345 - 678", "0912 – 345 – 678",
        "0912,345,678", "+84 912 345 678", "+84912345678", "84912345678", "(091) 2345678", "0 9 1 2 3 4 5 6 7 8",
        "091\u00a0234\u00a05678", "091\u200b2345678", "０９１２３４５６７８", "٠٩١٢٣٤٥٦٧٨", "02838 221 234",
    ],
)  # fmt: skip
def test_phones(phone: str) -> None:
    shielded = shield(f"gọi cho tôi số {phone} nhé")
    assert shielded.found == ("phone",)
    assert "[số điện thoại] nhé" in shielded.text


@pytest.mark.parametrize("number", ["001099012345", "001 099 012 345", "001.099.012.345", "024123456", "024 123 456"])
def test_identity_numbers(number: str) -> None:
    assert shield(f"cccd của em {number}").text == "cccd của em [số định danh]"


@pytest.mark.parametrize("number", ["C1234567", "b7654321"])
def test_passports(number: str) -> None:
    assert shield(f"hộ chiếu {number} hết hạn").text == "hộ chiếu [số định danh] hết hạn"


@pytest.mark.parametrize("card", ["4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111"])
def test_cards_that_add_up(card: str) -> None:
    assert shield(f"thẻ {card}").found == ("card",)


@pytest.mark.parametrize(
    "text",
    [
        "stk 19036512345678 techcombank", "số tài khoản: 0071000123456", "tai khoan vcb 007100012",
        "tài khoản 123456", "my account number 12345678", "stk 123456 hoặc 654321",
    ],
)  # fmt: skip
def test_bank_accounts(text: str) -> None:
    shielded = shield(text)
    assert shielded.found == ("account",)
    assert not any(c.isdigit() for c in shielded.text)


@pytest.mark.parametrize(
    "text",
    [
        "otp là 123456", "mã OTP 123 456", "OTP: 1-2-3-4-5-6", "mã xác thực của tôi 8821", "ma xac nhan la 4821",
        "mật khẩu là 24681357", "passcode 135790", "mã pin 4321", "482913 là mã OTP", "482 913 la ma xac nhan",
        "mã sáu số 482913", "OTP 123456 hoặc 654321", "the verification code is 1234",
    ],
)  # fmt: skip
def test_secrets_are_masked_on_either_side_of_their_name(text: str) -> None:
    shielded = shield(text)
    assert shielded.found == ("otp",)
    assert not any(c.isdigit() for c in shielded.text)


@pytest.mark.parametrize("text", ["mật khẩu là 24681357", "mã xác thực của tôi 8821", "mã bí mật 4821"])
def test_marks_that_a_phone_writes_as_characters_of_their_own_hide_no_secret(text: str) -> None:
    assert shield(unicodedata.normalize("NFD", text)) == shield(text)
    assert shield(text).found == ("otp",)


@pytest.mark.parametrize("mark", "\u200b\u200e\u202d\u2066\u2069\ufeff")
def test_marks_that_nobody_sees_hide_no_secret(mark: str) -> None:
    assert shield(f"m{mark}ật kh{mark}ẩu là 48{mark}{mark}29{mark}13").text == "mật khẩu là [mã OTP]"


@pytest.mark.parametrize(
    "email", ["a@b.vn", "nguyen.van.a+x@mail.gov.vn", "nguyenvana @gmail.com", "lan_99@yahoo.com.vn"]
)
def test_emails(email: str) -> None:
    assert shield(f"gửi vào {email} giúp").text == "gửi vào [email] giúp"


@pytest.mark.parametrize("plate", ["59X1-123.45", "51F-123.45", "30A12345", "59-X1 12345", "51f 1234", "29MĐ1 123.45"])
def test_plates(plate: str) -> None:
    assert shield(f"xe {plate} của tôi").text == "xe [biển số] của tôi"


def test_a_long_number_of_no_known_kind_is_masked_too() -> None:
    assert shield("12345678").text == "[dãy số]"


@pytest.mark.parametrize(
    "text",
    [
        "sinh ngày 12/05/1990", "1-5-1990", "12.05.1990", "2026-11-23", "23/11/2026 07:30", "hẹn 19/11/2026 8h",
        "16:05 24/11/2026", "15h30 24-11-2026",
        "từ 01/07/2025 đến 31/12/2026", "01/07/2025 - 31/12/2026", "sinh 05/1999", "ngày 1/1/2020 và 2/2/2021",
    ],
)  # fmt: skip
def test_dates_stay(text: str) -> None:
    assert shield(text).text == text


@pytest.mark.parametrize("text", ["năm 2026", "2020-2023", "2020 - 2023", "từ 2020 đến 2023"])
def test_years_stay(text: str) -> None:
    assert shield(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "15.000 đồng", "8000đ", "500000 đồng", "1.500.000 đồng", "25.350.000đ", "10000000 đồng", "1.250.500.000 đồng",
        "2,000,000 VND", "từ 15.000 - 20.000 đồng", "15.000, 20.000, 30.000 đồng", "lương 10 triệu",
    ],
)  # fmt: skip
def test_sums_of_money_stay(text: str) -> None:
    assert shield(text).text == text


@pytest.mark.parametrize(
    "text",
    ["1.001193", "thủ tục 1.001193, 2.000635", "1.001193 2.000635", "301/2026/NĐ-CP", "60/2014/QH13", "798/QĐ-BTTTT"],
)
def test_codes_of_procedures_and_laws_stay(text: str) -> None:
    assert shield(text).text == text


@pytest.mark.parametrize(
    "text", ["07:30-11:30", "07:30 - 11:30, 13:30 - 17:00", "gọi 113", "150m2", "thửa 123 tờ 45", "khu phố 5"]
)
def test_small_figures_stay(text: str) -> None:
    assert shield(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "không nhận được otp từ 12/05/2025", "quên mật khẩu từ năm 2024", "mật khẩu tối thiểu 8 ký tự",
        "otp hết hạn sau 60 giây", "tài khoản bị trừ 25.350.000đ", "tài khoản bị khóa từ 12/05/2025",
    ],
)  # fmt: skip
def test_a_complaint_about_a_secret_is_no_secret(text: str) -> None:
    assert shield(text).found == ()


@pytest.mark.parametrize("text", ["09.12.2034.56", "12/05/1990 0912345678", "91 234.567.000 đồng"])
def test_what_only_begins_like_a_date_or_a_sum_is_masked(text: str) -> None:
    assert sum(c.isdigit() for c in shield(text).text) < 8


def test_a_foreign_number_stays_known_as_one() -> None:
    assert shield("+882 16 555 1234 nhá máy").text == "[số điện thoại nước ngoài] nhá máy"
    assert shield("+84 912 345 678 gọi").text == "[số điện thoại] gọi"


def test_kinds_are_named_once_in_order_of_danger() -> None:
    assert shield("0912345678, 0987654321; a@b.vn; otp 123456").found == ("otp", "email", "phone")


def test_the_words_around_stay_readable() -> None:
    text = "Chị tên Lan, cccd 001099012345, sinh 12/05/1990, làm lại thẻ mất 50.000 đồng không em?"
    assert shield(text).text == text.replace("001099012345", "[số định danh]")
