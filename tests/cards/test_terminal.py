"""Paper without a web page: the conversation in the terminal, and an officer who prints for somebody."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.card_command import NotPrintable, card_of_words
from tests.cards.reading import read
from tests.cards.test_card import BRAIN, LIBRARY, ROOT


def motcua(folder: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    code = "from bot.cli import main; main()"
    environment = {"MOTCUA_ROOT": str(ROOT), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder,
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


def test_in_the_terminal_a_file_is_written_and_its_place_said(tmp_path: Path) -> None:
    talk = motcua(
        tmp_path, "chat", "--keywords", typed="thủ tục chứng thực bản sao giấy tờ\n1\nGiấy tờ\nin ra\n/thoat\n"
    )
    (pdf,) = tmp_path.glob("*.pdf")
    assert f"Đã ghi tờ để in: {pdf}" in talk.stdout
    items = [item for case in LIBRARY.entries["certified-copy"].words["vi"].papers for item in case.items]
    paper = read(pdf.read_bytes())
    assert items and all(item in paper for item in items)


def test_an_officer_prints_the_papers_of_a_case(tmp_path: Path) -> None:
    made = motcua(
        tmp_path, "card", "papers-birth", "note", "Ông bà, người thân của bé", "-o", "case.pdf", "--lang", "en"
    )
    assert made.returncode == 0, made.stderr
    paper = read((tmp_path / "case.pdf").read_bytes())
    assert (paper.language, paper.pages) == ("en", 1) and "Your case: " in paper
    assert str(tmp_path / "case.pdf") in made.stdout and "papers needed. Ask at: 1 Ben Song Street" in made.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["papers-birth"], "no-note: Không có giấy chứng sinh"),
        (["papers-birth", "note", "nobody"], "parent: Cha hoặc mẹ"),
        (["papers-birth", "abandoned", "parent"], "left over: parent"),
        (["old-address", "xã không có tên này"], "xã, phường"),
        (["certified-copy", "fees"], "documents, fee, time"),
        (["greet"], "no entry or flow"),
        (["gone"], "no entry or flow"),
    ],
)
def test_what_cannot_be_printed_is_met_with_what_can(words: list[str], said: str) -> None:
    with pytest.raises(NotPrintable, match=said):
        card_of_words(BRAIN, words[0], words[1:], "vi")
