"""Every way in which an editor breaks a file is answered with the place and the cure, in both languages."""

from pathlib import Path

import pytest

from bot.loader.load import load
from tests.content import minimal
from tests.content.broken import Broken, edit, problems_of
from tests.content.minimal import COMMUNE_FILE, CONTACT_FILE, MENU_FILE, PROCEDURE_FILE, SCAM_FILE, TRANSLATION_FILE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    minimal.build(tmp_path)
    return tmp_path


def line_of(root: Path, file: str, words: str) -> int:
    text = (root / file).read_text()
    return text[: text.index(words)].count("\n") + 1


WEEKDAYS = """\
      - days: T2-T6
        from: 07:30
        to: 11:30
      - days: T2-T6
        from: 13:30
        to: 17:00
      - days: T7"""
WITH_BRACES = 'overview: "{{ commune.name }}, gọi {{ commune.hotline }}."'
WAYS = [
    Broken("address for a domain", SCAM_FILE, "- vnpost.vn", "- https://vnpost.vn/", "không phải tên trang", "is no domain"),
    Broken("top level for a domain", SCAM_FILE, "- vnpost.vn", "- vn", "không phải tên trang", "is no domain"),
    Broken("shared ending", SCAM_FILE, "- vnpost.vn", "- com.vn", "đuôi chung của nhiều trang", "many sites share"),
    Broken("domain twice", SCAM_FILE, "- vssid.vn", "- bit.ly", '"bit.ly" đã nằm trong', 'within "bit.ly"', "- bit.ly\n  - tiny"),
    Broken("domain below another", SCAM_FILE, "- vssid.vn", "- moh.gov.vn", 'nằm trong "gov.vn"', 'is within "gov.vn"'),
    Broken("name twice", SCAM_FILE, "- vneid\n", "- vneid\n  - bhxh\n", '"bhxh" viết hai lần', '"bhxh" stands', "- bhxh\n  - tong"),
    Broken("name with marks", SCAM_FILE, "- vneid\n", "- vn-eid\n", "chữ thường không dấu", "lower-case ASCII"),
    Broken("list missing", SCAM_FILE, "stores:", "shops:", 'thiếu mục bắt buộc → thêm "stores:"', 'add "stores:"', "official:"),
    Broken("tab", PROCEDURE_FILE, "  owner:", "\towner:", "phím Tab", "Tab"),
    Broken("missing colon", PROCEDURE_FILE, "title: Khai", "title Khai", "thiếu dấu hai chấm", 'missing ":"'),
    Broken("colon in text", PROCEDURE_FILE, "how: Nộp", "how: Giờ: nộp", 'hai chấm và dấu cách ": "', 'there is ": "'),
    Broken("open quote", PROCEDURE_FILE, "title: Khai thử", 'title: "Khai thử', "mở mà không đóng", "open quote"),
    Broken("name twice", PROCEDURE_FILE,
           "agency:", "label: Hai\nagency:", '"label" viết hai lần', "written twice", "label: Hai"),
    Broken("unknown name", PROCEDURE_FILE, "agency:", "xyz: 1\nagency:", "không có mục tên này", "unknown name", "xyz: 1"),
    Broken("misspelt name", PROCEDURE_FILE, "agency:", "agancy:", 'có phải "agency"', 'did you mean "agency"'),
    Broken("missing name", PROCEDURE_FILE, "label: Khai thử\n", "", 'thêm "label:"', 'add "label:"', "id: khai-thu"),
    Broken("empty name", PROCEDURE_FILE, "title: Khai thử", "title:", "để trống", "is empty"),
    Broken("unknown topic", PROCEDURE_FILE, "birth_registration", "births", "topics.yml", "content/topics.yml"),
    Broken("dead related id", PROCEDURE_FILE, "- noi-tiep-dan", "- noi-nao", 'không có bài "noi-nao"', 'no entry "noi-nao"'),
    Broken("unknown unit", PROCEDURE_FILE, "owner: tu-phap", "owner: ai-do", 'đơn vị "ai-do"', 'unit "ai-do"'),
    Broken("long label", PROCEDURE_FILE, "label: Khai thử", "label: " + "dài " * 12, "dài quá 30", "longer than 30"),
    Broken("no overview", PROCEDURE_FILE, "  overview: Anh/chị", "  fee: Anh/chị", "thiếu overview", "overview", "answers:"),
    Broken("part untranslated", TRANSLATION_FILE,
           "  how: Hand in the form.\n", "", "thiếu how", "translate it", "answers:"),
    Broken("translated too much", TRANSLATION_FILE,
           "  how: ", "  fee: Ten.\n  how: ", "bài tiếng Việt không có", "not in the Vietnamese", "fee: Ten"),
    Broken("papers untranslated", TRANSLATION_FILE, "  common:", "  other:", '"common" → dịch', '"common" is missing', "papers:"),
    Broken("translation of nothing", TRANSLATION_FILE,
           "id: khai-thu", "id: khai-that", "không có bài tiếng Việt", "there is no valid"),
    Broken("wrong fee", PROCEDURE_FILE, "amount: 8000", "amount: tám nghìn", "miễn phí", "miễn phí | tỉnh quy định"),
    Broken("fee with dots", PROCEDURE_FILE, "amount: 8000", "amount: 8.000 đồng", "8000 | miễn phí", "8000 | miễn phí"),
    Broken("wrong channel", PROCEDURE_FILE, "mọi kênh", "qua mạng", "trực tuyến", "mọi kênh | trực tiếp"),
    Broken("wrong duration", PROCEDURE_FILE, "value: 1", "value: một", "3 | 0.5", "3 | 0.5"),
    Broken("duration of nothing", PROCEDURE_FILE, "value: 1", "value: NaN", "3 | 0.5", "3 | 0.5"),
    Broken("list for a choice", PROCEDURE_FILE, "online: một", "online:\n  - một", "toàn trình", "toàn trình", "online:"),
    Broken("list for a day", PROCEDURE_FILE, "checked: 2026", "checked:\n    - 2026", "2026-11-23", "2026-11-23", "checked:"),
    Broken("day without dashes", PROCEDURE_FILE, "2026-07-18", "20260718", "không phải ngày", "is no date"),
    Broken("no unit", PROCEDURE_FILE, "    unit: ngày làm việc\n", "", "thiếu đơn vị", "without a unit", "id: normal"),
    Broken("bad date", PROCEDURE_FILE, "2026-07-18", "18/07/2026", "viết như 2026-11-23", "like 2026-11-23"),
    Broken("impossible date", PROCEDURE_FILE, "2026-07-18", "2026-02-30", "không phải ngày", "is no date"),
    Broken("expired before checked", PROCEDURE_FILE, "2027-01-18", "2026-01-18", "phải sau ngày kiểm tra", "after checked"),
    Broken("valid for ever", PROCEDURE_FILE, "2027-01-18", "2037-01-18", "quá hai năm", "over two years"),
    Broken("shared question", CONTACT_FILE, "- lịch tiếp dân", "- Khai thử?", "cũng có trong bài", "also stands in"),
    Broken("question twice", CONTACT_FILE, "- lịch tiếp dân", "- Nơi tiếp dân ?", "viết hai lần", "stands twice"),
    Broken("few questions", CONTACT_FILE, "    - lịch tiếp dân\n", "", "ít nhất 8", "at least 8", "questions:"),
    Broken("unknown variable", CONTACT_FILE, "commune.hotline", "hot_line", "hot_line", "hot_line"),
    Broken("broken template", CONTACT_FILE, "{{ commune.name }}", "{{ commune.name }", "{{ }}", "{{ }}"),
    Broken("braces unquoted", CONTACT_FILE, WITH_BRACES, WITH_BRACES.replace('"', ""), "dấu ngoặc kép", "double quotes"),
    Broken("foreign link", PROCEDURE_FILE, "how: Nộp", "how: Xem https://bit.ly/x và nộp", "bit.ly", "bit.ly is not on the list"),
    Broken("look-alike link", PROCEDURE_FILE, "how: Nộp", "how: Xem https://x-gov.vn.co/a nộp", "x-gov.vn.co", "x-gov.vn.co"),
    Broken("source without https", PROCEDURE_FILE, "https://dich", "http://dich", "từ https://", "no https address"),
    Broken("no source", PROCEDURE_FILE,
           "  source: https://dichvucong.gov.vn/thu-tuc\n", "", "thiếu nguồn", "no source", "passport:"),
    Broken("wrong code", PROCEDURE_FILE, "1.001193", "1.1193", "viết như 1.001193", "like 1.001193"),
    Broken("list without dashes", PROCEDURE_FILE,
           "codes:\n  - 1.001193", "codes: 1.001193", "phải là danh sách", "must be a list"),
    Broken("list for text", PROCEDURE_FILE, "agency: Ủy ban", "agency:\n  - Ủy ban", "phải là chữ", "must be text", "agency:"),
    Broken("unknown aspect", PROCEDURE_FILE, "  how: Nộp", "  cách: Nộp", "documents", "overview | how"),
    Broken("name of the file", PROCEDURE_FILE, "id: khai-thu", "id: khai-that", "hai tên giống nhau", "make both the same"),
    Broken("capitals in an id", PROCEDURE_FILE, "id: khai-thu", "id: Khai thử", "chữ thường không dấu", "lower-case"),
    Broken("wrong folder", CONTACT_FILE, "kind: contact", "kind: talk", "thư mục dành cho", "folder for"),
    Broken("dead menu entry", MENU_FILE, "- khai-thu", "- khai-that", 'không có bài "khai-that"', 'no entry "khai-that"'),
    Broken("closes before it opens", COMMUNE_FILE, "to: 11:30", "to: 06:30", "đóng cửa 06:30", "closes 06:30", "days: T2-T6"),
    Broken("no clock value", COMMUNE_FILE, "to: 11:30", "to: 11 giờ rưỡi", "viết như 07:30", "like 07:30"),
    Broken("unknown weekday", COMMUNE_FILE, "days: T2-T6", "days: Thứ 2", "T2-T6", "T2-T6"),
    Broken("unknown office", COMMUNE_FILE, "    office: ttpvhcc", "    office: nha-toi", 'trụ sở "nha-toi"', 'no office "nha-toi"'),
    Broken("day off written otherwise", COMMUNE_FILE, "    - 2026-01-02", "    - 2/1/2026", "không phải ngày", "is no date"),
    Broken("day off that is worked", COMMUNE_FILE, "    - 2026-01-10", "    - 2026-01-02",
           "đã ghi ở days_off", "in days_off already", "    - 2026-01-02\n\n"),
    Broken("counter never open", COMMUNE_FILE, WEEKDAYS, "      - days: T7",
           "không mở ngày nào", "not open on any weekday", "hours:"),
    Broken("at once, in other words", PROCEDURE_FILE,
           "    unit: ngày làm việc\n", "    unit: ngày làm việc\n    same_day: true\n", "viết một trong: có", "write one of: có",
           "same_day: true"),
    Broken("message of one language", "content/vi/messages.yml",
           "\n", "\nloi-moi: Mới\n", 'thiếu câu "loi-moi"', '"loi-moi" is missing'),
]  # fmt: skip


