"""What a typed text answers: an option in other words, a day, a short text. Careful: what is not clear is no answer."""

import re
from collections.abc import Iterable
from datetime import date, time

from rapidfuzz import fuzz

from bot.core.addresses import ScamLists
from bot.core.deadline import length_of, received_answer, received_of
from bot.core.flow_model import Step, StepWords
from bot.core.localities import OPEN, SETTLED, Localities, state_of
from bot.core.locality_search import LocalitySearch
from bot.core.normalise import canonical, content_fold, fold
from bot.core.scam import read_message, verdict_of
from bot.core.shield import shield
from bot.core.when import read_clock, read_day, read_length, read_received

LONGEST = 80  # characters of a text answer
OLDEST = date(1900, 1, 1)
ALIKE = 88  # likeness (0..100) of two spellings of one phrase
SHORTEST_ALIKE = 6  # letters of one word; a shorter one says little within a sentence, and misspelt it is another word
_PLACES = {
    "mot": 1, "nhat": 1, "hai": 2, "nhi": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "bay": 7, "tam": 8, "chin": 9, "muoi": 10,
    "dau": 1, "dau tien": 1, "cuoi": -1, "cuoi cung": -1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1,
}  # fmt: skip
# without accents "sau" is also what comes next, and "muc 2" the level of a VNeID
_SPELT = ((re.compile(r"\bsáu\b"), "6"), (re.compile(r"\bmức\b|\bmuc(?= [12]\b)"), "bậc"))
_WHO = "(?:em|toi|minh|con|chau|bac|ba|ong|co|chu|anh|chi|i|me)"
_PICK = f"(?:muon )?(?:chon|lay|bam|an|nhan|go|hoi|xem|cho {_WHO}|choose|pick|press|take)"
_ROW = "(?:so|cau|muc|cai|dong|nut|y|phan|viec|option|number|the)"
_LINE = re.compile(
    rf"(?:(?:da|vang|ok) )?(?:(?:{_WHO} )?{_PICK} )?"
    rf"(?:(?:{_ROW} (?:so |thu )?)?(?P<digits>\d{{1,2}})|{_ROW} (?:so |thu )?(?P<word>{'|'.join(sorted(_PLACES, key=len))}))"
    rf"(?: (?:{_WHO}|one|a|di|nhe|nha|oi|please))*"
)
_NOWHERE = LocalitySearch(Localities())
_FILLERS = {
    "da", "vang", "a", "u", "uh", "um", "thua", "em", "toi", "minh", "con", "chi", "anh", "co", "chu", "bac", "oi", "nhe",
    "nha", "roi", "thi", "la", "bi", "ok", "please", "i", "van", "still", "it", "is",
}  # fmt: skip
# a question in the middle of the questions; its "không" denies nothing
_ASKS_BACK = re.compile(r"\b(?:co .+|duoc|phai)(?<! thi) (?:khong|chua)(?: (?:a|vay|nhi|ha|em|chau|con|anh|chi|ban))*$")
_NOT = {"khong", "chua", "chang", "not", "no", "never", "cannot", "t", "dont", "cant"}
# Said at many questions, so never what tells one answer from another.
_YES_NO = _FILLERS | _NOT | {
    "roi", "duoc", "con", "biet", "ro", "da", "nho", "thay", "dung", "sure", "know", "do", "have", "yes", "already", "yet",
    "my", "am", "the", "a",
}  # fmt: skip
_UNSURE = frozenset((
    "khong biet", "ko biet", "k biet", "hong biet", "hem biet", "chua biet", "khong ro", "ko ro", "k ro", "chua ro", "khong nho",
    "ko nho", "k nho", "hong nho", "quen", "quen mat", "chiu", "bo tay", "sao cung duoc", "gi cung duoc", "tuy", "don t know",
    "do not know", "not sure", "no idea", "can t remember", "forgot", "whatever", "any",
))  # fmt: skip


