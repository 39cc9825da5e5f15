"""Finds personal data in what a citizen types and masks it before anything is logged, stored or understood.

When in doubt it masks: a masked date costs nothing, a leaked number does. Sources of shapes: 12-digit số định danh
(Luật Căn cước 2023), 9-digit CMND, phone numbers of ten digits (QĐ 798/QĐ-BTTTT), payment cards by ISO/IEC 7812,
vehicle plates (TT 79/2024/TT-BCA).
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

PersonalData = Literal["otp", "email", "card", "account", "id_number", "phone", "foreign_phone", "plate", "number"]

_MASKS: Final[dict[PersonalData, str]] = {
    "otp": "[mã OTP]",
    "email": "[email]",
    "card": "[số thẻ]",
    "account": "[số tài khoản]",
    "id_number": "[số định danh]",
    "phone": "[số điện thoại]",
    "foreign_phone": "[số điện thoại nước ngoài]",
    "plate": "[biển số]",
    "number": "[dãy số]",
}
# Marks that nobody sees: they come with what is copied from pages, contacts and PDFs. U+20E3 draws a key around a digit.
_UNSEEN = re.compile("[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\u20e3\ufe0f\ufeff]")
# Between two digits of one number: up to three blanks, dots, dashes (or invisible characters), or one comma.
_GAP = r"(?:[\s.\-_/()\u00ad\u200b-\u200f\u2010-\u2015\u2060\ufeff]{0,3}|,)"
_EMAIL = re.compile(r"(?<![\w.+\-])[\w.+\-]+\s?@\s?[\w\-]+(?:\.[\w\-]+)+")
_SECRET = (
    r"(?:\botp\b|\bpasscode|password|verification\s*code|\bpin\b|m[ậa]t\s*kh[ẩa]u"
    r"|m[ãa]\s*(?:x[áa]c\s*(?:th[ựu]c|nh[ậa]n|minh)|b[íi]\s*m[ậa]t|k[íi]ch\s*ho[ạa]t|(?:6|s[áa]u)\s*(?:ch[ữu]\s*)?s[ốo]))"
)
_OTP = re.compile(rf"(?i)({_SECRET})((?:\W|[^\W\d]){{0,24}}?)((?<!\d)\d(?:{_GAP}\d){{3,7}}(?!\d))")
_OTP_FIRST = re.compile(rf"(?i)(?<![\d.,])(\d{{6}}|\d{{3}}[ \-]\d{{3}})(?=\D{{0,12}}{_SECRET})")  # "482913 là mã OTP"
_ACCOUNT = re.compile(
    rf"(?i)\b(stk|s[ốo]\s*t[àa]i\s*kho[ảa]n|t[àa]i\s*kho[ảa]n|account(?:\s*(?:number|no\.?))?)(\D{{0,20}}?)(\d(?:{_GAP}\d){{5,18}})"
)
_PASSPORT = re.compile(r"(?<!\w)[A-Za-z]\d{7}(?!\w)")
_PLATE = re.compile(r"(?i)(?<![\w.])\d{2}[ \-]?[a-zđ]{1,2}\d?[ \-.]{0,3}(?:\d{3}\.?\d{2}|\d{4})(?![\d.]*\d)")
_RUN = re.compile(rf"\+?\d(?:{_GAP}\d){{7,}}")

# What looks like a long number and is none: dates with their hour, spans of years, sums of money, procedure codes.
_DAY = (
    r"(?:(?:0?[1-9]|[12]\d|3[01])[/.\-](?:0?[1-9]|1[0-2])[/.\-](?:19|20)\d{2}"
    r"|(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))"
)
_SUM = r"(?:[1-9]\d{0,2}(?:[.,]\d{3}){0,3}[.,]000|[1-9]\d{0,6}000)"
_TO = r"\s?[\-–]\s?"
_KEPT = (
    re.compile(rf"(?<![\d.])(?:(?<=\d[:hg])[0-5]\d\s)?{_DAY}(?:{_TO}{_DAY})?(?:\s\d{{1,2}}(?=[:hg]))?(?!\d)"),
    re.compile(rf"(?<![\d.])(?:19|20)\d{{2}}(?:{_TO}(?:19|20)\d{{2}})+(?!\d)"),
    re.compile(rf"(?i)(?<![\d.]){_SUM}(?:{_TO}{_SUM})?(?=\s*(?:đ|d|vnd|vnđ|đồng|dong)\b)"),
    re.compile(r"(?<![\d.])[1-3]\.\d{6}(?:\s[1-3]\.\d{6})*(?!\d)"),
)
_YEAR = re.compile(r"(?i)(?<=năm )(?:19|20)\d{2}(?!\d)|(?<=nam )(?:19|20)\d{2}(?!\d)")  # "quên mật khẩu từ năm 2024"


@dataclass(frozen=True, slots=True)
class Shielded:
    """`text` with every find replaced by a mask; `found` names the kinds, each once, in order of danger."""

    text: str
    found: tuple[PersonalData, ...] = ()


def visible(text: str) -> str:
    """What people see of it: each letter is one character (some phones write its marks as characters of their own)."""
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def shield(text: str) -> Shielded:
    """Mask personal data. Digits of any script count; of eight or more in a run only dates, sums and codes survive."""
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in visible(text))
    found: set[PersonalData] = set()
    before = ""
    while text != before:  # a mask may uncover its neighbour: "OTP 123456 hoặc 654321"
        before, text = text, _masked(text, found)
    return Shielded(text, tuple(kind for kind in _MASKS if kind in found))


def _masked(text: str, found: set[PersonalData]) -> str:
    def note(kind: PersonalData) -> str:
        found.add(kind)
        return _MASKS[kind]

    def outside(pattern: re.Pattern[str], group: int, kind: PersonalData) -> None:
        """Mask `group` of every find, unless it stands within a date, a sum or a code."""
        nonlocal text
        kept = [m.span() for harmless in (*_KEPT, _YEAR) for m in harmless.finditer(text)]

        def replace(m: re.Match[str]) -> str:
            start, end = m.span(group)
            if any(first <= start and end <= last for first, last in kept):
                return m[0]
            mask = note(_kind(m[group]) if kind == "number" else kind)
            return m[0][: start - m.start()] + mask + m[0][end - m.start() :]

        text = pattern.sub(replace, text)

    text = _EMAIL.sub(lambda _: note("email"), text)
    outside(_OTP, 3, "otp")
    outside(_OTP_FIRST, 1, "otp")
    outside(_ACCOUNT, 3, "account")
    outside(_RUN, 0, "number")
    text = _PASSPORT.sub(lambda _: note("id_number"), text)
    return _PLATE.sub(lambda _: note("plate"), text)


def _kind(run: str) -> PersonalData:
    digits = re.sub(r"\D", "", run)
    if len(digits) in (13, 14, 15, 16, 17, 18, 19) and _luhn(digits):
        return "card"
    if re.match(r"\+\s?(?!84)[1-9]", run):  # "00…" may as well be an identity number of Hà Nội
        return "foreign_phone"
    if run.startswith("+84") or (digits.startswith("84") and len(digits) == 11):
        return "phone"
    if digits.startswith("0") and len(digits) in (10, 11):
        return "phone"
    if len(digits) in (9, 12):
        return "id_number"
    return "number"


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        double = int(digit) * (1 + place % 2)
        total += double - 9 if double > 9 else double
    return total % 10 == 0