def test_the_minimal_content_is_good(root: Path) -> None:
    library, warnings = load(root)
    assert sorted(library.entries) == ["khai-thu", "noi-tiep-dan"]
    assert warnings == ()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_broken_file_names_line_and_cure(root: Path, way: Broken) -> None:
    edit(root, way.file, way.old, way.new)
    problems = problems_of(root)
    found = [p for p in problems if way.vi in p.vi and way.en in p.en]
    assert found, "\n".join(map(str, problems))
    if way.name != "message of one language":
        assert (found[0].file, found[0].line) == (way.file, line_of(root, way.file, way.at or way.new))
    assert all("→" in p.vi and "→" in p.en for p in problems)


def test_all_problems_of_all_files_come_at_once(root: Path) -> None:
    edit(root, PROCEDURE_FILE, "amount: 8000", "amount: tám nghìn")
    edit(root, PROCEDURE_FILE, "online: một phần", "online: có")
    edit(root, TRANSLATION_FILE, "title: Trial", "titel: Trial")
    edit(root, CONTACT_FILE, "owner: tu-phap", "\towner: tu-phap")
    edit(root, MENU_FILE, "- khai-thu", "- khai-that")
    edit(root, COMMUNE_FILE, "to: 11:30", "to: 06:30")
    files = [problem.file for problem in problems_of(root)]
    assert files.count(PROCEDURE_FILE) == 2
    assert {CONTACT_FILE, COMMUNE_FILE, MENU_FILE, PROCEDURE_FILE, TRANSLATION_FILE} <= set(files)
    assert files == sorted(files)


