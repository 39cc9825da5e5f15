"""rasa_project/ is what somebody who knows Rasa expects: its own commands work there, in its own Python."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from bot.nlu_server import model_path, rasa_environment, rasa_python
from bot.settings import Settings

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(300)]
SETTINGS = Settings(root=Path(__file__).resolve().parents[2])
FEW = """\
version: "3.1"
nlu:
- intent: birth-registration
  examples: |
    - bé mới chào đời thì khai sinh ra sao
- intent: greet
  examples: |
    - chào buổi sáng ad
"""


@pytest.fixture(scope="module")
def python() -> str:
    found = rasa_python(SETTINGS)
    if found is None or not model_path(SETTINGS).is_file():
        pytest.skip("needs `make setup`")
    return str(found)


def rasa(python: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-W", "ignore", "-m", *words],
        cwd=SETTINGS.rasa_project,
        env=rasa_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_data_are_valid_to_rasa(python: str) -> None:
    done = rasa(python, "rasa", "data", "validate", "--data", "data", "--domain", "domain")
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Validating intents" in done.stderr + done.stdout
    assert "is listed in the domain file, but is not found" not in done.stderr


def test_rasa_measures_its_model(python: str, tmp_path: Path) -> None:
    questions = tmp_path / "few.yml"
    questions.write_text(FEW, "utf-8")
    model = str(model_path(SETTINGS).relative_to(SETTINGS.rasa_project.resolve()))
    out = tmp_path / "out"
    done = rasa(
        python, "rasa", "test", "nlu", "--nlu", str(questions), "-m", model, "--out", str(out), "--no-plot"
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads((out / "intent_report.json").read_text())
    assert report["accuracy"] == 1.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('version: "3.1"\nnlu:\n- examples: |\n    - a\n', "block 1: needs intent:"),
        ('version: "3.1"\nnlu:\n- intent: x\n  examples: |\n    - a\n    b\n', "block 1: x: 'b' must begin with '- '"),
        ('version: "3.1"\nnlu:\n- intent: x\n  example: |\n    - a\n', "block 1: x: needs examples: |"),
        ('version: "3.1"\n', "needs a list of blocks under nlu:"),
    ],
)
def test_a_broken_file_of_examples_is_named_with_its_block(python: str, tmp_path: Path, text: str, said: str) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(text)
    code = "import sys; from pathlib import Path; from components.importer import _read; _read(Path(sys.argv[1]))"
    done = subprocess.run(
        [python, "-W", "ignore", "-c", code, str(broken)],
        cwd=SETTINGS.rasa_project,
        env=rasa_environment() | {"PYTHONPATH": f"{SETTINGS.rasa_project}{os.pathsep}{SETTINGS.root}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert f"{broken}: {said}" in done.stderr
