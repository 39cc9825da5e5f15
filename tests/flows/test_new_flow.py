"""The recipe for a new flow, as an officer follows it."""

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.loader.load import load
from tests.flows.kitchen import Citizen, brain_of, build

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    build(tmp_path)
    return tmp_path


def motcua(*words: str) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return done.output


async def test_a_skeleton_is_a_draft_that_may_be_published_once_it_is_written(root: Path) -> None:
    written = motcua("content", "new", "flow", "cay-xanh", "--root", str(root))
    files = ["content/vi/flows/cay-xanh.yml", "content/en/flows/cay-xanh.yml", "flows/cay-xanh.yml"]
    assert [line.rsplit(" ", 1)[1] for line in written.splitlines()] == [str(root / file) for file in files]
    assert "0 cảnh báo" in motcua("content", "check", "--root", str(root))
    assert "cay-xanh" not in load(root)[0].flows
    routing = root / "flows/cay-xanh.yml"
    routing.write_text(routing.read_text("utf-8").replace("status: draft", "status: published"), "utf-8")
    for file in files[:2]:
        path = root / file
        path.write_text(path.read_text("utf-8").replace("CHƯA VIẾT", "Đốn cây").replace("TO WRITE", "Cut"), "utf-8")
    citizen = Citizen(brain_of(root))
    await citizen.presses("flow:cay-xanh")
    assert "Việc cần làm: Đốn cây" in (await citizen.says("Đốn cây 2")).reply.text


def test_a_name_that_is_taken_is_refused(root: Path) -> None:
    done = CliRunner().invoke(app, ["content", "new", "flow", "kitchen-sink", "--root", str(root)])
    assert done.exit_code == 2 and "đã có" in done.output


def test_a_flow_is_drawn_with_every_box_and_no_two_upon_each_other(root: Path, tmp_path: Path) -> None:
    drawing = tmp_path / "flow.svg"
    motcua("flows", "graph", "kitchen-sink", "--output", str(drawing), "--root", str(root))
    svg = ElementTree.parse(drawing).getroot()
    assert {title.text for title in svg.iter(f"{SVG}title")} == set(load(root)[0].flows["kitchen-sink"].steps)
    words = " ".join(text.text or "" for text in svg.iter(f"{SVG}text"))
    assert "Cháu sinh ngày nào?" in words and "Cho con cháu ›" in words and "☎ Công an phường" in words
    boxes = [
        (float(r.attrib["x"]), float(r.attrib["y"]), float(r.attrib["width"]), float(r.attrib["height"]))
        for group in svg.iter(f"{SVG}g")
        for r in group.iter(f"{SVG}rect")
    ]
    for one, other in combinations(boxes, 2):
        beside = one[0] + one[2] <= other[0] or other[0] + other[2] <= one[0]
        apart = one[1] + one[3] <= other[1] or other[1] + other[3] <= one[1]
        assert beside or apart


def test_a_flow_that_is_not_there_is_said_with_those_that_are(root: Path) -> None:
    done = CliRunner().invoke(app, ["flows", "graph", "gone", "--root", str(root)])
    assert done.exit_code == 2 and "kitchen-sink" in done.output
