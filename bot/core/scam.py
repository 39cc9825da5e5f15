"""Whether a forwarded message, a link or the story of a call looks like fraud. Pure: names are read, nothing is opened.

`judge` adds up signs. Each has a weight: 3 is fraud by itself, 2 is a reason for care, 1 counts only beside others. Where signs
say little, likeness to the examples of content/scam_examples.yml decides. Sources of what no office does: the entries
scam-check, scam-police-call, scam-fake-app and scam-otp-leaked (checked 12/09/2026).

Nothing found is not "safe", and an official address says nothing of who sent it.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, get_args

from bot.core.addresses import Address, ScamLists, hosts, kind_of, without_addresses
from bot.core.normalise import fold
from bot.core.scam_signs import OFFICIAL_MATTERS, SIGNS, pattern
from bot.core.shield import shield

Level = Literal["dangerous", "suspicious", "nothing", "official"]
FRAUD = 3  # weight from which a message is called dangerous
CARE = 2  # and suspicious
ALIKE = 1.2  # likeness to known fraud from which a message without signs is suspicious
ALIKE_OFFICIAL = 2.5  # the same where it leads to official addresses only
UNLIKE = -1.5  # below it words prove nothing: warnings, news and real notices use those of fraud
FEWEST = 6  # words below which a text without any sign is no message that could be judged

_ADDRESSES: Final[dict[Address, tuple[str, int]]] = {
    "lookalike": ("lookalike", 3), "homograph": ("homograph", 3), "number": ("number-address", 2),
    "shortener": ("shortener", 2), "odd": ("odd-site", 2), "strange": ("strange-site", 1),
}  # fmt: skip
_PATTERNS = {reason: (sign.weight, pattern(sign.phrases)) for reason, sign in SIGNS.items()}
_MATTERS = pattern(OFFICIAL_MATTERS)
# "không cung cấp mã OTP cho ai" warns; "nếu không cung cấp thì bị khóa" threatens.
_DENIED = re.compile(
    r"(\bneu (?:\w+ ){0,4}?)?\b(?:khong|(?<!tin )(?<!su )(?<!ung )(?<!ap )dung|chang|cam|never|not|t) (?:(?!zz )\w+ ){0,4}?$"
)
_ASKS = re.compile(  # "khai sinh cần gì" is no message to be judged
    r"\b(?:gi|nao|khong|ko|sao|dau|bao nhieu|bao lau|may gio)(?: (?:vay|a|ha|em|the|nhi|roi))*$"
    r"|^(?:how|what|where|when) (?:do|is|are|can|much|long)\b"
)
_BROUGHT = re.compile(r"([^:\n\"“]{4,120}?)\s*(?:[:\n]\s*[\"“]?|[\"“])(.+)", re.DOTALL)
_BRINGS = re.compile(r"\b(?:tin|sms|link|duong dan|cuoc goi|messages?|text)\b")
_DOUBTS = re.compile(r"\b(?:lua|that|gia|kiem tra|xem|coi|soi|tin duoc|check|scam|fraud|real|fake|genuine|true)\b")
_PAUSES = re.compile(r"[,.;:!?()\n]+(?=\s|$)")
_PAUSE = "zz"  # stands for a pause: signs may reach over it, a denial may not
_ASKED: Final = frozenset({"secret", "app", "photo", "pay", "click"})
STRANGE: Final = frozenset({"strange-site", "odd-site", "shortener", "number-address", "lookalike", "homograph"})
_BY_ITSELF: Final = STRANGE | {"secret", "app-file", "remote"}  # whatever the wording is like
_HOLDS: Final = {"claims": ("poses",), "borrow": ("pay", "hurry")}  # what a sign says already
_OTHER: Final = ("false-site", "bait-site", "alike")
REASONS: Final = (*dict.fromkeys(reason for reason, _ in _ADDRESSES.values()), *_OTHER, *SIGNS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reasons`: ids of REASONS, the gravest first; each has its words in messages.yml under "scam_" and the id."""

    level: Level
    reasons: tuple[str, ...] = ()


def judge(text: str, lists: ScamLists) -> Verdict:
    """The verdict on any text, with or without accents; personal data in it need not be masked yet."""
    text = shield(text).text
    kinds = [kind_of(host, lists) for host in hosts(text)]
    weights = {reason: weight for kind in kinds if kind in _ADDRESSES for reason, weight in [_ADDRESSES[kind]]}
    bare = without_addresses(text)
    said = f" {_PAUSE} ".join(fold(part) for part in _PAUSES.split(bare))
    weights |= {reason: weight for reason, (weight, phrases) in _PATTERNS.items() if _says(said, phrases, reason)}
    if {"store", "official"} & set(kinds) and not weights.keys() & STRANGE:
        weights.pop("app", 0)
        weights.pop("click", 0)
    for sign, within in _HOLDS.items():
        if sign in weights:
            weights = {reason: weight for reason, weight in weights.items() if reason not in within}
    strange = bool(weights.keys() & STRANGE)
    if strange and _MATTERS.search(said):
        weights["false-site"] = 2
    if strange and weights.keys() & {"prize", "refund", "job", "profit", "threat", "hurry"}:
        weights["bait-site"] = 1
    official = bool(kinds) and set(kinds) <= {"official", "store"}
    likeness = lists.likeness.of(bare)
    if sum(weights.values()) < CARE and likeness > (ALIKE_OFFICIAL if official else ALIKE):
        weights["alike"] = CARE - sum(weights.values())
    elif likeness < UNLIKE and not weights.keys() & _BY_ITSELF:
        weights = {}
    weight = sum(weights.values())
    reasons = tuple(sorted(weights, key=lambda reason: (-weights[reason], REASONS.index(reason))))
    if weight >= FRAUD:
        return Verdict("dangerous", reasons)
    if weight >= CARE:
        return Verdict("suspicious", reasons)
    return Verdict("official" if official else "nothing", reasons)


def _says(said: str, phrases: re.Pattern[str], reason: str) -> bool:
    """Whether the sign is there; of what one is asked to give, also whether it is not just what one is warned of."""
    if reason not in _ASKED:
        return bool(phrases.search(said))
    denials = [_DENIED.search(said[: m.start()]) for m in phrases.finditer(said)]
    return any(denial is None or denial[1] for denial in denials)


def pasted(text: str) -> str:
    """The message in "tin này có phải lừa đảo không: Chị ơi …": what stands after the words that bring it; "" without such."""
    found = _BROUGHT.fullmatch(text.strip())
    if found is None or len(fold(found[2]).split()) < FEWEST:
        return ""
    before = fold(found[1])
    return found[2] if _BRINGS.search(before) and _DOUBTS.search(before) else ""


# -- as the answer of a step ---------------------------------------------------------------------------------------------


def read_message(text: str, lists: ScamLists) -> str:
    """The verdict as an answer that a conversation may keep ("dangerous secret hurry"): the message itself is not kept.

    "" for what is too short to be judged, or asks us something.
    """
    verdict = judge(text, lists)
    bare = verdict.level == "nothing" and not verdict.reasons and not any(hosts(text))
    if bare and (len(fold(text).split()) < FEWEST or text.rstrip().endswith("?") or _ASKS.search(fold(text))):
        return ""
    return " ".join((verdict.level, *verdict.reasons))


def verdict_of(answer: str) -> Verdict | None:
    """The verdict that such an answer says; None when it is none."""
    level, *reasons = answer.split(" ") if answer else [""]
    if level not in get_args(Level) or not set(reasons) <= set(REASONS):
        return None
    return Verdict(level, tuple(reasons))  # type: ignore[arg-type]
