"""`make chaos`: a real installation, people who write, and SIGKILL at random; then the books must balance.

The platforms are fakes that bring every event until it gets its 200, some of them twice, and that answer with a delay, so that
kills fall between their taking a message and our noting that. What is told twice must stand beside a kill of a
worker or of Redis; anything lost or out of order ends with exit code 1.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.loader.load import load
from bot.processes import free_port
from bot.serve import brain
from bot.serve import running as beside
from bot.settings import Settings
from tests.channels.fake_zalo_oa import FakeZaloOa
from tests.channels.fakes import Fake, Sent, serving
from tests.chaos.account import LIFETIME, Admin
from tests.chaos.people import PLATFORMS, Books, Person, person
from tests.installation import PUBLIC, Installation, running, settings_in
from tests.load.measured import machine

# how often each part is killed, relative to the others; the NLU server needs half a minute of this machine to start
WEIGHTS = {"web": 4, "worker": 5, "redis": 3, "nlu": 0.3}
WHILE_STARTING = (
    0.15  # of what would hit a part that does not work yet, the share that does: else nothing would ever work
)
ON_THE_WAY = 0.5  # seconds that a message may take to the platform: who sent it may be dead by then
BESIDE = 3.0  # seconds around a kill in which an answer may have been told without a note of it
PATIENCE = 180.0  # seconds for what is left after the last kill


@dataclass
class Kills:
    """`at`: the event loop's clock of each kill; `outages`: seconds from a kill until the part worked again."""

    at: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    outages: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    watched: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def between(self, part: str, first: float, second: float) -> list[float]:
        """When such parts were killed in that time."""
        return sorted(m for name, at in self.at.items() if name.startswith(part) for m in at if first <= m <= second)

    @property
    def number(self) -> int:
        return sum(map(len, self.at.values()))


def now() -> float:
    return asyncio.get_running_loop().time()


def kill(here: Installation, kills: Kills, name: str) -> None:
    """Now, if it has a process."""
    if not here.kill(name):
        return
    kills.at[name].append(now())
    if name not in kills.watched or kills.watched[name].done():
        kills.watched[name] = asyncio.create_task(_watch(here, kills, name))
    if kills.number % 20 == 0:
        print(f"  {kills.number} kills", flush=True)


async def kill_at_random(here: Installation, kills: Kills, number: int, seconds: float) -> None:
    """Beside those that are aimed at a renewal of tokens, which count too."""
    while kills.number < number:
        await asyncio.sleep(random.uniform(0, 2 * seconds / number))
        any_part = random.random() < WHILE_STARTING
        names = [name for name in here.parts if any_part or name not in kills.watched or kills.watched[name].done()]
        weights = [WEIGHTS[name.rstrip("0123456789")] for name in names]
        kill(here, kills, random.choices(names, weights)[0] if names else "")


async def _watch(here: Installation, kills: Kills, name: str) -> None:
    """Note how long the part was away: from the first kill until it works, however often it is killed meanwhile."""
    began = now()
    while True:
        since = max(kills.at[name])
        wall = time.time() - (now() - since)
        if await here.works(name, since=wall) and name in here.pids() and since == max(kills.at[name]):
            kills.outages[name].append(now() - began)
            return
        await asyncio.sleep(0.2)


async def talk(one: Person, stop: asyncio.Event, pause: float) -> None:
    while not stop.is_set():
        for step in await one.steps.steps():
            if await one.act(step) == 200:
                one.promised.append(step)
            else:
                one.refused += 1
            await asyncio.sleep(random.uniform(0.5, 1.5) * pause)


def reckon(people: list[Person], fakes: dict[str, Fake]) -> Books:
    books = Books()
    got: dict[str, defaultdict[str, list[Sent]]] = {name: defaultdict(list) for name in fakes}
    for name, fake in fakes.items():
        for sent in fake.sent:
            got[name][sent.conversation].append(sent)
    for one in people:
        books.add(one, got[one.platform][one.name])
    return books


async def drain(people: list[Person], fakes: dict[str, Fake]) -> Books:
    """Wait until all is answered and nothing more comes; what the books say then, or when patience ends."""
    end = now() + PATIENCE
    while True:
        await asyncio.sleep(2.0)
        number = sum(len(fake.sent) for fake in fakes.values())
        books = reckon(people, fakes)
        if now() > end:
            return books
        if not books.lost:
            await asyncio.sleep(5.0)
            if number == sum(len(fake.sent) for fake in fakes.values()):
                return reckon(people, fakes)


def causes(books: Books, kills: Kills) -> Counter[str]:
    """What was killed when something was told that was told again: before the platform had said so, or before we had noted it."""
    found: Counter[str] = Counter()
    for first, second in books.doubled:
        if kills.between("worker", first.at - ON_THE_WAY, min(first.answered or second, second)):
            found["the platform's delay"] += 1
        elif after := kills.between("worker", first.answered, min(first.at + BESIDE, second)):
            found["ours"] += 1
            print(f"  noted too late: {first.conversation}, killed {1000 * (after[0] - first.answered):.0f} ms after")
        else:
            why = "redis" if kills.between("redis", first.at - BESIDE, min(first.at + BESIDE, second)) else "none"
            found[why] += 1
            print(
                f"  told twice ({why}): {first}, again {second - first.at:.3f} s after, {_kills_near(kills, first.at)}"
            )
    return found


def _kills_near(kills: Kills, moment: float) -> str:
    """Which parts were killed within a minute of it, and how many seconds before or after."""
    near = [(at - moment, name) for name, times in kills.at.items() for at in times if abs(at - moment) < 60.0]
    return ", ".join(f"{name} {after:+.2f}" for after, name in sorted(near)) or "no kill near"


