"""A flood of messages: webhook POST until the platform has the answer, against the number of workers. `make load`.

The real web part, workers, NLU server and Redis (AOF); the platform is a bare one, its limit of messages a second is
lifted. A bounded number of people wait for an answer at any time. Prints a table for docs/do-luong.md and draws the plot.
"""

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from pydantic import SecretStr

from bot import embedded_redis, nlu_server
from bot.core.normalise import fold
from bot.loader.load import load
from bot.nlu_server import rasa_environment
from bot.platforms import webhook_secret
from bot.processes import Child, free_port
from bot.settings import Settings
from bot.store.presence import workers_alive
from bot.supervisor import answers, environment
from tests.load.measured import machine, processor_seconds, resident_megabytes
from tests.load.platform import TOKEN, Platform, Poster, Waiting
from tests.load.plot import lines

SENTENCES = 200
PATIENCE = 60.0


@dataclass(frozen=True)
class Flood:
    """What one run showed. `seconds` and `processor` by part, the latter as shares of one core."""

    workers: int
    messages: int
    took: float
    waits: list[float]
    before: float
    after: float
    processor: dict[str, float]

    @property
    def per_second(self) -> float:
        return self.messages / self.took

    def percentile(self, share: int) -> float:
        return 1000 * statistics.quantiles(self.waits, n=100, method="inclusive")[share - 1]


def sentences(root: Path) -> list[str]:
    """What people ask: the content's own examples, every third without accents, and commands between them."""
    library, _ = load(root)
    chance = random.Random(7)
    asked = (entry.words["vi"].questions.values() for entry in library.entries.values())
    found = sorted({question for aspects in asked for questions in aspects for question in questions})
    picked = chance.sample(found, SENTENCES - 20)
    mixed = [fold(text) if number % 3 == 0 else text for number, text in enumerate(picked)]
    return mixed + ["/menu", "/start", "1", "2"] * 5


@asynccontextmanager
async def installation(settings: Settings, workers: int) -> AsyncIterator[dict[str, Child]]:
    """Redis, NLU, the web part and workers, ready."""
    env = rasa_environment() | environment(settings)
    engine = embedded_redis.engine()
    python = nlu_server.rasa_python(settings)
    assert engine and python, "run `make setup` first"
    nlu = nlu_server.command(settings, python, settings.nlu_port)
    log = settings.var / "log"
    commands = {
        "redis": embedded_redis.command(settings, engine.program),
        "nlu": nlu,
        "web": [sys.executable, "-m", "bot.serve", "web"],
    }
    commands |= {
        f"worker{n}": [sys.executable, "-m", "tests.load.unpaced", f"worker{n}"] for n in range(1, workers + 1)
    }
    parts: dict[str, Child] = {}
    async with AsyncExitStack() as stack:
        for name, command in commands.items():
            cwd = settings.rasa_project if name == "nlu" else settings.root
            parts[name] = await Child.start(command, cwd=cwd, env=env, log=log / f"{name}.log")
            stack.push_async_callback(parts[name].stop)
        async with asyncio.timeout(180):
            while not (
                await answers(f"http://127.0.0.1:{settings.port}/readyz")
                and await nlu_is_up(settings)
                and len(await workers_alive(settings.redis_address)) == workers
            ):
                await asyncio.sleep(0.2)
        yield parts


async def nlu_is_up(settings: Settings) -> bool:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return await nlu_server.status(client, settings.nlu_base) is not None


async def flood(settings: Settings, workers: int, *, people: int, messages: int, at_once: int) -> Flood:
    """Everybody sends their messages in turn; `at_once` of them wait for an answer at any time."""
    waiting = Waiting()
    texts = sentences(settings.root)
    chance = random.Random(11)
    jobs = iter([(f"p{number % people}", f"m{number}", chance.choice(texts)) for number in range(messages)])
    port = int(settings.zalo_bot_api.rpartition(":")[2])
    async with Platform(waiting.taken).serving(port), installation(settings, workers) as parts:

        async def citizen() -> None:
            poster = Poster("127.0.0.1", settings.port, webhook_secret(TOKEN))
            for person, number, text in jobs:
                answered = waiting.begin(person)
                status = await poster.say(person, number, text)
                assert status == 200, status
                await asyncio.wait_for(answered.wait(), PATIENCE)

        before = sum(resident_megabytes(part.pid) for part in parts.values())
        used = {name: processor_seconds(part.pid) for name, part in parts.items()}
        start, own = time.perf_counter(), time.process_time()
        await asyncio.gather(*(citizen() for _ in range(at_once)))
        took = time.perf_counter() - start
        shares = {name: (processor_seconds(part.pid) - used[name]) / took for name, part in parts.items()}
        shares["load"] = (time.process_time() - own) / took
        after = sum(resident_megabytes(part.pid) for part in parts.values())
    return Flood(workers, messages, took, waiting.seconds, before, after, shares)


def settings_in(folder: Path, workers: int) -> Settings:
    """Our content and model, everything else in a folder of its own."""
    ours = Settings()
    (folder / "var").mkdir(parents=True)
    for name in ("content", "flows", "rasa_project", "bot", "tests"):
        (folder / name).symlink_to(ours.root / name)
    ports: dict[str, Any] = {name: free_port() for name in ("port", "nlu_port", "redis_port")}
    return Settings(
        _env_file=None,
        root=folder,
        rasa_python=str(nlu_server.rasa_python(ours)),
        zalo_bot_token=SecretStr(TOKEN),
        zalo_bot_api=f"http://127.0.0.1:{free_port()}",
        public_url="https://hoi.example.gov.vn",  # so that nobody asks for news
        workers=workers,
        REDIS_URL="",
        **ports,
    )


def table(runs: list[Flood]) -> str:
    head = "| | " + " | ".join(f"{run.workers} worker" for run in runs) + " |"
    rows = [
        ("turns a second", [f"{run.per_second:.0f}" for run in runs]),
        *((f"p{p}, ms", [f"{run.percentile(p):.0f}" for run in runs]) for p in (50, 95, 99)),
        ("memory before, MB", [f"{run.before:.0f}" for run in runs]),
        ("memory after, MB", [f"{run.after:.0f}" for run in runs]),
        ("cores in use", [", ".join(f"{k} {v:.2f}" for k, v in run.processor.items()) for run in runs]),
    ]
    return "\n".join([head, "|---" * (len(runs) + 1) + "|", *(f"| {name} | {' | '.join(v)} |" for name, v in rows)])


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=64, help="people who wait for an answer at any time")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--plot", type=Path, help="file for the drawing, .svg")
    wanted = parser.parse_args()
    runs = []
    for workers in wanted.workers:
        with TemporaryDirectory() as folder:
            settings = settings_in(Path(folder), workers)
            runs.append(
                await flood(settings, workers, people=wanted.people, messages=wanted.messages, at_once=wanted.at_once)
            )
        print(
            f"{workers} worker(s): {runs[-1].per_second:.0f} turns/s, p99 {runs[-1].percentile(99):.0f} ms", flush=True
        )
    print(f"\n{machine()}\n\n{table(runs)}")
    if wanted.plot:
        wanted.plot.write_text(
            lines([run.workers for run in runs], {"turns a second": [run.per_second for run in runs]}, "worker"),
            "utf-8",
        )


if __name__ == "__main__":
    asyncio.run(main())
