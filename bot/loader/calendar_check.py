"""What can be wrong in the working days and hours of content/commune.yml although they are well-formed."""

from collections.abc import Iterator

from bot.core.workdays import FRIDAY
from bot.errors import Problem
from bot.loader.build import build_calendar
from bot.loader.schema import CommuneFile
from bot.loader.yaml import Document


def days(document: Document, file: CommuneFile) -> Iterator[Problem]:
    """Every day once; and the first office is open on some weekday, since deadlines are counted in its hours."""
    seen: dict[object, str] = {}
    for part in ("days_off", "working_days"):
        for i, day in enumerate(getattr(file.calendar, part)):
            if day in seen:
                vi = f"ngày {day} đã ghi ở {seen[day]} → bỏ một dòng"
                yield document.problem(("calendar", part, i), vi, f"{day} stands in {seen[day]} already → remove one")
            seen.setdefault(day, part)
    if all(weekday > FRIDAY for hours in build_calendar(file).hours for weekday in hours.days):
        vi = "trụ sở đầu tiên không mở ngày nào từ thứ Hai đến thứ Sáu → ghi giờ mở cửa, hoặc để trụ sở một cửa lên đầu"
        en = "the first office is not open on any weekday → write its hours, or put the one-stop counter first"
        yield document.problem(("offices", 0, "hours"), vi, en)
