"""Finds personal data in what a citizen types and masks it before anything is logged, stored or understood.

When in doubt it masks: a masked date costs nothing, a leaked number does. Sources of shapes: 12-digit số định danh
(Luật Căn cước 2023), 9-digit CMND, phone numbers of ten digits (QĐ 798/QĐ-BTTTT), payment cards by ISO/IEC 7812,
vehicle plates (TT 79/2024/TT-BCA).
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

PersonalData = Literal["otp", "email", "card", "account", "id_number", "phone", "plate", "number"]

_MASKS: Final[dict[PersonalData, str]] = {
    "otp": "[mã OTP]",
    "email": "[email]",
    "card": "[số thẻ]",
    "account": "[số tài khoản]",
    "id_number": "[số định danh]",
    "phone": "[số điện thoại]",
    "plate": "[biển số]",
    "number": "[dãy số]",
}
_GAP = r"[ .\-_/()\u00a0]{0,2}"
_EMAIL = re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+")
_OTP = re.compile(
    rf"(?i)(otp|m[ãa]\s*(?:x[áa]c\s*(?:th[ựu]c|nh[ậa]n|minh)|b[íi]\s*m[ậa]t|k[íi]ch\s*ho[ạa]t|pin)|passcode|m[ậa]t\s*kh[ẩa]u|password|verification\s*code)"
    rf"((?:\W|[^\W\d]){{0,24}}?)((?<!\d)\d(?:{_GAP}\d){{3,7}}(?!\d))"
)
_ACCOUNT = re.compile(
    rf"(?i)\b(stk|s[ốo]\s*t[àa]i\s*kho[ảa]n|t[àa]i\s*kho[ảa]n|account(?:\s*(?:number|no\.?))?)(\D{{0,20}}?)(\d(?:{_GAP}\d){{5,18}})"
)
_PLATE = re.compile(r"(?i)(?<![\w.])\d{2}[ \-]?[a-zđ]{1,2}\d?[ \-.]{0,3}(?:\d{3}\.?\d{2}|\d{4})(?![\d.]*\d)")
_RUN = re.compile(rf"\+?\d(?:{_GAP}\d){{7,}}")
_DATE = re.compile(
    r"(?<!\d)(?:(?:0?[1-9]|[12]\d|3[01])[/.\-](?:0?[1-9]|1[0-2])[/.\-]|(?:19|20)\d{2} ?- ?)(?:19|20)\d{2}(?!\d)"
)  # 12/05/1990, or the years 2020-2023
_MONEY = re.compile(r"(?<![\d.])\d{1,3}(?:[.,]000){2,}(?=\s*(?:đ|d|vnd|vnđ|đồng|dong)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shielded:
    """`text` with every find replaced by a mask; `found` names the kinds, each once, in order of danger."""

    text: str
    found: tuple[PersonalData, ...] = ()


def shield(text: str) -> Shielded:
    """Mask personal data. Digits of any script count; no run of eight or more digits survives, dates and sums excepted."""
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)
    found: set[PersonalData] = set()

    def note(kind: PersonalData) -> str:
        found.add(kind)
        return _MASKS[kind]

    text = _EMAIL.sub(lambda _: note("email"), text)
    text = _OTP.sub(lambda m: m[1] + m[2] + note("otp"), text)
    kept = {m.span() for pattern in (_DATE, _MONEY) for m in pattern.finditer(text)}
    text = _ACCOUNT.sub(lambda m: m[0] if _inside(m.span(3), kept) else m[1] + m[2] + note("account"), text)
    kept = {m.span() for pattern in (_DATE, _MONEY) for m in pattern.finditer(text)}
    text = _RUN.sub(lambda m: m[0] if _inside(m.span(), kept) else note(_kind(m[0])), text)
    text = _PLATE.sub(lambda _: note("plate"), text)
    return Shielded(text, tuple(kind for kind in _MASKS if kind in found))


def _inside(span: tuple[int, int], kept: set[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in kept)


def _kind(run: str) -> PersonalData:
    digits = re.sub(r"\D", "", run)
    if len(digits) in (13, 14, 15, 16, 17, 18, 19) and _luhn(digits):
        return "card"
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
