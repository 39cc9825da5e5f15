"""Training happens when it must and only then. A small script stands in for Rasa's Python: it writes a model file."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import TrainingFailed
from bot.settings import Settings, find_root
from bot.training.train import fingerprint, model_file, model_state, record, train
from tests.content import minimal

FAKE_RASA = """#!/bin/sh
echo "$@" >> calls.txt
test -f fail && { echo "no memory left"; exit 3; }
mkdir -p models && echo model > models/motcua.tar.gz
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Little content, the Rasa project without data of its own, and the stand-in."""
    here = find_root()
    minimal.build(tmp_path)
    shutil.copytree(here / "rasa_project" / "components", tmp_path / "rasa_project" / "components")
    shutil.copy(here / "rasa_project" / "config.yml", tmp_path / "rasa_project")
    (tmp_path / "rasa_project" / "data" / "nlu").mkdir(parents=True)
    fake = tmp_path / "python"
    fake.write_text(FAKE_RASA)
    fake.chmod(0o755)
    return Settings(root=tmp_path, rasa_python=str(fake))


def calls(settings: Settings) -> int:
    path = settings.rasa_project / "calls.txt"
    return len(path.read_text().splitlines()) if path.is_file() else 0


def test_the_first_training_makes_a_model_and_a_record_of_it(settings: Settings) -> None:
    assert model_state(settings) == "missing"
    assert train(settings) is True
    assert model_state(settings) == "fresh"
    assert set(record(settings)) == {"fingerprint", "content", "data", "trained_at", "seconds"}
    asked = (settings.rasa_project / "calls.txt").read_text()
    assert asked == "-m rasa train nlu --fixed-model-name motcua\n"


def test_nothing_is_trained_twice_unless_forced(settings: Settings) -> None:
    train(settings)
    before = record(settings)["trained_at"]
    assert train(settings) is False
    assert calls(settings) == 1
    assert train(settings, force=True) is True
    assert calls(settings) == 2
    assert record(settings)["trained_at"] > before


def add_question(root: Path) -> None:
    path = root / minimal.CONTACT_FILE
    path.write_text(path.read_text("utf-8") + "    - tiếp dân buổi nào\n", "utf-8")


def add_data(root: Path) -> None:
    (root / "rasa_project" / "data" / "nlu" / "more.yml").write_text('version: "3.1"\n')


def add_component(root: Path) -> None:
    (root / "rasa_project" / "components" / "linear.py").write_text("# other\n")


def change_pipeline(root: Path) -> None:
    path = root / "rasa_project" / "config.yml"
    path.write_text(path.read_text() + "# other\n")


@pytest.mark.parametrize("change", [add_question, add_data, add_component, change_pipeline])
def test_whatever_a_model_is_made_of_makes_it_stale(settings: Settings, change: Callable[[Path], None]) -> None:
    train(settings)
    before = fingerprint(settings)
    change(settings.root)
    assert fingerprint(settings) != before
    assert model_state(settings) == "stale"
    assert train(settings) is True
    assert model_state(settings) == "fresh"


def test_a_reworded_answer_needs_no_training_but_is_noted(settings: Settings) -> None:
    train(settings)
    before = record(settings)
    path = settings.root / minimal.PROCEDURE_FILE
    path.write_text(path.read_text("utf-8").replace("Nộp tờ khai.", "Nộp tờ khai tại quầy."), "utf-8")
    assert model_state(settings) == "stale"
    assert train(settings) is False
    assert model_state(settings) == "fresh"
    assert calls(settings) == 1
    assert record(settings)["trained_at"] == before["trained_at"]
    assert record(settings)["content"] != before["content"]


def test_a_failed_training_says_why_and_keeps_the_old_model(settings: Settings) -> None:
    train(settings)
    before = record(settings)
    (settings.rasa_project / "fail").touch()
    with pytest.raises(TrainingFailed, match="no memory left"):
        train(settings, force=True)
    assert record(settings) == before
    assert model_file(settings).is_file()


def test_without_rasa_the_message_names_the_cure(settings: Settings) -> None:
    bare = settings.model_copy(update={"rasa_python": ""})
    with pytest.raises(TrainingFailed, match="make setup"):
        train(bare)


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"fingerprint": "x"})])
def test_a_broken_record_means_training_again(settings: Settings, text: str) -> None:
    train(settings)
    (settings.rasa_project / "models" / "motcua.json").write_text(text)
    assert model_state(settings) in ("missing", "stale")
    assert train(settings) is True
