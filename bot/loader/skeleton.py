"""A new entry's two files, or a new flow's three, ready to be filled in: every field there, every gap marked."""

import re
from datetime import date, timedelta
from pathlib import Path

FOLDERS = {"procedure": "procedures", "faq": "faq", "contact": "contacts", "talk": "talk", "flow": "flows"}

_QUESTIONS = """questions:
  overview:
{overview}
  how:
{how}
"""

_PROCEDURE = """codes:
  - 0.000000
agency: CHƯA VIẾT - cơ quan giải quyết
online: một phần
fees:
  - id: normal
    amount: chưa rõ
times:
  - id: normal
    value: chưa rõ
papers:
  - id: common
    case: Mọi trường hợp
    items:
      - CHƯA VIẾT - tên giấy tờ
"""

_PROCEDURE_EN = """agency: TO WRITE - agency
papers:
  common:
    case: Everyone
    items:
      - TO WRITE - name of the paper
"""


_FLOW = """# draft: bà con chưa thấy. Viết xong thì đổi thành published.
id: {flow}
status: draft
owner: ttpvhcc
steps:
  - id: first
    ask:
      - this
      - that
    next:
      this: do-this
      that: do-that
  - id: do-this
  - id: do-that
"""

_FLOW_WORDS = """id: {flow}
{facts}title: {gap} - {title} ({flow})
label: {label}
{questions}steps:
  first:
    text: {gap}
    options:
      this: {gap} 1
      that: {gap} 2
outcomes:
  do-this:
    text: {gap}
    action: {gap}
{contact}  do-that:
    text: {gap}
    action: {gap}
{contact}"""


def write_skeleton(root: Path, kind: str, entry: str) -> list[Path]:
    """Write content/vi/… and content/en/… for a new entry, for a flow also flows/…; their paths.

    Raises ValueError that says how to mend the call.
    """
    if kind not in FOLDERS:
        raise ValueError(f'không có loại "{kind}" → chọn / choose one of: {", ".join(FOLDERS)}')
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry):
        raise ValueError(
            f'id "{entry}" → chỉ dùng chữ thường không dấu, số, dấu nối / lower-case ASCII words joined by "-"'
        )
    paths = [root / "content" / language / FOLDERS[kind] / f"{entry}.yml" for language in ("vi", "en")]
    taken = [path for path in paths if path.exists()] or list((root / "content" / "vi").glob(f"*/{entry}.yml"))
    if taken:
        raise ValueError(f"{taken[0]} đã có → chọn id khác / already exists → choose another id")
    if kind == "flow":
        texts = [*_flow(entry), _FLOW.format(flow=entry)]
        paths.append(root / "flows" / f"{entry}.yml")
    else:
        texts = _entry(kind, entry)
    for path, text in zip(paths, texts, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return paths


def _days() -> str:
    today = date.today()
    return f"  checked: {today}\n  expires: {today + timedelta(days=180)}\n"


def _entry(kind: str, entry: str) -> list[str]:
    """The Vietnamese and the English file of an entry."""
    aspects = ["overview", *(("how", "where", "conditions", "result") if kind == "procedure" else ())]
    sourced = kind in ("procedure", "faq")
    source = "  source: https://dichvucong.gov.vn\n  legal_basis:\n    - CHƯA VIẾT - văn bản\n" if sourced else ""
    vietnamese = (
        f"id: {entry}\nkind: {kind}\ntopic: procedure_other\ntitle: CHƯA VIẾT - tên đầy đủ ({entry})\nlabel: {entry[:30]}\n"
        f"passport:\n{source}  owner: ttpvhcc\n{_days()}"
        + (_PROCEDURE if kind == "procedure" else "")
        + "answers:\n"
        + "".join(f"  {aspect}: |\n    CHƯA VIẾT\n" for aspect in aspects)
        + _questions("CHƯA VIẾT - câu hỏi về", entry)
    )
    english = (
        f"id: {entry}\ntitle: TO WRITE - full name ({entry})\nlabel: {entry[:30]}\n"
        + (_PROCEDURE_EN if kind == "procedure" else "")
        + "answers:\n"
        + "".join(f"  {aspect}: |\n    TO WRITE\n" for aspect in aspects)
        + _questions("TO WRITE - question about", entry)
    )
    return [vietnamese, english]


def _flow(flow: str) -> list[str]:
    """The wording of a flow in Vietnamese and in English."""
    facts = f"topic: procedure_other\npassport:\n  source: https://dichvucong.gov.vn\n{_days()}"
    vietnamese = _FLOW_WORDS.format(
        flow=flow, facts=facts, gap="CHƯA VIẾT", title="tên đầy đủ", label=flow[:30],
        questions=_questions("CHƯA VIẾT - câu hỏi về", flow), contact="    contact: ttpvhcc\n",
    )  # fmt: skip
    english = _FLOW_WORDS.format(
        flow=flow, facts="", gap="TO WRITE", title="full name", label=flow[:30],
        questions=_questions("TO WRITE - question about", flow), contact="",
    )  # fmt: skip
    return [vietnamese, english]


def _questions(words: str, entry: str) -> str:
    lines = [f"    - {words} {entry}, {number}" for number in range(1, 9)]
    return _QUESTIONS.format(overview="\n".join(lines[:4]), how="\n".join(lines[4:]))
