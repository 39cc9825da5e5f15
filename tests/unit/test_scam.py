"""What the assistant makes of a message that somebody got: a table of messages, look-alike addresses, and any text at all."""

from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.core.addresses import ScamLists, hosts, kind_of
from bot.core.normalise import fold
from bot.core.scam import REASONS, judge, pasted, read_message, verdict_of
from bot.core.shield import shield
from bot.loader.load import load
from bot.messages import LANGUAGES
from tests.properties.test_properties import ANYTHING

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = cache(load)(ROOT)[0]
LISTS = LIBRARY.scam
TABLE: dict[str, list[str]] = yaml.safe_load((ROOT / "tests/unit/scam_messages.yml").read_text("utf-8"))
MESSAGES = [(level, text) for level, texts in TABLE.items() for text in texts]
RIGHT = 0.95


def test_the_table_is_wide() -> None:
    assert len(MESSAGES) == len({text for _, text in MESSAGES}) >= 60
    assert len(TABLE["nothing"]) + len(TABLE["official"]) >= len(MESSAGES) / 3


@pytest.mark.parametrize("accents", [True, False], ids=["as written", "without accents"])
def test_the_verdicts_are_right(accents: bool) -> None:
    got = [(level, judge(text if accents else bare(text), LISTS).level, text) for level, text in MESSAGES]
    wrong = [row for row in got if row[0] != row[1]]
    assert len(wrong) <= (1 - RIGHT) * len(MESSAGES), wrong
    assert not [row for row in wrong if row[0] == "dangerous" and row[1] in ("nothing", "official")]
    assert not [row for row in wrong if row[0] in ("nothing", "official") and row[1] == "dangerous"]


def bare(text: str) -> str:
    """A text as it is typed in a hurry; addresses stay as they are."""
    return " ".join(word if any(hosts(word)) or not word.isalpha() else fold(word) or word for word in text.split())


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("dichvucong.gov.vn", "official"),
        ("www.benmau.example.gov.vn", "official"),
        ("gov.vn", "official"),
        ("my.vnpost.vn", "official"),
        ("dichvucong.gov.vn.xyz.com", "lookalike"),  # the end decides, not the beginning
        ("dichvucong.gov.vn-login.top", "lookalike"),
        ("dichvucong-gov.vn", "lookalike"),
        ("dichvucong.gov-vn.com", "lookalike"),
        ("dichvuconggov.vn", "lookalike"),
        ("csgtgovvn.net", "lookalike"),
        ("dichvucong.gov.com", "lookalike"),
        ("dichvucong.com.vn", "lookalike"),  # another ending
        ("dichvucong.net", "lookalike"),
        ("dich-vu-cong.online", "lookalike"),  # joined by marks
        ("dichvucongg.vn", "lookalike"),  # a letter more, less, swapped, other
        ("dchvucong.vn", "lookalike"),
        ("dichuvcong.vn", "lookalike"),
        ("dichvvcong.vn", "lookalike"),
        ("vneid-capnhat.info", "lookalike"),  # words beside it
        ("capnhatvneid247.top", "lookalike"),
        ("vne1d.vn", "lookalike"),  # digits as letters
        ("vssid.com", "lookalike"),
        ("csgt.vip", "lookalike"),
        ("bocоngan.gov.vn", "lookalike"),  # a Cyrillic "о"
        ("dịchvụcông.vn", "lookalike"),
        ("xn--bocngan-cjg.vn", "lookalike"),  # the same "о" in punycode
        ("xn--80ak6aa92e.com", "homograph"),  # "аррӏе" in Cyrillic
        ("xn--\u00e9.com", "homograph"),
        ("xn--999999999999.com", "homograph"),  # no valid punycode
        ("[email]", "lookalike"),
        ("103.1.2.3", "number"),
        ("bit.ly", "shortener"),
        ("play.google.com", "store"),
        ("maps.app.goo.gl", "open"),
        ("vnexpress.net", "strange"),
        ("congnghe.net", "strange"),  # near no name that is imitated
        ("vn.example.com", "strange"),
        ("shop-vn.com", "strange"),
        ("mbbank.vn-huysms.com", "odd"),  # an ending in the middle
        ("quatang.top", "odd"),
        ("gov.uk", "odd"),
        ("service.gov.sg", "odd"),
        ("inpost.pl", "odd"),
    ],
)
def test_an_address_is_known_by_its_name_alone(host: str, kind: str) -> None:
    assert kind_of(host, LISTS) == kind


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("vào https://DichVuCong.gov.vn/a?b=c, nhé", ["dichvucong.gov.vn"]),
        ("http://a.top:8080/x và b.vip.", ["a.top", "b.vip"]),
        ("hxxps://xau[.]top/x", ["xau.top"]),
        ("bit.ly/3x", ["bit.ly"]),
        ("https://dichvucong.gov.vn@xau.top/", ["xau.top"]),
        ("Mai họp lúc 7h.Mang theo sổ, TP.HCM ngày 24.11", []),
        ("ａ．ｔｏｐ", ["a.top"]),
        ("thư a@gmail.com", []),
    ],
)
def test_addresses_are_found_as_people_write_them(text: str, found: list[str]) -> None:
    assert list(hosts(text)) == found


