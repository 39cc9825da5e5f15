"""The words of an address: kinds ("xã", "TP.", "ward"), what stands around names, and one spelling of them all. Pure."""

import re
from typing import Final

from bot.core.normalise import fold

LONGEST: Final = 60  # words that are read
_SHORT: Final = {
    "p": "phuong", "f": "phuong", "ph": "phuong", "q": "quan", "h": "huyen", "x": "xa", "t": "tinh", "tt": "thi tran",
    "ttr": "thi tran", "tx": "thi xa", "tp": "thanh pho",
}  # fmt: skip
LEVELS: Final = {
    "xa": "x", "phuong": "x", "thi tran": "x", "dac khu": "x", "huyen": "h", "quan": "h", "thi xa": "h", "thanh pho": "ht",
    "tinh": "t", "commune": "x", "ward": "x", "township": "x", "special zone": "x", "district": "h", "town": "hx",
    "city": "ht", "province": "t",
}  # fmt: skip
AFTER: Final = frozenset(
    ("commune", "ward", "township", "district", "town", "city", "province")
)  # English kinds follow
_ROMAN: Final = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7"}
_NUMBERED: Final = re.compile(
    r"(?i)(?<!\w)(?:(p|f|phường|phuong)\W{0,2}(vi|v|i)|(vii|iv|iii|ii))(?!\w)"
)  # "vi" may be "vì"
_GLUED: Final = re.compile(r"\b(p|f|q|phuong|quan)(\d{1,2})\b")
_Y: Final = re.compile(r"(?<=[bcdghklmnprstvx])y\b|(?<=\bqu)y\b")
APOSTROPHE: Final = re.compile("['’`´]")
# Words that stand around a name. Some are names too ("là gì" and La Gi): one of them alone needs its kind, but for districts.
_WORDS: Final = (
    "la gi nao cu moi nay gio toi minh do ay khac thuoc o va hay roi bay hoi truoc ten nhap vao sap tu cho voi biet khong"
    " duoc ai con nhe a day kia dau the vay bao nhieu may cac nhung cua thi ve tim xin chuyen dia chi goi hien doi"
    " sau da bi em anh bac chu co oi ha hen gop tach don vi nha que xua nam lai phai dung muon tra giup tui"
    " what is the of old new now called name in which where my our used to be former today unit i live lived from for and"
    " xa phuong huyen quan tinh pho tran khu ap thon xom ban to duong so hem ngo dao vo keu ghi sao"
)
AROUND: Final = frozenset(_WORDS.split())
EVERYDAY: Final = frozenset({"la gi", "con co", "co do"})  # also the names of districts, but hardly ever meant


def words_of(text: str) -> list[str]:
    """The words of a text as names are compared: accent-free, "y" as "i", abbreviations of kinds written out."""
    text = _NUMBERED.sub(lambda m: f"{m[1] or ''} {_ROMAN[(m[2] or m[3]).lower()]}", APOSTROPHE.sub("", text))
    words = _GLUED.sub(r"\1 \2", fold(text)).split()[:LONGEST]
    return [_spelt(part.lstrip("0") or part) for word in words for part in _SHORT.get(word, word).split()]


def key_of(name: str) -> str:
    return _spelt(fold(_ROMAN.get(name.lower(), name) if name.isupper() else name))


def _spelt(words: str) -> str:
    """Trâu Quì is Trâu Quỳ, Mỹ Lý is Mĩ Lí."""
    return words if words in LEVELS else _Y.sub("i", words)


def kind_at(words: list[str], i: int) -> str:
    """The kind that is said there: "xa", "thi tran"; "" when none is."""
    pair = " ".join(words[i : i + 2])
    return pair if pair in LEVELS else words[i] if i < len(words) and words[i] in LEVELS else ""