def report(
    people: list[Person], fakes: dict[str, Fake], books: Books, kills: Kills, admin: Admin, *, seconds: float
) -> bool:
    """Print the books; whether they balance."""
    steps = sum(len(one.promised) + one.refused for one in people)
    statuses = Counter(status for fake in fakes.values() for status in fake.statuses)
    doubled = causes(books, kills)
    excused = [at for at in admin.lost if any(kills.between(part, at, at + 1.0) for part in ("web", "worker"))]
    renewals = fakes["zalo-oa"].renewals  # type: ignore[attr-defined]
    rows: list[tuple[str, Any]] = [
        ("seconds", f"{seconds:.0f}"),
        ("messages that people sent", steps),
        ("got their 200", sum(len(one.promised) for one in people)),
        ("never got it", sum(one.refused for one in people)),
        ("brought again after a 200", sum(fake.brought_again for fake in fakes.values())),
        ("deliveries that got no 200 and were repeated", statuses.total() - statuses[200]),
        ("answers that came", books.answered),
        ("lost", books.lost),
        ("out of order, or nobody's", books.disordered),
        ("told twice", f"{len(books.doubled)} ({100 * len(books.doubled) / max(1, books.answered):.2f} %)"),
        ("a worker was killed before the platform said that it had it", doubled["the platform's delay"]),
        ("a worker was killed before it had noted what the platform said", doubled["ours"]),
        ("of the others beside a kill of Redis", doubled["redis"]),
        ("Zalo tokens renewed", renewals.count("ok")),
        ("lost, and the admin agreed anew", len(admin.lost)),
        ("of these with a process that was killed as the new pair came", len(excused)),
    ]
    for name in sorted(kills.at):
        away = kills.outages[name]
        times = f"; back after {statistics.median(away):.1f} s (median), {max(away):.1f} s (most)" if away else ""
        rows.append((f"kills of {name}", f"{len(kills.at[name])}{times}"))
    print("\n" + "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]))
    for fault, moment in books.faults[:10]:
        print(f"!! {fault}; {_kills_near(kills, moment)}")
    unkept = sum(one.refused for one in people)
    return books.balance and not doubled["none"] and not unkept and len(excused) == len(admin.lost)


def settings_of(name: str, fake: Fake, api: str) -> dict[str, Any]:
    """What makes an installation speak to this fake."""
    setting = name.replace("-", "_")
    if not isinstance(fake, FakeZaloOa):
        return {f"{setting}_token": SecretStr(fake.token), f"{setting}_api": api}
    fake.webhook, fake.secret, fake.lifetime = f"{PUBLIC}/webhook/{name}", "of the webhook page", LIFETIME
    return {
        "zalo_oa_app_id": fake.app_id,
        "zalo_oa_app_secret": SecretStr(fake.app_secret),
        "zalo_oa_secret": SecretStr(fake.secret),
        "zalo_oa_api": api,
        "zalo_oa_oauth": api,
        "zalo_oa_per_minute": 600,  # of people who write every few seconds
    }


async def run(wanted: argparse.Namespace, folder: Path) -> bool:
    library, _ = load(Settings().root)
    async with AsyncExitStack() as stack:
        fakes: dict[str, Fake] = {}
        changed: dict[str, Any] = {"workers": wanted.workers}
        for name, (kind, _) in PLATFORMS.items():
            fakes[name] = fake = kind(pause=0.5, repeats=0.1, lag=0.08)
            app = fake.app()  # type: ignore[attr-defined]
            quiet = serving(app, free_port(), log_level="critical")  # workers die in the middle of a request
            changed |= settings_of(name, fake, await stack.enter_async_context(quiet))
        settings = settings_in(folder, **changed)
        for fake in fakes.values():
            fake.door = settings.web_base
        mind = brain(settings, library)
        people = [
            person(mind, name, number, fake)
            for name, fake in fakes.items()
            for number in range(wanted.people // len(fakes))
        ]
        here = await stack.enter_async_context(running(settings))
        kills, stop = Kills(), asyncio.Event()
        admin = Admin(here, settings, fakes["zalo-oa"], partial(kill, here, kills))  # type: ignore[arg-type]
        await stack.enter_async_context(beside(admin.watch()))
        await admin.connected.wait()
        while not all(fake.webhook for fake in fakes.values()):
            await asyncio.sleep(0.2)
        print(f"{len(people)} people, {wanted.workers} workers, {wanted.kills} kills…", flush=True)
        began = now()
        talking = [asyncio.create_task(talk(one, stop, wanted.pause)) for one in people]
        await kill_at_random(here, kills, wanted.kills, wanted.seconds)
        admin.at_rest = True
        stop.set()
        await asyncio.gather(*talking, *kills.watched.values())
        await asyncio.gather(*(task for fake in fakes.values() for task in fake.later))
        books = await drain(people, fakes)
        return report(people, fakes, books, kills, admin, seconds=now() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=900.0, help="over which the kills are spread")
    parser.add_argument("--people", type=int, default=42)
    parser.add_argument(
        "--pause", type=float, default=3.0, help="seconds between two messages of one person, on average"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="folder of the installation, kept afterwards; else a temporary one")
    wanted = parser.parse_args()
    print(machine(), flush=True)
    if wanted.keep:
        balanced = asyncio.run(run(wanted, wanted.keep))
    else:
        with tempfile.TemporaryDirectory(prefix="motcua-chaos-") as name:
            balanced = asyncio.run(run(wanted, Path(name)))
    print("the books balance" if balanced else "THE BOOKS DO NOT BALANCE")
    sys.exit(0 if balanced else 1)


if __name__ == "__main__":
    main()