def is_unsure(text: str) -> bool:
    """Whether the text says no more than that one does not know, or a number that no button has: no reason to leave a flow."""
    said = fold(text)
    unknown = " ".join(word for word in said.split() if word not in _FILLERS) in _UNSURE
    return unknown or number_said(text) is not None


def number_said(text: str) -> int | None:
    """Which of the numbered lines a text names and nothing else: 2 for "2.", "số 2", "chọn 2 nhé", "câu thứ hai", 1 for "cái đầu
    tiên", -1 for "cái cuối cùng"; None for anything else: "ba" alone is also a father, "thứ 2" a Monday, "mức 2" a level.
    """
    said = canonical(text)
    for spelt, meant in _SPELT:
        said = spelt.sub(meant, said)
    line = _LINE.fullmatch(fold(said))
    if line is None:
        return None
    return int(line["digits"]) if line["digits"] else _PLACES[line["word"]]


def fits(step: Step, answer: str, today: date) -> bool:
    """Whether a stored answer is one for this question as it is today."""
    match step.kind:
        case "options":
            return answer in step.next
        case "date" | "past-date":
            try:
                day = date.fromisoformat(answer)
            except ValueError:
                return False
            return day >= OLDEST and (step.kind == "date" or day <= today)
        case "message":
            return verdict_of(answer) is not None
        case "locality":
            return state_of(answer) in SETTLED
        case "duration":
            return length_of(answer) is not None
        case "received":
            received = received_of(answer)
            return received is not None and OLDEST <= received.day <= today
        case "clock":
            try:
                return f"{time.fromisoformat(answer):%H:%M}" == answer
            except ValueError:
                return False
        case "text":
            return 2 <= len(answer) <= LONGEST and any(map(str.isalpha, answer)) and not shield(answer).found
    return False


def leaves_open(step: Step, answer: str) -> bool:
    """Whether an answer says something but not enough: the same question is asked again, about what it said."""
    return step.kind == "locality" and state_of(answer) in OPEN


def read(
    step: Step,
    words: Iterable[StepWords],
    text: str,
    today: date,
    lists: ScamLists,
    *,
    localities: LocalitySearch = _NOWHERE,
    before: str = "",
) -> tuple[str, str]:
    """(answer, "") or ("", what is wrong: a message of messages.yml). `words`: the question in every language.

    Of a pasted message only the verdict by `lists` is the answer. `before` is an answer that left the question open.
    """
    answer, wrong = "", "flow_unclear_option"
    match step.kind:
        case "options":
            answer = read_option(words, text)
        case "date" | "past-date":
            day = read_day(text, today, past=step.kind == "past-date")
            answer, wrong = day.isoformat() if day else "", "flow_unclear_date"
            if day and step.kind == "past-date" and day > today:
                wrong = "flow_future_date"
        case "message":
            answer, wrong = read_message(text, lists), "flow_unclear_message"
        case "locality":
            answer, wrong = localities.answer(text, before), "flow_unclear_locality"
        case "duration":
            answer, wrong = read_length(text), "flow_unclear_duration"
        case "received":
            received = read_received(text, today)
            answer, wrong = received_answer(received) if received else "", "flow_unclear_received"
            if received and received.day > today:
                wrong = "flow_future_date"
        case "clock":
            clock = read_clock(text)
            answer, wrong = f"{clock:%H:%M}" if clock else "", "flow_unclear_clock"
        case "text":
            # who asks back does not answer
            answer, wrong = "" if "?" in text else " ".join(text.split()), "flow_unclear_text"
    return (answer, "") if fits(step, answer, today) or leaves_open(step, answer) else ("", wrong)


def read_option(words: Iterable[StepWords], text: str) -> str:
    """The one option whose label or other words are in the text; "" when none is, or two are as likely."""
    said = fold(text)
    best: dict[str, float] = {}
    for spoken in words:
        for option, label in spoken.options.items():
            phrases = [content_fold(phrase) for phrase in (label, *spoken.also.get(option, ()))]
            score = max(_likeness(said, phrase) for phrase in phrases)
            best[option] = max(score, best.get(option, 0.0))
    ranked: list[tuple[str, float]] = sorted(best.items(), key=lambda pair: -pair[1])
    if not ranked or not ranked[0][1] or (len(ranked) > 1 and ranked[1][1] == ranked[0][1]):
        return ""
    return ranked[0][0]


