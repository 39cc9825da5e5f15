"""Money, days, durations and hours as people say them, in each language."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.core.library import Hours
from bot.messages import Language

_WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_UNITS = {"working_day": "ngày làm việc", "day": "ngày", "hour": "giờ", "month": "tháng"}


def money(amount: int, language: Language) -> str:
    """15000 -> "15.000 đồng" / "15,000 VND"."""
    return f"{amount:,} VND" if language == "en" else f"{amount:,} đồng".replace(",", ".")


def day(value: date, language: Language) -> str:
    """2026-11-23 -> "23/11/2026" / "23 November 2026"."""
    if language == "en":
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return f"{value:%d/%m/%Y}"


def weekday(value: date, language: Language) -> str:
    """2026-11-23 -> "thứ Hai 23/11/2026" / "Monday 23 November 2026"."""
    return f"{_WEEKDAYS[language][value.weekday()]} {day(value, language)}"


def days(first: date, last: date, language: Language) -> str:
    """ "16/02 đến 20/02" / "16 February to 20 February"; one day alone is only that."""
    if first != last:
        return f"{days(first, first, language)} {'to' if language == 'en' else 'đến'} {days(last, last, language)}"
    return f"{first.day} {_MONTHS[first.month - 1]}" if language == "en" else f"{first:%d/%m}"


def duration(value: float, unit: str, language: Language) -> str:
    """0.5 working_day -> "nửa ngày làm việc" / "half a working day"."""
    if language == "en":
        name = unit.replace("_", " ") or "time"
        if value == 0.5:
            return f"half an {name}" if name == "hour" else f"half a {name}"
        return f"{value:g} {name}" + ("" if value == 1 else "s")
    name = _UNITS.get(unit, "")
    return f"nửa {name}" if value == 0.5 else f"{value:g} {name}".replace(".", ",")


def kilometres(value: float, language: Language) -> str:
    """1.2 -> "1,2 km" / "1.2 km"."""
    return f"{value:.1f} km" if language == "en" else f"{value:.1f} km".replace(".", ",")


def moment(value: datetime, now: datetime, language: Language) -> str:
    """A time near `now`: "11:30", "13:30 thứ Ba 24/11"."""
    clock = f"{value:%H:%M}"
    if value.date() == now.date():
        return clock if language == "vi" else f"at {clock}"
    weekday = _WEEKDAYS[language][value.weekday()]
    if language == "en":
        tomorrow = "tomorrow, " if value.date() == now.date() + timedelta(days=1) else ""
        return f"{tomorrow}{weekday} {value.day} {_MONTHS[value.month - 1]} at {clock}"
    return f"{clock} {weekday} {value:%d/%m}"


def hours(rows: Sequence[Hours], language: Language) -> str:
    """ "thứ Hai đến thứ Sáu 07:30–11:30 và 13:30–17:00; thứ Bảy 07:30–11:30" """
    parts = []
    for row in rows:
        first, last = _WEEKDAYS[language][row.days[0]], _WEEKDAYS[language][row.days[-1]]
        to, also = (" to ", " and ") if language == "en" else (" đến ", " và ")
        days = first if len(row.days) == 1 else f"{first}{to}{last}"
        parts.append(f"{days} " + also.join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in row.spans))
    return "; ".join(parts)


def shorten(text: str, length: int) -> str:
    """At most `length` characters, cut between words."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0] + "…"
