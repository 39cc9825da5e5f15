"""What cannot be parsed is explained in sentences that a person who cannot program understands."""

from pathlib import Path

import pytest

from bot.loader.yaml import Document, read


def parse(folder: Path, text: str) -> Document:
    (folder / "x.yml").write_text(text)
    return read(folder / "x.yml", "x.yml")


@pytest.mark.parametrize(
    ("text", "line", "vi", "en"),
    [
        ("a:\n\tb: c\n", 2, "phím Tab", "Tab"),
        ("a: b\nc: giờ mở cửa: sáng\n", 2, "hai chấm", '": "'),
        ("id: x\ntitle Đăng ký\nlabel: y\n", 2, "thiếu dấu hai chấm", 'missing ":"'),
        ("id: x\nlabel y\n", 2, "thiếu dấu hai chấm", 'missing ":"'),
        ('id: x\ntitle: "Đăng ký\nlabel: y\nz: 1\n', 2, "mở mà không đóng", "open quote"),
        ("id: x\ntitle: 'Đăng ký\nlabel: y\nz: 1\n", 2, "mở mà không đóng", "open quote"),
        ('id: x\ntitle: "Đăng ký\nlist:\n  - "a b"\n', 2, "mở mà không đóng", "open quote"),
        ('a: "Mẫu" của phường\n', 1, "đứng sau dấu ngoặc kép đóng", "after a closing quote"),
        ("a: b\nlist:\n  - x\n - y\n", 4, "thụt đầu dòng", "indentation"),
        ("a:\n    b: 1\n  c: 2\n", 3, "thụt đầu dòng", "indentation"),
        ("- *quan trọng*\n", 1, "ký tự đặc biệt", "special character"),
        ("a: 1\nb: @chị\n", 2, "ký tự đặc biệt", "special character"),
        ("a: 1\nb: %\n", 2, "ký tự đặc biệt", "special character"),
        ("a: [x, y\nb: c\n", 1, "ngoặc { }", "braces { }"),
        ("a: 1\nb: {{ commune.name }}\n", 2, "ngoặc { }", "braces { }"),
        ("a: b\nc: \x07\n", 2, "ký tự điều khiển", "control character"),
        ("a: &one x\nb: *one\n", 1, "& và *", "& and *"),
        ("a: &loop\n  b: *loop\n", 1, "& và *", "& and *"),
        ("- " * 60 + "x\n", 1, "quá nhiều cấp", "too deeply"),
        ("- " * 9000 + "x\n", 1, "quá nhiều cấp", "too deeply"),
        ("a: b\n---\nc: d\n", 2, "không hiểu", "cannot be read"),
    ],
)
def test_the_place_and_the_cure(tmp_path: Path, text: str, line: int, vi: str, en: str) -> None:
    (problem,) = parse(tmp_path, text).problems[:1]
    assert problem.line == line
    assert vi in problem.vi
    assert en in problem.en
    assert "→" in problem.vi
    assert "→" in problem.en


def test_a_name_written_twice_is_shown_where_it_stands_again(tmp_path: Path) -> None:
    (problem,) = parse(tmp_path, "title: một\nlabel: b\ntitle: hai\n").problems
    assert (problem.line, problem.column) == (3, 1)
    assert '"title" viết hai lần' in problem.vi


def test_nothing_is_converted(tmp_path: Path) -> None:
    text = "hour: 12:30\nphone: 0123\nlanguage: no\nyear: 2026\nfloat: 1e5\nday: 2026-11-23\n"
    expected = {"hour": "12:30", "phone": "0123", "language": "no", "year": "2026", "float": "1e5", "day": "2026-11-23"}
    assert parse(tmp_path, text).data == expected


def test_what_is_left_empty_is_none_and_what_is_quoted_is_text(tmp_path: Path) -> None:
    assert parse(tmp_path, "a:\nb: ~\nc: ''\nd: '~'\n").data == {"a": None, "b": None, "c": "", "d": "~"}


@pytest.mark.parametrize("text", ["", "# chỉ có ghi chú\n"])
def test_an_empty_file_is_no_problem_of_the_parser(tmp_path: Path, text: str) -> None:
    document = parse(tmp_path, text)
    assert (document.data, document.problems) == (None, [])


def test_a_mark_at_the_beginning_is_harmless(tmp_path: Path) -> None:
    assert parse(tmp_path, "\ufeffid: x\n").data == {"id": "x"}


def test_other_encodings_are_named_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_bytes("id: x\ntitle: phường\n".encode("utf-16-le"))
    (problem,) = read(tmp_path / "x.yml", "x.yml").problems
    assert "UTF-8" in problem.vi or "điều khiển" in problem.vi
    (tmp_path / "x.yml").write_bytes(b"id: x\ntitle: ph\xfd\xe8ng\n")
    (problem,) = read(tmp_path / "x.yml", "x.yml").problems
    assert (problem.line, "UTF-8" in problem.en) == (2, True)


def test_a_missing_file_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    (problem,) = read(tmp_path / "none.yml", "none.yml").problems
    assert (problem.file, problem.line) == ("none.yml", 1)
    assert "không đọc được" in problem.vi


def test_a_place_that_is_not_written_is_that_of_its_parent(tmp_path: Path) -> None:
    document = parse(tmp_path, "id: x\npassport:\n  owner: y\n")
    assert document.place(("passport", "source")) == (2, 1)
    assert document.place(("passport", "owner")) == (3, 10)
    assert document.place(("nothing", "at", "all")) == (1, 1)
