"""Days, hours and lengths of time as people write them, with or without accents. What is not clear is nothing."""

import re
import unicodedata
from datetime import date, time, timedelta

from bot.core.deadline import SAME_DAY, Received, length_of
from bot.core.normalise import canonical, fold

_NUMBERS = re.compile(r"(\d{1,2})[/.\-](\d{1,2})(?:[/.\-](\d{4}|\d{2}))?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SPELT = re.compile(r"(\d{1,2}) thang (\d{1,2})(?: (?:nam )?(\d{4}))?")
_ENGLISH = re.compile(r"(\d{1,2}) ([a-z]{3})[a-z]*(?: (\d{4}))?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NEAR = {
    "hom nay": 0, "nay": 0, "today": 0, "hom qua": 1, "qua": 1, "yesterday": 1, "hom kia": 2, "hom truoc nua": 2,
    "the day before yesterday": 2, "ngay mai": -1, "mai": -1, "tomorrow": -1,
}  # fmt: skip
_WEEKDAYS = {
    "hai": 0, "2": 0, "ba": 1, "3": 1, "tu": 2, "4": 2, "nam": 3, "5": 3, "sau": 4, "6": 4, "bay": 5, "7": 5,
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip
_WEEKDAY = re.compile(
    r"\b(?:thu (hai|ba|tu|nam|sau|bay|[2-7])|(chu nhat|cn)|(monday|tuesday|wednesday|thursday|friday|saturday|sunday))\b"
    r"(?: (tuan nay|this week)| (tuan (?:truoc|roi|qua)|last week))?"
)
_HALF = re.compile(r"\b(\d{1,2}) (?=ruoi\b)")  # "4 rưỡi chiều" is 4 giờ rưỡi
_DAY_ALONE = re.compile(r"(?:hom )?(\d{1,2})(?: thang (nay|truoc|roi|vua roi))?")
_LONG_AGO = timedelta(days=183)  # from then on a day without a year is rather one still to come
_AGO = re.compile(r"(?:cach day )?(\d{1,3}) (?:ngay|hom|days?) (?:truoc|ago)|cach day (\d{1,3}) (?:ngay|hom)")

_WORDS = {
    "mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi lam": 15, "muoi": 10,
    "hai muoi": 20, "ba muoi": 30, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "half a": 0.5, "half an": 0.5, "nua": 0.5, "1/2": 0.5, "1⁄2": 0.5,
}  # fmt: skip
_NUMBER = r"(?<![\d.,/])(" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r"|\d+(?:[.,]\d+)?)"
_UNITS = {
    "working_day": r"nglv|ngay (?:lam viec|lam|lv)|(?:working|work|business) days?|ngay hanh chinh",
    "day": r"ngay (?:thuong|lich|lien tuc|lien)|calendar days?",
    "week": r"tuan|weeks?",
    "hour": r"gio(?: lam viec)?|tieng|hours?|h",
    "month": r"thang|months?",
    "": r"ngay|hom|days?",
}
_LENGTH = re.compile(rf"\b{_NUMBER} ?(?:{'|'.join(f'(?P<u{n}>{u})' for n, u in enumerate(_UNITS.values()))})\b")
_BARE = re.compile(_NUMBER)
_AT_ONCE = re.compile(
    r"\b(?:trong (?:ngay|buoi)(?! (?:mai|mot|kia))|(?:lay|tra|co) lien|same day|at once|immediately)\b"
)
_VAGUE = re.compile(r"\b(?:ruoi|hon|kem|den|hoac|hay|to|or|over|more than)\b|\?")
# the number found is the end of a longer one, or the second of two
_BEFORE = re.compile(r"\b(?:" + "|".join(_WORDS) + r"|tram|twenty|thirty|hundred|toi)[ \-]$")
_POLITE = {
    "da", "vang", "a", "thua", "em", "toi", "minh", "con", "chau", "chi", "anh", "co", "chu", "bac", "oi", "nhe", "nha", "roi",
    "thi", "la", "giay", "phieu", "hen", "ghi", "khoang", "tam", "can", "bo", "noi", "please", "it", "is", "says", "about",
}  # fmt: skip

_HOUR = re.compile(
    rf"\b(?:(?<!thu )(?P<near>truoc|sau|khoang|tam|before|after|about|around))? ?(?:at )?"
    rf"(?P<hour>\d{{1,2}}|{'|'.join(w for w, n in _WORDS.items() if n >= 1 and ' ' not in w)})"
    rf"(?: ?(?:gio|h|g|:|o'clock) ?(?P<minute>\d{{2}}|ruoi)?(?: phut)?(?= |$|[,.;])| ?(?=[ap]m\b))"
    rf" ?(?:in the |buoi |hoi |luc )?(?P<part>sang|trua|chieu|toi|dem|am|pm|morning|afternoon|evening)?\b"
)
_PART = re.compile(
    r"\b(?:buoi |hoi |luc )?(?:this |in the |hom nay )?"
    r"(?P<part>(?:sang|trua|chieu|toi|dem)(?= (?:nay|qua|hom|ngay|thu|chu)|[ ,]*$|[ ,]*\d)|morning|noon|afternoon|evening)\b"
)
_AROUND = {
    "nop", "luc", "bua", "vao", "ngay", "hoi", "gui", "len", "ra", "phuong", "xa", "ho", "so", "on", "at", "in", "the", "i",
    "submitted", "handed", "applied",
}  # fmt: skip


def _plain(text: str) -> str:
    """`canonical` without marks, but with its punctuation."""
    marks = unicodedata.normalize("NFD", canonical(text).replace("đ", "d"))
    return re.sub("[\u0300-\u036f]", "", marks)


# -- days ----------------------------------------------------------------------------------------------------------------


def read_day(text: str, today: date, *, past: bool) -> date | None:
    """A day as people write it: 05/03/2026, 5-3, 5.3.98, "ngày 5 tháng 3", "hôm qua", "5 March 2026"; None when unclear.

    Without a year it is this year's day; when `past` and that is still to come, last year's.
    """
    said = fold(text).removeprefix("ngay ") if fold(text) != "ngay mai" else "ngay mai"
    if said in _NEAR:
        return today - timedelta(days=_NEAR[said])
    if iso := _ISO.search(text):
        return _day(iso[1], iso[2], iso[3])
    if (numbers := _NUMBERS.search(text)) or (numbers := _SPELT.search(said)):
        day, month, year = numbers.groups()
    elif (english := _ENGLISH.search(said)) and english[2] in _MONTHS:
        day, month, year = english[1], str(_MONTHS.index(english[2]) + 1), english[3]
    else:
        return None
    if year is None:
        found = _day(str(today.year), month, day)
        return _day(str(today.year - 1), month, day) if past and found and found > today else found
    if len(year) == 2:
        century = today.year // 100
        year = f"{century if int(year) <= today.year % 100 else century - 1}{year}"
    return _day(year, month, day)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


# -- moments -------------------------------------------------------------------------------------------------------------


def read_received(text: str, today: date) -> Received | None:
    """A past day, with the hour if it is said: "hôm qua 3 giờ chiều", "sáng nay", "16h ngày 24/11"; None when unclear."""
    rest = _HALF.sub(r"\1 gio ", _plain(text))
    if "?" in rest:
        return None
    clock, part = None, ""
    if hour := _HOUR.search(rest):
        clock, part = _clock(hour), hour["part"] or ""
        rest = f"{rest[: hour.start()]} {rest[hour.end() :]}"
    if found := _PART.search(rest):
        part = found["part"]
        rest = f"{rest[: found.start()]} {rest[found.end() :]}"
        if hour and clock is None and not hour["near"]:
            clock = _clock(hour, part)
    words = [word.strip(",.;") for word in rest.split()]
    left = " ".join(word for word in words if word not in _POLITE and word not in _AROUND)
    if ago := _AGO.search(rest):
        day: date | None = today - timedelta(days=int(ago[1] or ago[2]))
    else:
        day = today if part and not left else read_day(left, today, past=True) or _weekday(rest, today)
        if alone := _DAY_ALONE.fullmatch(left) if re.search(r"\b(?:ngay|hom)\b", rest) else None:
            day = _day_alone(alone, today)
        if day and today - day > _LONG_AGO:
            day = read_day(left, today, past=False) or day
    return Received(day, clock, morning=clock is None and part in ("sang", "morning")) if day else None


def _day_alone(said: re.Match[str], today: date) -> date | None:
    """ "ngày 23", "hôm 10 tháng này": the last such day, or that of the month that is said."""
    before = said[2] not in (None, "nay") or (said[2] is None and int(said[1]) > today.day)
    month = today.replace(day=1) - timedelta(days=1) if before else today
    return _day(str(month.year), str(month.month), said[1])


def _weekday(text: str, today: date) -> date | None:
    """The last such day before today, or that of this week or the last where it is said so; today's own name is unclear."""
    named = list(_WEEKDAY.finditer(text))
    if len(named) != 1:
        return None
    weekday = 6 if named[0][2] else _WEEKDAYS[named[0][1] or named[0][3]]
    if named[0][4] or named[0][5]:
        return today - timedelta(days=today.weekday() - weekday + (7 if named[0][5] else 0))
    return today - timedelta(days=(today.weekday() - weekday) % 7) if weekday != today.weekday() else None


def read_clock(text: str) -> time | None:
    """An hour of the day: "9 giờ", "3 giờ chiều", "15h30", "3 pm"; None when it may be two, such as "3 giờ"."""
    said = _HALF.sub(r"\1 gio ", _plain(text))
    hour = _HOUR.search(said)
    rest = f"{said[: hour.start()]} {said[hour.end() :]}" if hour else ""
    return _clock(hour) if hour and not _VAGUE.search(rest) and not re.search(r"\d", rest) else None


def _clock(hour: re.Match[str], part: str = "") -> time | None:
    number = int(hour["hour"]) if hour["hour"].isdigit() else int(_WORDS[hour["hour"]])
    minute = 30 if hour["minute"] == "ruoi" else int(hour["minute"] or 0)
    part = hour["part"] or part
    if hour["near"] or number > 23 or minute > 59:
        return None
    match part:
        case "sang" | "am" | "morning":
            number = number % 12 if number <= 12 else number
        case "trua" | "noon":
            number += 12 if number < 4 else 0
        case "chieu" | "pm" | "afternoon" | "toi" | "evening":
            number += 12 if number < 12 else 0
        case "dem":
            number = number % 12 if number < 6 or number == 12 else number + 12 if number < 12 else number
        case _ if number < 7:
            return None
    return time(number, minute)


# -- lengths -------------------------------------------------------------------------------------------------------------


def read_length(text: str) -> str:
    """How long an office has, as an answer (core.deadline): "3 ngày làm việc", "5 ngay", "10", "nửa ngày", "trong ngày"."""
    said = _plain(text)
    figures = re.findall(r"\d+(?:[.,⁄/]\d+)*", said)
    if len(figures) > 1 or _VAGUE.search(said):
        return ""
    if not figures and _AT_ONCE.search(said):
        return SAME_DAY
    found = list(_LENGTH.finditer(said))
    if len(found) > 1 or (found and _BEFORE.search(said[: found[0].start()])):
        return ""
    if not found:
        bare = " ".join(word for word in said.strip(" .!").split() if word not in _POLITE)
        return _fitting(_value(bare), "") if _BARE.fullmatch(bare) else ""
    number = _value(found[0][1])
    unit = next(unit for n, unit in enumerate(_UNITS) if found[0][f"u{n}"])
    if unit == "week":
        number, unit = number * 7, "day"
    if number == 0.5 and not unit:
        unit = "working_day"
    return _fitting(number, unit)


def _value(number: str) -> float:
    return float(_WORDS[number] if number in _WORDS else number.replace(",", "."))


def _fitting(number: float, unit: str) -> str:
    answer = f"{number:g} {unit}".strip()
    return answer if length_of(answer) else ""
