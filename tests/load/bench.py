"""Our turn against a stock Rasa assistant's, in one run, on this machine: `make bench`.

Both are trained on the same examples and asked the same questions, one after the other. A turn of ours is the POST until
the answer's event is on the page; a turn of theirs is the POST of the REST channel until its response.
Prints a table for docs/do-luong.md.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from bot import nlu_server
from bot.loader.load import load
from bot.nlu_server import rasa_environment
from bot.processes import Child, free_port
from bot.settings import Settings
from bot.training.train import train
from tests.load import stock
from tests.load.measured import machine, resident_megabytes
from tests.load.turns import Ask, Times, as_fast_as_it_goes, at_a_pace, questions, rest_citizens, web_citizens

PACE = 20.0  # turns a second
START_SECONDS = 180.0
Citizens = Callable[[str, int], AbstractAsyncContextManager[list[Ask]]]


@dataclass(frozen=True)
class Measured:
    first_answer: float  # seconds from the start of the process
    fast: Times
    paced: Times
    megabytes: float


@asynccontextmanager
async def ours(settings: Settings) -> AsyncIterator[tuple[str, int]]:
    """The whole assistant as `make run` starts it, on ports of its own."""
    ports = {f"MOTCUA_{name}_PORT": str(free_port()) for name in ("NLU", "REDIS")}
    port = free_port()
    env = rasa_environment() | ports | {"MOTCUA_PORT": str(port), "MOTCUA_MESSAGES_PER_MINUTE": "1000000"}
    log = settings.var / "log" / "bench.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    program = str(settings.root / ".venv" / "bin" / "motcua")
    child = await Child.start([program, "run"], cwd=settings.root, env=env, log=log)
    try:
        yield f"http://127.0.0.1:{port}", child.pid
    finally:
        await child.stop()


@asynccontextmanager
async def theirs(settings: Settings, folder: Path) -> AsyncIterator[tuple[str, int]]:
    """`rasa run` with the REST channel."""
    port = free_port()
    command = stock.command(settings, folder, port)
    child = await Child.start(command, cwd=folder, env=rasa_environment(), log=folder / "run.log")
    try:
        yield f"http://127.0.0.1:{port}", child.pid
    finally:
        await child.stop()


async def measure(base: str, pid: int, citizens: Citizens, ready: str, *, seconds: float) -> Measured:
    """Wait until it answers, then fast, then at the pace."""
    start = time.monotonic()
    await _until_ready(base + ready)
    texts = questions()
    async with citizens(base, 1) as (ask,):
        await ask(texts[0])
        first = time.monotonic() - start
    async with citizens(base, 40) as asks:
        await as_fast_as_it_goes(asks[:4], texts, seconds=3)  # warm
        fast = await as_fast_as_it_goes(asks[:16], texts, seconds=seconds)
        paced = await at_a_pace(asks, texts, per_second=PACE, seconds=seconds)
    return Measured(first, fast, paced, resident_megabytes(pid))


async def _until_ready(url: str) -> None:
    async with httpx2.AsyncClient() as client, asyncio.timeout(START_SECONDS):
        while True:
            try:
                answer = await client.get(url, timeout=5.0)
                if answer.is_success and answer.json().get("nlu", True):
                    return
            except (httpx2.HTTPError, ValueError):
                pass
            await asyncio.sleep(0.1)


def table(us: Measured, them: Measured) -> str:
    rows = [
        ("turns a second, 16 people at once", us.fast.per_second, them.fast.per_second, "{:.0f}"),
        (f"p50 at {PACE:.0f} turns/s, ms", us.paced.percentile(50), them.paced.percentile(50), "{:.0f}"),
        (f"p95 at {PACE:.0f} turns/s, ms", us.paced.percentile(95), them.paced.percentile(95), "{:.0f}"),
        (f"p99 at {PACE:.0f} turns/s, ms", us.paced.percentile(99), them.paced.percentile(99), "{:.0f}"),
        ("memory of all its processes, MB", us.megabytes, them.megabytes, "{:.0f}"),
        ("first answer after the start, s", us.first_answer, them.first_answer, "{:.1f}"),
    ]
    lines = ["| | Một Cửa | stock Rasa |", "|---|---|---|"]
    lines += [f"| {name} | {form.format(a)} | {form.format(b)} |" for name, a, b, form in rows]
    return "\n".join(lines)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="length of each measurement")
    parser.add_argument("--epochs", type=int, default=1, help="how long the stock assistant is trained")
    parser.add_argument("--again", action="store_true", help="use the stock assistant that was trained last time")
    wanted = parser.parse_args()
    settings = Settings()
    folder = (settings.var / "stock").resolve()
    if not wanted.again or not (folder / "models" / "stock.tar.gz").is_file():
        print("training the stock assistant…", flush=True)
        library, _ = load(settings.root)
        stock.write(settings, library, folder, epochs=wanted.epochs)
        stock.train(settings, folder)
    train(settings)
    print("measuring…", flush=True)
    async with ours(settings) as (base, pid):
        us = await measure(base, pid, web_citizens, "/readyz", seconds=wanted.seconds)
    async with theirs(settings, folder) as (base, pid):
        them = await measure(base, pid, rest_citizens, "/status", seconds=wanted.seconds)
    print(f"\n{machine()}\n\n{table(us, them)}")
    print(f"\nturns/s: {us.fast.per_second / them.fast.per_second:.1f} times as many")


if __name__ == "__main__":
    assert nlu_server.rasa_python(Settings()), "run `make setup` first"
    asyncio.run(main())
