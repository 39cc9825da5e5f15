"""Does it hold when every procedure of the national catalogue becomes an entry of its own? `make scale`.

Trains the content as it is and then with 824 more entries (one a catalogue name, which is its only example), each in a copy of
the project, and compares what training takes, the model, the NLU server, and the answers to tests/nlu/questions.jsonl.
Prints a table for docs/do-luong.md.
"""

import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot import nlu_server
from bot.ask import Talks, answer_all, as_data, read_lines
from bot.core.library import Library
from bot.core.normalise import canonical
from bot.http import http_client
from bot.loader import check
from bot.loader.load import load
from bot.messages import Incoming
from bot.nlu_server import rasa_environment, rasa_python
from bot.pipeline import Pipeline
from bot.processes import Child, free_port
from bot.serve import brain
from bot.settings import Settings
from bot.training.evaluate import verdict
from bot.training.train import model_file, train
from bot.understanding.rasa import RasaUnderstander
from tests.load.measured import machine, resident_megabytes
from tests.load.turns import EXAM


@dataclass(frozen=True)
class Measured:
    entries: int
    training: float  # seconds
    model: float  # MB
    memory: float  # MB of the NLU server
    milliseconds: float  # a question, one after the other, through the whole pipeline
    verdicts: Counter[str]
    found_by_name: float  # share of the added names that are answered with, or offered as, that very procedure


def copy(settings: Settings, folder: Path) -> Settings:
    """A project of its own with the same content, without a model."""
    for part in ("content", "flows"):
        shutil.copytree(settings.root / part, folder / part)
    skip = shutil.ignore_patterns("models", ".rasa", "results", "generated", "generated.yml")
    shutil.copytree(settings.rasa_project, folder / "rasa_project", ignore=skip)
    return settings.model_copy(
        update={"root": folder, "rasa_python": str(rasa_python(settings)), "nlu_port": free_port()}
    )


def add_names(settings: Settings, library: Library) -> dict[str, str]:
    """A file for every name of the catalogue; entry id -> the name that it is asked by."""
    added: dict[str, str] = {}
    asked = {
        _key(text)
        for _, _, words in library.asked()
        for group in (*words.questions.values(), (words.title,))
        for text in group
    }
    for item in library.catalogue.values():
        if _key(item.name) in asked:
            continue
        asked.add(_key(item.name))
        identity = "name-" + item.code.replace(".", "-")
        added[identity] = item.name
        entry = {
            "id": identity, "kind": "faq", "topic": item.topic, "title": item.name[:110], "label": item.code,
            "passport": {"source": item.url, "owner": "tu-phap", "checked": "2026-07-18", "expires": "2027-07-18"},
            "answers": {"overview": item.name[:400]}, "questions": {"overview": [item.name[:400]]},
        }  # fmt: skip
        path = settings.content / "vi" / "faq" / f"{identity}.yml"
        path.write_text(yaml.safe_dump(entry, allow_unicode=True), "utf-8")
    return added


def _key(name: str) -> str:
    return canonical(name).rstrip("?!. ")


async def measure(settings: Settings, names: dict[str, str]) -> Measured:
    start = time.monotonic()
    train(settings)
    training = time.monotonic() - start
    library, _ = load(settings.root)
    command = nlu_server.command(settings, Path(settings.rasa_python), settings.nlu_port)
    log = settings.var / "log" / "nlu.log"
    child = await Child.start(command, cwd=settings.rasa_project, env=rasa_environment(), log=log)
    try:
        async with http_client() as client, asyncio.timeout(600):
            while await nlu_server.status(client, settings.nlu_base) is None:
                await asyncio.sleep(0.2)
            mind = brain(settings, library)
            nlu = RasaUnderstander(client, settings.nlu_base, timeout=10.0)
            talks = Talks(Pipeline(brain=lambda: mind, understander=nlu))
            gold = read_lines(EXAM.read_text("utf-8"))
            start = time.monotonic()
            one_by_one = [as_data(line["id"], await talks.handle(_incoming(line)), library) for line in gold]
            seconds = time.monotonic() - start
            lines = [{"id": identity, "text": name} for identity, name in names.items()]
            by_name = [answer async for answer in answer_all(talks, library, lines, follow=False)]
        memory = resident_megabytes(child.pid)
    finally:
        await child.stop()
    found = [a["id"] in (a["entry"], *(choice["entry"] for choice in a["choices"])) for a in by_name]
    return Measured(
        entries=len(library.entries),
        training=training,
        model=model_file(settings).stat().st_size / 1e6,
        memory=memory,
        milliseconds=1000 * seconds / len(gold),
        verdicts=Counter(verdict(line, answer) for line, answer in zip(gold, one_by_one, strict=True)),
        found_by_name=sum(found) / len(found) if found else 0.0,
    )


def _incoming(line: Mapping[str, Any]) -> Incoming:
    return Incoming("scale", str(line["id"]), "1", str(line["text"]))


def table(now: Measured, later: Measured) -> str:
    def share(measured: Measured, *names: str) -> str:
        return f"{sum(measured.verdicts[name] for name in names) / measured.verdicts.total():.3f}"

    rows = [
        ("entries", str(now.entries), str(later.entries)),
        ("training, s", f"{now.training:.0f}", f"{later.training:.0f}"),
        ("model file, MB", f"{now.model:.1f}", f"{later.model:.1f}"),
        ("NLU server, MB", f"{now.memory:.0f}", f"{later.memory:.0f}"),
        ("ms a question", f"{now.milliseconds:.1f}", f"{later.milliseconds:.1f}"),
        ("own exam: right", share(now, "right"), share(later, "right")),
        ("own exam: right or asked back well", share(now, "right", "asked"), share(later, "right", "asked")),
        ("own exam: wrong", share(now, "wrong"), share(later, "wrong")),
        ("added procedures found by their name", "–", f"{later.found_by_name:.3f}"),
    ]
    return "\n".join(
        ["| | as it is | with the catalogue |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    )


async def main() -> None:
    settings = Settings()
    library, _ = load(settings.root)
    check.FEWEST_QUESTIONS = 1  # a name is the only way of asking that we have for the rest of the catalogue
    with tempfile.TemporaryDirectory(prefix="motcua-scale-") as name:
        now = await measure(copy(settings, Path(name) / "now"), {})
        larger = copy(settings, Path(name) / "later")
        later = await measure(larger, add_names(larger, library))
    print(f"\n{machine()}\n\n{table(now, later)}")


if __name__ == "__main__":
    asyncio.run(main())
