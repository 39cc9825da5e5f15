"""YAML -> plain data in which every scalar is text, and the place of every value.

Plain YAML 1.1 would turn `12:30` into 750, `0123` into 83 and `no` into False: hours, phone numbers and language codes.
So nothing is converted here; the schema does it. Duplicate keys are problems, not overwritten.
"""

from pathlib import Path
from typing import Any

import yaml

from bot.errors import Problem

Loc = tuple[str | int, ...]
Position = tuple[int, int]
DEEPEST = 20  # levels of indentation; content needs six
_TOO_DEEP = (
    "lồng quá nhiều cấp → bớt cấp, so với một tệp mẫu",
    "nested too deeply → use fewer levels, see a good file",
)
_BRACES = (
    "dùng ngoặc { } hoặc [ ] ở đầu câu → đặt cả câu trong dấu ngoặc kép; danh sách thì mỗi mục một dòng, bắt đầu bằng “- ”",
    'braces { } or brackets [ ] begin the text → put it in double quotes; write a list one item per line, after "- "',
)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Document:
    """One parsed file: `data` (dict, list, str or None) and `positions` of each path, 1-based (line, column)."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.data: Any = None
        self.positions: dict[Loc, Position] = {(): (1, 1)}
        self.problems: list[Problem] = []

    def place(self, loc: Loc) -> Position:
        """Where `loc` stands, or the nearest thing above it that is written in the file."""
        while loc not in self.positions:
            loc = loc[:-1]
        return self.positions[loc]

    def problem(self, loc: Loc, vi: str, en: str, *, warning: bool = False) -> Problem:
        return Problem(self.file, *self.place(loc), vi, en, warning)


def read(path: Path, name: str) -> Document:
    """Parse `path`; `name` is how it is called in problems. Unreadable files give a Document with problems."""
    document = Document(name)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        vi = "tệp không phải UTF-8 → lưu lại tệp với bảng mã UTF-8"
        document.problems.append(Problem(name, line, 1, vi, "the file is not UTF-8 → save it with UTF-8 encoding"))
        return document
    except OSError as error:
        vi = f"không đọc được tệp ({error.strerror}) → kiểm tra quyền đọc"
        en = f"cannot read the file ({error.strerror}) → check its permissions"
        document.problems.append(Problem(name, 1, 1, vi, en))
        return document
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        document.problems.append(_explain(name, text, error))
        return document
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        vi = "có ký tự điều khiển không nhìn thấy được → xóa dòng này và gõ lại"
        en = "there is an invisible control character → delete this line and type it again"
        document.problems.append(Problem(name, line, 1, vi, en))
        return document
    except RecursionError:
        document.problems.append(Problem(name, 1, 1, *_TOO_DEEP))
        return document
    if node is not None:
        document.data = _walk(document, node, (), set())
    return document


def _walk(document: Document, node: yaml.Node, loc: Loc, seen: set[int]) -> Any:
    document.positions[loc] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if id(node) in seen:  # a reference; one that leads to itself would never end
        vi = "dùng & và * để nhắc lại đoạn khác → viết lại đầy đủ đoạn đó"
        document.problems.append(document.problem(loc, vi, "& and * repeat another part → write that part out in full"))
        return None
    seen.add(id(node))
    if len(loc) > DEEPEST:
        document.problems.append(document.problem(loc, *_TOO_DEEP))
        return None
    if isinstance(node, yaml.ScalarNode):
        empty = not node.style and node.value in ("", "~", "null")
        return None if empty else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_walk(document, child, (*loc, i), seen) for i, child in enumerate(node.value)]
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
        value = _walk(document, value_node, (*loc, key), seen)
        place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key_node, yaml.ScalarNode):  # {{ commune.name }} without quotes
            document.problems.append(Problem(document.file, *place, *_BRACES))
        if key in result:
            vi = f'mục "{key}" viết hai lần → giữ lại một mục'
            en = f'"{key}" is written twice → keep one of them'
            document.problems.append(Problem(document.file, *place, vi, en))
        if not isinstance(value_node, yaml.ScalarNode) or value is None:
            document.positions[(*loc, key)] = place
        result[key] = value
    return result


def _explain(name: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    """The parser's complaint in a sentence that a person who cannot program understands."""
    said = f"{error.problem} {error.context}"
    begun = any(hint in said for hint in ("quoted scalar", "flow", "could not find expected ':'"))
    mark = (error.context_mark if begun else None) or error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    written = lines[line - 1] if line <= len(lines) else ""
    quote = next((n for n, before in enumerate(lines[:line], start=1) if before.count('"') % 2), 0)
    if "\t" in written[: len(written) - len(written.lstrip())] or "\\t" in said:
        vi = "đầu dòng có phím Tab → thay bằng dấu cách"
        en = "the line begins with a Tab → use spaces"
    elif "flow" in said or ("expected key" in said and ": {" in written):
        vi, en = _BRACES
    elif "quoted scalar" in said or ("expected key" in said and quote):
        if "expected key" in said:  # noticed only where the next quote opens; the line with a single one is meant
            line, column = quote, 1
        vi = "dấu ngoặc kép mở mà không đóng → thêm dấu ngoặc kép ở cuối câu"
        en = "an open quote → close it at the end of the text"
    elif "mapping values are not allowed" in said:
        vi = 'có dấu hai chấm và dấu cách ": " ở giữa câu → đặt cả câu trong dấu ngoặc kép, hoặc xuống dòng sau dấu "|"'
        en = 'there is ": " inside plain text → put the whole text in double quotes, or under a "|"'
    elif "could not find expected ':'" in said:
        vi = "thiếu dấu hai chấm sau tên mục → viết như “title: …”"
        en = 'a missing ":" after a name → write it like "title: …"'
    elif "expected key" in said and '"' in written:
        vi = "có chữ đứng sau dấu ngoặc kép đóng → đặt cả câu trong ngoặc kép, bên trong dùng “ ”"
        en = "text stands after a closing quote → quote the whole text, with “ ” inside"
    elif any(hint in said for hint in ("expected key", "block end", "'-' indicator")):
        vi = "thụt đầu dòng chưa đều → canh dòng này thẳng với các mục cùng cấp"
        en = "uneven indentation → align this line with its neighbours"
    elif any(hint in said for hint in ("start any token", "alias", "anchor", "tag", "alphabetic", "scalar")):
        vi = "câu bắt đầu bằng ký tự đặc biệt → đặt cả câu trong dấu ngoặc kép"
        en = "text that begins with a special character → put the whole text in double quotes"
    else:
        vi = "máy không hiểu dòng này → so với một tệp mẫu, hoặc đặt câu trong dấu ngoặc kép"
        en = f"this line cannot be read ({error.problem}) → compare with a good file, or quote the text"
    return Problem(name, line, column, vi, en)