def _likeness(said: str, phrase: str) -> float:
    """0 when the text does not say the phrase; else the more, the more words of it the phrase explains.

    "chưa nhận được mã" must never count as "đã nhận được mã": both must deny, or neither. Nor is "có mất tiền không?", which
    asks back, "không có".
    """
    text, wanted = set(said.split()), phrase.split()
    bare = " ".join(word for word in said.split() if word not in _FILLERS or word in wanted)
    if not phrase or not said:
        return 0.0
    if said == phrase:
        return 1000.0
    if bare == phrase:
        return 900.0  # "của con tôi" means that, and not "của tôi" with a polite "con"
    if bool(text & _NOT) != bool(_NOT & set(wanted)) or _ASKS_BACK.search(said):
        return 0.0
    telling = len(wanted) > 1 or (len(phrase) >= SHORTEST_ALIKE and phrase not in _NOT)
    if telling and text.issuperset(wanted):
        together = f" {phrase} " in f" {said} "  # "cho con tôi" says "con tôi" rather than "cho tôi"
        return len(wanted) + together / 2
    alike = fuzz.ratio(bare, phrase)
    return alike / 100 if len(phrase) >= SHORTEST_ALIKE and alike >= ALIKE else 0.0


def served(words: Iterable[StepWords], text: str, option: str) -> frozenset[int] | None:
    """Places of the words that said this option; all where it was said in other words. None for a label, which is a button."""
    said, places = fold(text).split(), set[int]()
    for spoken in words:
        if content_fold(spoken.options[option]).split() == said:
            return None
        for phrase in _phrases(spoken, option):
            places.update(*_stands(phrase, said))
    return frozenset(places or range(len(said)))


def also_said(words: Iterable[StepWords], text: str, used: frozenset[int]) -> tuple[str, frozenset[int]]:
    """(option, places of its words) that a sentence names beside what the words at `used` have answered; else ("", nothing).

    More careful than `read_option`: a phrase of two words or more, word for word, that is no mere yes or no, denied as the
    sentence is, and no other option beside it. Words that have served may serve again only where they say much: "quên
    passcode" is both the trouble and what was forgotten, "có rồi" never answers two questions.
    """
    said = fold(text).split()
    found: dict[frozenset[int], set[str]] = {}
    for spoken in words:
        for option in spoken.options:
            for phrase in _phrases(spoken, option):
                for places in _stands(phrase, said):
                    found.setdefault(places, set()).add(option)
    clear = {places: options for places, options in found.items() if _clear(said, places, used)}
    if not clear:
        return "", frozenset()
    best = max(clear, key=len)
    named = set(clear[best])
    for places, options in found.items():
        if not places <= best and (places in clear or not places <= used):
            named |= options
    return (named.pop(), best) if len(named) == 1 else ("", frozenset())


def _clear(said: list[str], places: frozenset[int], used: frozenset[int]) -> bool:
    phrase = {said[place] for place in places}
    again = bool(places & used)
    around = {word for place, word in enumerate(said) if again or place not in used}
    telling = len(phrase - _YES_NO)
    return len(places) > 1 and telling > again and bool(around & _NOT) == bool(phrase & _NOT)


def _phrases(spoken: StepWords, option: str) -> list[list[str]]:
    return [content_fold(phrase).split() for phrase in (spoken.options[option], *spoken.also.get(option, ()))]


def _stands(phrase: list[str], said: list[str]) -> list[frozenset[int]]:
    """Where the phrase stands in the text, word for word."""
    size = len(phrase)
    return [frozenset(range(at, at + size)) for at in range(len(said) - size + 1) if said[at : at + size] == phrase]
