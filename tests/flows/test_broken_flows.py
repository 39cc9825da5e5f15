"""Every way in which an editor breaks a flow is answered with the place and the cure, in both languages."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.library_watch import ContentWatch
from bot.loader.load import load
from bot.pipeline import Brain
from tests.content.broken import Broken, edit, problems_of
from tests.content.minimal import MENU_FILE, PROCEDURE_FILE, TRANSLATION_FILE
from tests.flows.kitchen import FLOW, NOON, build

ROUTING = f"flows/{FLOW}.yml"
VI, EN = (f"content/{language}/flows/{FLOW}.yml" for language in ("vi", "en"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    build(tmp_path)
    return tmp_path


WAYS = [
    Broken(
        "unknown target", ROUTING, "office: by-phone", "office: by-fax", 'không có bước "by-fax"', 'no step "by-fax"'
    ),
    Broken("unknown target of go", ROUTING, "go: day", "go: night", 'không có bước "night"', 'no step "night"'),
    Broken(
        "unknown target of a rule", ROUTING, "go: with-parent", "go: alone", 'không có bước "alone"', 'no step "alone"'
    ),
    Broken(
        "unreachable", ROUTING, "child: born", "child: name", 'tới bước "born"', 'leads to step "born"', "- id: born"
    ),
    Broken("dead end of a question", ROUTING, "    go: old-enough\n", "", "ngõ cụt", "dead end", "- id: born"),
    Broken("dead end of a fork", ROUTING, "    go: name\n", "", "ngõ cụt", "dead end", "- id: old-enough"),
    Broken(
        "dead end without words",
        VI,
        "  come:\n    text: Anh/chị đã đủ giấy.\n    action: Mang giấy tờ đến quầy.\n    contact: tu-phap\n",
        "",
        'bước "come" chưa có chữ',
        "a dead end",
        "outcomes:",
    ),
    Broken("cycle", ROUTING, "go: ready", "go: name", "vòng tròn name → day → name", "circle name → day → name"),
    Broken("cycle through an option", ROUTING, "      ready: come", "      ready: who", "vòng tròn who", "circle who"),
    Broken(
        "option unlabelled",
        EN,
        "      not-ready: Some are missing\n",
        "",
        "chưa có chữ trên nút",
        "has no label",
        "    options:\n      ready",
    ),
    Broken(
        "label of nothing",
        VI,
        "      office: Cho cơ quan",
        "      office: Cho cơ quan\n      them: Cho họ",
        'không có lựa chọn "them"',
        'no option "them"',
        "them: Cho họ",
    ),
    Broken(
        "other words of nothing",
        VI,
        "    also:\n      me:",
        "    also:\n      he:",
        'lựa chọn "he"',
        'option "he"',
        "      he:",
    ),
    Broken(
        "labels alike",
        VI,
        "me: Cho tôi",
        "me: Cho con cháu",
        "của cả hai lựa chọn",
        "means both",
        "child: Cho con cháu",
    ),
    Broken(
        "option only in ask",
        ROUTING,
        "      office: by-phone\n",
        "",
        'lựa chọn "office" không dẫn',
        'option "office" leads nowhere',
        "- office",
    ),
    Broken(
        "option only in next",
        ROUTING,
        "      - office\n",
        "",
        'next có "office"',
        '"office" is in next',
        "office: by-phone",
    ),
    Broken(
        "option twice",
        ROUTING,
        "      - office\n",
        "      - office\n      - office\n",
        "ghi hai lần",
        "stands twice",
        "- office",
    ),
    Broken("step twice", ROUTING, "- id: come", "- id: by-phone", "hai bước cùng tên", "two steps are called"),
    Broken("unknown rule", ROUTING, "rule: under_14", "rule: under_15", 'luật "under_15"', 'no rule "under_15"'),
    Broken(
        "rule before its question",
        ROUTING,
        "child: born",
        "child: old-enough",
        'cần câu trả lời "born"',
        'the answer to "born"',
        "rule: under_14",
    ),
    Broken(
        "no action", VI, "    action: Mang giấy tờ đến quầy.\n", "", "phải làm gì tiếp", "what to do next", "  come:"
    ),
    Broken(
        "no action in English",
        EN,
        "    action: Bring them to the counter.\n",
        "",
        "phải làm gì tiếp",
        "to do next",
        "  come:",
    ),
    Broken("no contact", VI, "    contact: cong-an\n", "", "không có nơi để hỏi", "names nobody", "  with-parent:"),
    Broken("unknown contact", VI, "contact: cong-an", "contact: ai-do", 'đơn vị "ai-do"', 'unit "ai-do"'),
    Broken(
        "phone written out",
        VI,
        "Gọi {{ commune.hotline }}.",
        "Gọi 0000 100 100.",
        "viết thẳng",
        "written out",
        "Gọi 0000",
    ),
    Broken(
        "hotline written out",
        EN,
        "Call {{ commune.hotline }}.",
        "Call 1900 0368.",
        "1900 0368",
        "1900 0368",
        "Call 1900",
    ),
    Broken(
        "question without words",
        EN,
        "  born:\n",
        "  birth:\n",
        'bước "born" chưa có chữ',
        'step "born" has no words',
        "steps:",
    ),
    Broken("words of no question", EN, "  born:\n", "  birth:\n", 'không có bước "birth"', 'no such step "birth"'),
    Broken(
        "answer that may be missing",
        VI,
        "text: Việc này hỏi trước thì hơn.",
        'text: "Hỏi {{ answers.name }}."',
        "name",
        "docs/noi-dung.md",
    ),
    Broken(
        "label of an answer that may be missing",
        VI,
        "text: Việc này hỏi trước thì hơn.",
        'text: "Hỏi {{ labels.ready }}."',
        "ready",
        "docs/noi-dung.md",
    ),
    Broken("unknown unit", ROUTING, "owner: tu-phap", "owner: ai-do", 'đơn vị "ai-do"', 'unit "ai-do"'),
    Broken("unknown topic", VI, "topic: birth_registration", "topic: births", "topics.yml", "topics.yml"),
    Broken("related to nothing", VI, "- khai-thu", "- khai-that", 'không có bài "khai-that"', 'no entry "khai-that"'),
    Broken(
        "button of an entry", VI, "label: Luồng thử", "label: Khai thử", "trùng với bài khai-thu", "used by khai-thu"
    ),
    Broken("shared question", VI, "- cho thử luồng", "- khai thử", "cũng có trong bài", "also stands in"),
    Broken("expired before checked", VI, "2027-01-18", "2026-01-18", "phải sau ngày kiểm tra", "after checked"),
    Broken(
        "foreign link", EN, "Better ask first.", "See https://bit.ly/x first.", "bit.ly", "bit.ly is not on the list"
    ),
    Broken(
        "go beside options",
        ROUTING,
        "      office: by-phone\n",
        "      office: by-phone\n    go: name\n",
        "bỏ go",
        "remove go",
        "- id: who",
    ),
    Broken(
        "when beside a question",
        ROUTING,
        "ask: text\n",
        "ask: text\n    when:\n      - rule: under_14\n        go: come\n",
        "để when ở bước sau",
        "step of its own",
        "    when:",
    ),
    Broken("unknown kind", ROUTING, "ask: text", "ask: number", "date | past-date | text", "date | past-date | text"),
    Broken(
        "one option",
        ROUTING,
        "      - ready\n",
        "",
        "steps.5.ask: quá ngắn",
        "write more",
        "    ask:\n      - not-ready",
    ),
    Broken(
        "eight options",
        ROUTING,
        "      - office\n    next:",
        "      - office\n" + "".join(f"      - o{n}\n" for n in range(5)) + "    next:",
        "nhiều hơn 7",
        "more than 7",
        "    ask:\n      - me",
    ),
    Broken("misspelt name", ROUTING, "    when:", "    whem:", 'có phải "when"', 'did you mean "when"'),
    Broken("status", ROUTING, "status: published", "status: live", "published | draft", "published | draft"),
    Broken("id and file", ROUTING, f"id: {FLOW}", "id: other", "hai tên giống nhau", "make both the same"),
    Broken(
        "names too long",
        ROUTING,
        "      - office\n    next:",
        "      - office\n      - " + "long-" * 12 + "name\n    next:",
        "rút ngắn",
        "shorten",
        "long-long",
    ),
    Broken(
        "entry of no flow",
        PROCEDURE_FILE,
        "related:",
        "flow: gone\nrelated:",
        "luồng flows/gone.yml",
        "no flows/gone.yml",
        "flow: gone",
    ),
    Broken(
        "papers of no entry",
        VI,
        "entry: khai-thu",
        "entry: khai-that",
        'không có bài "khai-that"',
        'no entry "khai-that"',
        "entry: khai-that",
    ),
    Broken(
        "papers of no case",
        VI,
        "- common",
        "- late",
        'không có trường hợp "late"',
        "one of: common, young",
    ),
    Broken(
        "papers added by no question",
        VI,
        "        who:\n          child:\n            - young",
        "        name:\n          child:\n            - young",
        'hỏi bước "name"',
        'step "name" is not asked',
        "        name:",
    ),
    Broken(
        "papers added by no option",
        VI,
        "          child:\n            - young",
        "          kid:\n            - young",
        "chọn: me, child, office",
        "one of: me, child, office",
        "          kid:",
    ),
    Broken(
        "papers of no case added",
        VI,
        "            - young",
        "            - old",
        'trường hợp "old"',
        'no case "old"',
    ),
    Broken(
        "menu of no flow",
        MENU_FILE,
        "- khai-thu",
        "- khai-thu\n    - gone",
        'không có bài "gone"',
        'no entry "gone"',
        "- gone",
    ),
]


def test_the_kitchen_sink_is_good(root: Path) -> None:
    library, warnings = load(root)
    assert (list(library.flows), warnings) == ([FLOW], ())


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_broken_flow_names_line_and_cure(root: Path, way: Broken) -> None:
    edit(root, way.file, way.old, way.new)
    problems = problems_of(root)
    found = [p for p in problems if way.vi in p.vi and way.en in p.en]
    assert found, "\n".join(map(str, problems))
    text = (root / way.file).read_text("utf-8")
    places = {text[:m].count("\n") + 1 for m in all_of(text, way.at or way.new)}
    assert found[0].file == way.file and found[0].line in places, f"{found[0]} is not in lines {places}"
    assert all("→" in p.vi and "→" in p.en for p in problems)


def all_of(text: str, words: str) -> list[int]:
    return [i for i in range(len(text)) if text.startswith(words, i)]


def test_a_language_that_is_missing_is_said_at_the_flow(root: Path) -> None:
    (root / EN).unlink()
    (problem,) = problems_of(root)
    assert problem.file == ROUTING
    assert EN in problem.vi and EN in problem.en


def test_papers_that_nobody_translated_are_said_where_they_are_shown(root: Path) -> None:
    (root / TRANSLATION_FILE).unlink()
    (problem,) = problems_of(root)
    assert (problem.file, "chưa có bản tiếng Anh" in problem.vi, "translate it" in problem.en) == (VI, True, True)


def test_a_flow_is_asked_for_in_both_languages_or_led_to_by_a_button(root: Path) -> None:
    for file in (EN, VI):
        text = (root / file).read_text("utf-8")
        (root / file).write_text(re.sub(r"questions:\n(  .*\n)+", "", text), "utf-8")
        (problem,) = problems_of(root)
        assert (problem.file, "8" in problem.en) == ((EN, True) if file == EN else (ROUTING, False))
    edit(root, PROCEDURE_FILE, "related:", f"flow: {FLOW}\nrelated:")
    library, warnings = load(root)
    assert (list(library.flows), warnings) == ([FLOW], ())
    assert FLOW not in {name for name, _, _ in library.asked()}


def test_words_without_a_flow_are_said(root: Path) -> None:
    (root / ROUTING).unlink()
    assert [p.file for p in problems_of(root)] == [EN, VI]


def test_an_unused_rule_is_said_at_its_line_in_the_program(root: Path) -> None:
    edit(root, ROUTING, "    when:\n      - rule: under_14\n        go: with-parent\n", "")
    edit(root, ROUTING, "child: born", "child: with-parent")
    edit(root, ROUTING, "office: by-phone", "office: born")
    edit(root, VI, "Cháu sinh ngày {{ answers.born | day }}, c", "C")
    edit(root, EN, "was born on {{ answers.born | day }} and is", "is")
    _, (warning,) = load(root)
    assert warning.warning and warning.file == "bot/core/rules.py" and "under_14" in warning.en


def test_all_mistakes_of_all_files_come_at_once(root: Path) -> None:
    edit(root, ROUTING, "office: by-phone", "office: by-fax")
    edit(root, ROUTING, "go: ready", "go: name")
    edit(root, VI, "    action: Mang giấy tờ đến quầy.\n", "")
    edit(root, EN, "      not-ready: Some are missing\n", "")
    edit(root, PROCEDURE_FILE, "owner: tu-phap", "owner: ai-do")
    files = [problem.file for problem in problems_of(root)]
    assert {ROUTING, VI, EN, PROCEDURE_FILE} <= set(files)
    said = CliRunner().invoke(app, ["content", "check", "--root", str(root)])
    assert said.exit_code == 1
    assert f'{ROUTING}:14:15: không có bước "by-fax"' in said.output


def test_problems_of_a_draft_are_warnings(root: Path) -> None:
    edit(root, ROUTING, "status: published", "status: draft")
    edit(root, ROUTING, "office: by-phone", "office: by-fax")
    library, warnings = load(root)
    assert library.flows == {}
    assert any("by-fax" in p.en and p.warning for p in warnings)
    assert load(root, drafts=True)[0].flows == {}  # not whole


async def test_an_edited_flow_goes_live_and_a_broken_one_does_not(root: Path) -> None:
    watch = ContentWatch(root, lambda library: Brain(library, now=lambda: NOON))
    edit(root, VI, "Anh/chị làm cho ai?", "Làm giấy cho ai vậy ạ?")
    assert await watch.refresh()
    assert watch.brain.library.flows[FLOW].words["vi"].steps["who"].text.startswith("Làm giấy")
    edit(root, ROUTING, "office: by-phone", "office: by-fax")
    assert not await watch.refresh()
    assert watch.brain.library.flows[FLOW].steps["who"].next["office"] == "by-phone"
    assert any(ROUTING in str(problem) for problem in watch.problems)
