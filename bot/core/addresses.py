"""What the web addresses in a message are by their names alone; nothing is ever opened.

An address is official when its host is an official domain or lies below one. Everything else that carries an official
name, or nearly, imitates it: "dichvucong.gov.vn.xyz.com", "dichvucong-gov.vn", "vne1d.top", a Cyrillic "vпeid".
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz.distance import OSA

from bot.core.scam_examples import Likeness

Address = Literal["official", "lookalike", "homograph", "number", "shortener", "store", "open", "odd", "strange"]

# Letters that look like Latin ones: Cyrillic, Greek, Armenian and rare Latin ones after Unicode Technical Standard #39
# (confusables.txt), with the Cyrillic к м п т that a hurried eye reads as k m n t; digits and pairs read as letters.
_CONFUSABLE = str.maketrans("авсԁеһіјӏкмпорԛгѕтѵԝхуѐёїαιονρυօոսհցզıɡɑỿ", "abcdehijlkmnopqrstvwxyeeiaiovpuonuhgqigay")
_READ_AS = str.maketrans("013457", "oleast")
_PAIRS = (("rn", "m"), ("vv", "w"))
_IN_NAME = r"\[(?:số|dãy|mã|biển)[^\]]*\]"
_MASK = re.compile(rf"(?<=[/.\-\w]){_IN_NAME}|{_IN_NAME}(?=[/.\-\w])")
_DOTS = re.compile(r"\[\.\]|\(\.\)|\[dot\]|[。．｡]")
_WRITTEN = re.compile(
    r"(?i)\bh(?:tt|xx)ps?\s?:\s?/{1,2}([^\s/?#<>\"'|]+)|(?<![\w@.\-])((?:[\w\-]+\.)+([^\W\d_]{2,}))(/\S)?"
)
# Endings after which words with dots are an address even without "https://" ("ngày mai.Mang theo" is none).
_ENDINGS = re.compile(
    "vn|com|net|org|info|biz|xyz|top|vip|cc|club|site|online|shop|app|store|link|icu|live|pro|work|asia|io|tk|ml|ga|cf|gq|click"
    "|win|website|space|fun|life|today|cyou|buzz|sbs|mobi|cn|ru|help|support|center|cloud|bond|cfd|ly|gov"
)
_USUAL = (".vn", ".com", ".net", ".org")  # endings that are no sign by themselves
_DISGUISED = re.compile(r"[.\-](?:vn|com)[.\-][a-z\d]+[.\-](?!vn$)")  # "mbbank.vn-huy.com": an ending in the middle
_ABROAD = re.compile(r"(?:.*\.)?gov(?:\.(?!vn$)[a-z]{2})?")


@dataclass(frozen=True, slots=True)
class ScamLists:
    """content/scam.yml: domains, and `names` that imitators use; everything in lower-case ASCII. `likeness` is learnt from
    content/scam_examples.yml.
    """

    official: frozenset[str]
    names: frozenset[str]
    stores: frozenset[str]
    open: frozenset[str]
    shorteners: frozenset[str]
    likeness: Likeness = field(default_factory=Likeness)


def _addresses(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Every address in a plain text with its host as it is written."""
    for found in _WRITTEN.finditer(text):
        if found[1] is not None or found[4] or _ENDINGS.fullmatch(_read(found[3].lower())):
            yield found, (found[1] or found[2]).lower()


def _plain(text: str) -> str:
    return _MASK.sub("0", _DOTS.sub(".", unicodedata.normalize("NFKC", text)))


def without_addresses(text: str) -> str:
    """The text with the word "link" for each address, so that words within addresses say nothing."""
    text = _plain(text)
    for found, _ in reversed(list(_addresses(text))):
        text = f"{text[: found.start()]} link {text[found.end() :]}"
    return text


def hosts(text: str) -> Iterator[str]:
    """The host of every address in a shielded text, lower-case; "[email]" where a name stands before "@" to mislead."""
    for _, host in _addresses(_plain(text)):
        bare = host.rpartition("@")[2].partition(":")[0].strip(".,;!?(){}“”‘’*_-")
        if bare:
            yield bare


def kind_of(host: str, lists: ScamLists) -> Address:
    """What a host is; the first that holds, most telling first."""
    host = host.removeprefix("www.")
    if host == "[email]":
        return "lookalike"
    if not host.isascii() or "xn--" in host:
        shown = ".".join(map(_decoded, host.split(".")))
        if not shown.isascii():
            return "lookalike" if _imitates(_read(shown), lists) else "homograph"
    if below(host, lists.official):
        return "official"
    if re.fullmatch(r"[\d.]+", host):
        return "number"
    if below(host, lists.stores):
        return "store"
    if below(host, lists.open):
        return "open"
    if below(host, lists.shorteners):
        return "shortener"
    if _imitates(host, lists) or _imitates(_read(host), lists):
        return "lookalike"
    return "strange" if host.endswith(_USUAL) and not _DISGUISED.search(host) else "odd"


def below(host: str, domains: Collection[str]) -> bool:
    """Whether a host is one of the domains or lies below one."""
    labels = host.split(".")
    return any(".".join(labels[i:]) in domains for i in range(len(labels)))


def _decoded(label: str) -> str:
    """What the address line shows of a punycode label (RFC 3492)."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return "\ufffd"


def _read(name: str) -> str:
    """The Latin letters that a hurried eye reads: confusable letters, no accents, digits as letters."""
    bare = unicodedata.normalize("NFD", name.translate(_CONFUSABLE).replace("đ", "d"))
    read = "".join(c for c in bare if not unicodedata.combining(c)).translate(_READ_AS)
    for pair, letter in _PAIRS:
        read = read.replace(pair, letter)
    return read


def _imitates(host: str, lists: ScamLists) -> bool:
    labels = host.split(".")
    tokens = [token for token in re.split(r"[.\-_]+", host) if token]
    if any(token.endswith(("gov", "govvn")) for token in tokens) and not _ABROAD.fullmatch(host):
        return True
    whole = [*tokens, *(label.replace("-", "") for label in labels)]
    return any(_alike(token, name) for token in whole for name in lists.names)


def _alike(token: str, name: str) -> bool:
    """The name within a longer one; or misspelt, by one slip, by two where it is long; a short name only by itself."""
    if len(name) < 5:
        return token == name
    if name in token:
        return True
    slips = 2 if len(name) >= 9 else 1
    return token[:1] == name[:1] and OSA.distance(token, name, score_cutoff=slips) <= slips