def test_a_problem_reads_as_file_line_column_and_two_languages(root: Path) -> None:
    edit(root, PROCEDURE_FILE, "- noi-tiep-dan", "- noi-nao")
    (problem,) = problems_of(root)
    first, second = str(problem).splitlines()
    line = line_of(root, PROCEDURE_FILE, "- noi-nao")
    assert first.startswith(f'{PROCEDURE_FILE}:{line}:5: không có bài "noi-nao"')
    assert second.strip().startswith("there is no entry")


def test_a_file_in_another_encoding_is_named_with_its_line(root: Path) -> None:
    text = (root / PROCEDURE_FILE).read_bytes()
    (root / PROCEDURE_FILE).write_bytes(text.replace("Tờ khai".encode(), b"T\xf6 khai"))  # as TCVN3 fonts would have it
    problem = next(p for p in problems_of(root) if p.file == PROCEDURE_FILE)
    assert problem.line == minimal.PROCEDURE[: minimal.PROCEDURE.index("Tờ khai")].count("\n") + 1
    assert "UTF-8" in problem.vi


@pytest.mark.parametrize("file", [COMMUNE_FILE, "content/topics.yml", "content/en/messages.yml"])
def test_a_file_that_is_gone_is_said_not_raised(root: Path, file: str) -> None:
    (root / file).unlink()
    assert file in {problem.file for problem in problems_of(root)}