def test_the_verdict_does_not_need_what_the_shield_takes_away() -> None:
    for _, text in MESSAGES:
        assert judge(text, LISTS) == judge(shield(text).text, LISTS), text


def test_a_warning_is_no_demand_and_a_threat_is_no_warning() -> None:
    assert judge("Không đọc mã OTP cho bất kỳ ai", LISTS).level == "nothing"
    assert judge("Nếu anh không đọc mã OTP thì tài khoản bị khóa", LISTS).level == "dangerous"


def test_an_official_address_beside_it_excuses_nothing() -> None:
    assert judge("Vào dichvucong.gov.vn xem, rồi cài app em gửi qua Zalo", LISTS).level == "dangerous"
    assert judge("dichvucong.gov.vn hoặc dichvucong-gov.top đều được", LISTS).level == "dangerous"
    assert judge("Xem dichvucong.gov.vn rồi đọc mã OTP cho em", LISTS).level == "dangerous"
    assert judge("Tải ứng dụng VNeID tại trang https://bocongan.gov.vn", LISTS).level == "official"


def test_what_is_too_short_or_asks_us_is_not_judged() -> None:
    for text in ("chào em", "ok", "mấy giờ thì phường mình mở cửa vậy em?", "", "   "):
        assert read_message(text, LISTS) == ""
    assert read_message("bit.ly/x", LISTS) == "suspicious shortener"
    assert read_message("https://vnexpress.net", LISTS) == "nothing strange-site"


def test_every_reason_has_its_words() -> None:
    for language in LANGUAGES:
        assert {f"scam_{r}" for r in REASONS} == {k for k in LIBRARY.messages[language] if k.startswith("scam_")}


PIECES = st.sampled_from(
    ["https://", "xn--", ".", "@", "[", "]", "gov.vn", "оtp", "/", "0912345678", "\u202e", "．", "đọc mã "]
)


@given(st.one_of(ANYTHING, st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=20).map("".join)))
def test_any_text_is_judged_and_the_verdict_can_be_kept(text: str) -> None:
    verdict = judge(text, LISTS)
    assert set(verdict.reasons) <= set(REASONS)
    assert verdict_of(" ".join((verdict.level, *verdict.reasons))) == verdict
    answer = read_message(text, LISTS)
    assert not answer or verdict_of(answer) == verdict


def test_the_lists_are_the_commune_s_own() -> None:
    none = frozenset[str]()
    lists = ScamLists(official=frozenset({"benmau.vn"}), names=none, stores=none, open=none, shorteners=none)
    assert kind_of("dat-lich.benmau.vn", lists) == "official"
    assert kind_of("bit.ly", lists) == "odd"


@pytest.mark.parametrize(
    ("said", "brought"),
    [
        ("xem giùm tin này: Mời phụ huynh họp lớp 7h sáng chủ nhật", "Mời phụ huynh họp lớp 7h sáng chủ nhật"),
        ("tin nay that hay gia\nchi oi em ket tien cho em muon 5 trieu", "chi oi em ket tien cho em muon 5 trieu"),
        ('tin này có phải lừa đảo không "gửi anh mã sáu số vừa về máy"', 'gửi anh mã sáu số vừa về máy"'),
        ("is this message a scam: pay 30000 dong for your parcel now", "pay 30000 dong for your parcel now"),
        ("xem tin nhắn lừa đảo ở đâu", ""),
        ("kiểm tra tin này: ok em", ""),  # too short to be judged
        ("tin nhắn báo hồ sơ: bị trả lại thì làm gì tiếp theo", ""),  # doubts nothing
        ("đăng ký khai sinh: cần giấy tờ gì cho con tôi sinh ở nhà", ""),
    ],
)
def test_a_message_may_come_with_the_question(said: str, brought: str) -> None:
    assert pasted(said) == brought
