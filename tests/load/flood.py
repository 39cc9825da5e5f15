"""A flood of messages: webhook POST until the platform has the answer, against the number of workers. `make load`.

The real web part, workers, NLU server and Redis (AOF). The platforms are bare ones: every other person is on a Zalo Official
Account, the others on the Bot Platform; their limits of messages a second are lifted. A bounded number of people wait for an
answer at any time. Prints a table for docs/do-luong.md and draws the plot.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr

from bot.channels.zalo_tokens import Tokens
from bot.core.normalise import fold
from bot.loader.load import load
from bot.processes import free_port
from bot.serve import running as beside
from bot.settings import Settings
from bot.store.vault import Vault
from tests.installation import running, settings_in
from tests.load.measured import machine, processor_seconds, resident_megabytes
from tests.load.platform import APP, SECRET, TOKEN, Platform, Poster, Waiting
from tests.load.plot import lines

SENTENCES = 200
PATIENCE = 60.0
UNPACED = ("-m", "tests.load.unpaced")
REST = 15.0  # seconds after a flood before memory is looked at again


@dataclass(frozen=True)
class Flood:
    """What one run showed. `memory` of all our processes in MB: before, the most, after; `processor`: seconds by part."""

    workers: int
    messages: int
    took: float
    waits: list[float]
    memory: tuple[float, float, float]
    processor: dict[str, float]

    @property
    def per_second(self) -> float:
        return self.messages / self.took

    def costs(self) -> str:
        """What one turn costs each part."""
        by_part: Counter[str] = Counter()
        for name, seconds in self.processor.items():
            by_part[name.rstrip("0123456789")] += 1000 * seconds / self.messages  # type: ignore[assignment]
        return ", ".join(f"{name} {cost:.1f}" for name, cost in by_part.items())

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


async def flood(settings: Settings, workers: int, *, people: int, messages: int, at_once: int, fresh: bool) -> Flood:
    """Everybody sends their messages in turn; `at_once` of them wait for an answer at any time.

    `fresh`: no question is asked twice, so that nothing understood before is of use.
    """
    waiting = Waiting()
    texts = sentences(settings.root)
    chance = random.Random(11)
    asked = [chance.choice(texts) + (f" {number}" if fresh else "") for number in range(messages)]
    jobs = iter([(f"p{number % people}", f"m{number}", text) for number, text in enumerate(asked)])
    port = int(settings.zalo_bot_api.rpartition(":")[2])
    async with Platform(waiting.taken).serving(port), running(settings, UNPACED) as here:
        tokens = Tokens("access", "refresh", time.time() + 1e6)
        await Vault(here.redis).write(json.dumps(asdict(tokens)))
        parts = here.pids()

        async def citizen() -> None:
            poster = Poster("127.0.0.1", settings.port)
            for person, number, text in jobs:
                answered = waiting.begin(person)
                platform = "zalo-oa" if int(person[1:]) % 2 else "zalo-bot"
                status = await poster.say(platform, person, number, text)
                assert status == 200, status
                await asyncio.wait_for(answered.wait(), PATIENCE)

        def memory() -> float:
            return sum(resident_megabytes(pid) for pid in parts.values())

        async def watch() -> None:
            while True:
                seen.append(await asyncio.to_thread(memory))
                await asyncio.sleep(2.0)

        seen = [memory()]
        used = {name: processor_seconds(pid) for name, pid in parts.items()}
        start, own = time.perf_counter(), time.process_time()
        async with beside(watch()):
            await asyncio.gather(*(citizen() for _ in range(at_once)))
        took = time.perf_counter() - start
        spent = {name: processor_seconds(pid) - used[name] for name, pid in parts.items()}
        spent["load"] = time.process_time() - own
        await asyncio.sleep(REST)
        return Flood(workers, messages, took, waiting.seconds, (seen[0], max(seen), memory()), spent)


def table(runs: list[Flood]) -> str:
    head = "| | " + " | ".join(f"{run.workers} worker" for run in runs) + " |"
    rows = [
        ("turns a second", [f"{run.per_second:.0f}" for run in runs]),
        *((f"p{p}, ms", [f"{run.percentile(p):.0f}" for run in runs]) for p in (50, 95, 99)),
        ("memory before, most, after, MB", [", ".join(f"{value:.0f}" for value in run.memory) for run in runs]),
        ("ms of processor a turn", [run.costs() for run in runs]),
    ]
    return "\n".join([head, "|---" * (len(runs) + 1) + "|", *(f"| {name} | {' | '.join(v)} |" for name, v in rows)])


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=64, help="people who wait for an answer at any time")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--fresh", action="store_true", help="no question is asked twice")
    parser.add_argument("--plot", type=Path, help="file for the drawing, .svg")
    wanted = parser.parse_args()
    runs = []
    api = f"http://127.0.0.1:{free_port()}"
    on_platform: dict[str, Any] = {
        "zalo_bot_token": SecretStr(TOKEN),
        "zalo_bot_api": api,
        "zalo_oa_app_id": APP,
        "zalo_oa_app_secret": SecretStr("of the app"),
        "zalo_oa_secret": SecretStr(SECRET),
        "zalo_oa_api": api,
        "zalo_oa_oauth": api,
        "zalo_oa_per_minute": 10_000_000,
    }
    busy = os.getloadavg()[0]
    for workers in wanted.workers:
        with TemporaryDirectory() as folder:
            settings = settings_in(Path(folder), workers=workers, **on_platform)
            numbers = {"people": wanted.people, "messages": wanted.messages, "at_once": wanted.at_once}
            runs.append(await flood(settings, workers, fresh=wanted.fresh, **numbers))
        print(
            f"{workers} worker(s): {runs[-1].per_second:.0f} turns/s, p99 {runs[-1].percentile(99):.0f} ms", flush=True
        )
    print(f"\n{machine()}\nload average of the machine before the start: {busy:.1f}\n\n{table(runs)}")
    if wanted.plot:
        wanted.plot.write_text(
            lines([run.workers for run in runs], {"turns a second": [run.per_second for run in runs]}, "worker"),
            "utf-8",
        )


if __name__ == "__main__":
    asyncio.run(main())
