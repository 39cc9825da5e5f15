"""pydantic's errors -> problems in plain Vietnamese and English that say how to mend the file."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from rapidfuzz import process

from bot.errors import Problem
from bot.loader.flow_files import FlowFile, OutcomeFile, RoutingFile, StepFile, StepWordsFile
from bot.loader.schema import DOMAIN, EntryFile, TranslationFile
from bot.loader.yaml import Document, Loc
from bot.messages import ASPECTS

_FLOWS = (RoutingFile, StepFile, FlowFile, StepWordsFile, OutcomeFile)
_DAYS = {"checked", "expires", "days_off", "working_days"}
_KNOWN_KEYS = sorted(
    {name for model in _FLOWS for name in model.model_fields}
    | {*EntryFile.model_fields, *TranslationFile.model_fields, "owner", "checked", "expires", "source"}
)


def problems(document: Document, error: ValidationError) -> Iterator[Problem]:
    """One problem for each of pydantic's errors, at the line where the value stands."""
    for e in error.errors():
        loc: Loc = tuple(part for part in e["loc"] if not str(part).startswith("["))  # pydantic's own marks
        vi, en = _sentence(e, loc)
        where = ".".join(str(part) for part in loc) or "tệp"
        yield document.problem(loc, f"{where}: {vi}", f"{where}: {en}")


def _sentence(e: Any, loc: Loc) -> tuple[str, str]:
    kind, context = e["type"], e.get("ctx", {})
    name = str(loc[-1]) if loc else ""
    given = e.get("input")
    if given is None and kind != "missing":
        return "để trống → điền vào, hoặc bỏ mục này", "is empty → fill it in, or remove it"
    match kind:
        case "missing":
            return f'thiếu mục bắt buộc → thêm "{name}:"', f'this is required → add "{name}:"'
        case "extra_forbidden":
            near = process.extractOne(name, _KNOWN_KEYS, score_cutoff=70)
            vi = f'; có phải "{near[0]}"?' if near else ""
            en = f'; did you mean "{near[0]}"?' if near else ""
            return f"không có mục tên này{vi} → sửa tên hoặc xóa dòng", f"unknown name{en} → mend or remove it"
        case "string_too_long":
            n = context["max_length"]
            return f"dài quá {n} ký tự → viết ngắn lại", f"longer than {n} characters → shorten it"
        case "too_long":
            n = context["max_length"]
            return (
                f"nhiều hơn {n} mục → bớt đi, hoặc chia thành hai phần",
                f"more than {n} items → remove some, or split",
            )
        case "string_too_short" | "too_short":
            return "quá ngắn hoặc để trống → viết thêm", "too short or empty → write more"
        case "string_type":
            return (
                "phải là chữ, không phải danh sách hay nhóm → viết một câu",
                "must be text, not a list or group → write text",
            )
        case "tuple_type" | "list_type":
            return 'phải là danh sách → mỗi dòng bắt đầu bằng "- "', 'must be a list → begin each line with "- "'
        case "dict_type" | "model_type":
            return (
                "phải là nhóm có các mục con thụt vào → xem tệp mẫu",
                "must be a group of indented names → see a good file",
            )
        case "literal_error":
            return _aspect_or_choice(given, str(context.get("expected", "")))
        case "string_pattern_mismatch":
            return _domain(str(given)) if context.get("pattern") == DOMAIN else _pattern(name, str(given))
        case "time_parsing" | "time_type":
            return f'"{given}" không phải giờ → viết như 07:30', f'"{given}" is no time → write it like 07:30'
    if _DAYS & set(loc):
        return f'"{given}" không phải ngày → viết như 2026-11-23', f'"{given}" is no date → write it like 2026-11-23'
    expected = str(context.get("error", e["msg"])).removeprefix("one of: ")
    return f'"{given}" không hợp lệ → viết một trong: {expected}', f'"{given}" is not valid → write one of: {expected}'


def _aspect_or_choice(given: object, expected: str) -> tuple[str, str]:
    if "'overview'" in expected:
        expected = " | ".join(ASPECTS)
    expected = expected.replace("'", "").replace(" or ", " | ").replace(", ", " | ")
    return f'"{given}" không hợp lệ → viết một trong: {expected}', f'"{given}" is not valid → write one of: {expected}'


def _domain(given: str) -> tuple[str, str]:
    vi = f'"{given}" không phải tên trang → viết như dichvucong.gov.vn: chữ thường, không có https:// và dấu /'
    return vi, f'"{given}" is no domain → write it like dichvucong.gov.vn: lower case, no https:// and no /'


def _pattern(name: str, given: str) -> tuple[str, str]:
    if name in ("source", "website", "map"):
        return (
            f'"{given}" không phải địa chỉ https → chép đủ từ https://',
            f'"{given}" is no https address → copy all of it',
        )
    if given[:1].isdigit() and "." in given:
        return f'mã "{given}" sai → viết như 1.001193', f'code "{given}" is wrong → write it like 1.001193'
    if name == "days":
        return f'"{given}" sai → viết như T2-T6, T7 hoặc CN', f'"{given}" is wrong → write T2-T6, T7 or CN'
    vi = f'"{given}" sai → chỉ dùng chữ thường không dấu, số và dấu nối'
    return vi, f'"{given}" is wrong → use only lower-case ASCII letters, digits and joining marks'
