"""Content -> model, when it must be: the same content and the same Rasa project are never trained twice."""

import fcntl
import hashlib
import inspect
import json
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from bot.core import normalise
from bot.errors import TrainingFailed
from bot.loader.load import fingerprint as content_fingerprint
from bot.loader.load import load
from bot.nlu_server import rasa_environment, rasa_python
from bot.progress import working
from bot.settings import Settings
from bot.training import export

NAME = "motcua"
CODE = (Path(inspect.getfile(export)), Path(inspect.getfile(normalise)))  # ours that a model is made with
LINES_OF_OUTPUT = 25  # shown when Rasa fails
ModelState = Literal["fresh", "stale", "missing"]


def model_file(settings: Settings) -> Path:
    return settings.rasa_project / "models" / f"{NAME}.tar.gz"


def record_file(settings: Settings) -> Path:
    """What the model was made of and when; its `trained_at` changes with every training."""
    return settings.rasa_project / "models" / f"{NAME}.json"


def record(settings: Settings) -> dict[str, Any]:
    """The record of the last training; empty where there is none that can be read."""
    try:
        data = json.loads(record_file(settings).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def fingerprint(settings: Settings) -> str:
    """A hash of all that a model is made of: content, pipeline, components, hand-written data, our code."""
    digest = hashlib.sha256(content_fingerprint(settings.root).encode())
    _hash_files(digest, settings.rasa_project, [*_project_files(settings.rasa_project)])
    for code in CODE:
        digest.update(code.read_bytes())
    return digest.hexdigest()[:16]


def model_state(settings: Settings) -> ModelState:
    """Whether the model is of this content. Reads files only, needs no Rasa."""
    known = record(settings)
    if not known or not model_file(settings).is_file():
        return "missing"
    return "fresh" if known.get("fingerprint") == fingerprint(settings) else "stale"


def train(settings: Settings, *, force: bool = False) -> bool:
    """Make the model if content or project changed; True when it was trained.

    Raises ContentError for broken content and TrainingFailed when Rasa cannot do it. The old model then stays.
    """
    with _one_at_a_time(settings):
        now = fingerprint(settings)
        if not force and model_state(settings) == "fresh":
            print("Mô hình đã mới, không cần luyện lại / the model is up to date", flush=True)
            return False
        library, _ = load(settings.root)
        export.write(library, settings.rasa_project)
        data = _data_fingerprint(settings)
        known = record(settings)
        same = model_file(settings).is_file() and known.get("data") == data
        if same and not force:  # an answer was reworded: nothing that the model learns from has changed
            _write_record(settings, {**known, "fingerprint": now, "content": library.version})
            print("Câu hỏi mẫu không đổi, không cần luyện lại / nothing to learn has changed", flush=True)
            return False
        seconds = _rasa_train(settings, last=known.get("seconds"))
        _write_record(
            settings,
            {
                "fingerprint": now,
                "content": library.version,
                "data": data,
                "trained_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "seconds": round(seconds, 1),
            },
        )
    size = model_file(settings).stat().st_size / 1e6
    print(f"Đã luyện xong mô hình / model trained: {seconds:.0f} s, {size:.0f} MB", flush=True)
    return True


def _rasa_train(settings: Settings, *, last: object) -> float:
    """Run `rasa train nlu`; its output goes to var/log/train.log. The seconds it took."""
    python = rasa_python(settings)
    if python is None:
        vi = "không thấy môi trường Rasa (.venv-rasa) → chạy: make setup"
        raise TrainingFailed(f"{vi} / the Rasa environment is missing → run: make setup")
    log = settings.var / "log" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [str(python), "-m", "rasa", "train", "nlu", "--fixed-model-name", NAME]
    expected = f" (lần trước/last time {last:.0f} s)" if isinstance(last, int | float) else ""
    start = time.monotonic()
    with log.open("wb") as out, working(f"Đang luyện mô hình / training the model{expected}"):
        done = subprocess.run(
            command,
            cwd=settings.rasa_project,
            env=rasa_environment() | {"RASA_MAX_CACHE_SIZE": "0"},  # its cache does not see changes in helper modules
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0 or not model_file(settings).is_file():
        tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-LINES_OF_OUTPUT:])
        why = f"Rasa dừng với mã / exit code {done.returncode}; xem/see {log}"
        raise TrainingFailed(f"{tail}\n\nLuyện mô hình không thành / training failed: {why}")
    return time.monotonic() - start


def _project_files(project: Path) -> Iterator[Path]:
    yield project / "config.yml"
    yield from sorted((project / "components").rglob("*.py"))
    yield from sorted((project / "data" / "nlu").rglob("*.y*ml"))


def _data_fingerprint(settings: Settings) -> str:
    """A hash of what Rasa reads, after the export."""
    project = settings.rasa_project
    generated = [*sorted((project / "data" / "generated").rglob("*.y*ml")), project / "domain" / "generated.yml"]
    digest = hashlib.sha256(b"".join(code.read_bytes() for code in CODE))
    _hash_files(digest, project, [*_project_files(project), *generated])
    return digest.hexdigest()[:16]


def _hash_files(digest: "hashlib._Hash", base: Path, files: Iterable[Path]) -> None:
    for path in files:
        digest.update(path.relative_to(base).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes() if path.is_file() else b"").digest())


def _write_record(settings: Settings, data: dict[str, Any]) -> None:
    """Whole or not at all: the supervisor may be reading."""
    path = record_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".json.new")
    fresh.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    fresh.replace(path)


@contextmanager
def _one_at_a_time(settings: Settings) -> Iterator[None]:
    """Two trainings at once would write the same files."""
    settings.var.mkdir(parents=True, exist_ok=True)
    with (settings.var / "train.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Đợi lần luyện khác xong / waiting for another training to end", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