@pytest.mark.parametrize("content", ["", "# trống\n", "- a\n- b\n", "chỉ có chữ\n"])
@pytest.mark.parametrize(
    "file", [PROCEDURE_FILE, COMMUNE_FILE, MENU_FILE, "content/topics.yml", "content/vi/messages.yml"]
)
def test_a_file_of_something_else_never_crashes_the_loader(root: Path, file: str, content: str) -> None:
    (root / file).write_text(content)
    if file == MENU_FILE and content[:1] in ("", "#"):
        assert load(root)[0].menu == {}  # a commune may do without a menu
    else:
        assert problems_of(root)


def test_a_line_of_the_catalogue_with_too_few_columns(root: Path) -> None:
    with (root / "content/catalogue.tsv").open("a") as file:
        file.write("1.999999\tchỉ hai cột\n")
    (problem,) = problems_of(root)
    assert problem.line == len((root / problem.file).read_text().splitlines())
    assert "7 cột" in problem.vi


def test_clock_values_and_phone_numbers_stay_text(root: Path) -> None:
    edit(root, COMMUNE_FILE, "to: 11:30", "to: 12:30")
    edit(root, COMMUNE_FILE, "hotline: 0000 100 100", "hotline: 0123")
    commune = load(root)[0].communes["vi"]
    assert commune.hotline == "0123"
    assert f"{commune.offices[0].hours[0].spans[0][1]:%H:%M}" == "12:30"


def test_a_warning_publishes_all_the_same(root: Path) -> None:
    edit(root, PROCEDURE_FILE, "  - 1.001193", "  - 9.999999")
    library, warnings = load(root)
    assert library.entries["khai-thu"].codes == ("9.999999",)
    assert [("9.999999" in w.vi, w.warning) for w in warnings] == [(True, True)]


def test_an_abolished_body_is_a_warning_unless_it_is_said_to_be_gone(root: Path) -> None:
    edit(root, PROCEDURE_FILE, "how: Nộp tờ khai.", "how: Nộp ở cấp huyện.")
    edit(root, PROCEDURE_FILE, "where: Bộ phận một cửa.", "where: Nay không còn cấp huyện.")
    _, (warning,) = load(root)
    assert warning.line == line_of(root, PROCEDURE_FILE, "how:")
    assert "cấp huyện" in warning.vi
