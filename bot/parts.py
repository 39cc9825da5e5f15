"""Parts of a whole under one Ctrl-C: each is a process that is started, waited for, and started again when it dies."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.processes import Child, last_lines, port_is_free

POLL = 0.2
LOOK = 1.0  # seconds between looks for a file that a part waits for
SLOW = 30.0  # seconds of starting after which a word is said
LONGEST_DELAY = 30.0


@dataclass(frozen=True, slots=True)
class Part:
    """One process: how to start it and how to know that it answers.

    `setting` names the variable of its port; a part with port 0 listens nowhere. `ready` is told how many seconds ago the
    process was started, so that nothing older counts.
    """

    name: str
    title: str
    command: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    log: Path
    ready: Callable[[float], Awaitable[bool]]
    words: Callable[[], Awaitable[str]]  # said each time that it answers
    host: str = ""
    port: int = 0
    setting: str = ""
    wait_for: Path | None = None  # not started before this file is there


Say = Callable[[str], None]


def say_aloud(text: str) -> None:
    """The supervisor's own lines; those of the parts go to their logs."""
    print(text, flush=True)


async def keep(part: Part, *, say: Say, first_ready: asyncio.Event, delay: float = 1.0) -> None:
    """Run the part until cancelled: start, wait until it answers, start again when it dies.

    The pause before a new start grows only for a part that dies before it answers: who worked is needed again at once.
    """
    pause = delay
    while True:
        while part.wait_for and not part.wait_for.is_file():
            await asyncio.sleep(LOOK)
        began = asyncio.get_running_loop().time()
        child = await Child.start(part.command, cwd=part.cwd, env=part.env, log=part.log)
        answered = False
        try:
            if answered := await _answers(part, child, began, say):
                say(f"✓ {await part.words()}")
                first_ready.set()
            code = await child.wait()
        finally:
            await child.stop()
        pause = delay if answered else pause
        say(
            f"!! {part.title} đã dừng (mã {code}), chạy lại sau {pause:.0f} giây / stopped (code {code}), "
            f"restarting in {pause:.0f} s. {part.log}:\n{_indented(last_lines(part.log, 4))}"
        )
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_DELAY)
        if part.port and not port_is_free(part.host, part.port):
            say(f"!! {port_taken(part)}")


async def _answers(part: Part, child: Child, began: float, say: Say) -> bool:
    """Wait until the part answers; False when it died before."""
    loop = asyncio.get_running_loop()
    slow = began + SLOW
    while child.code is None:
        if await part.ready(loop.time() - began):
            return child.code is None
        if loop.time() >= slow:
            say(f"… {part.title} chưa sẵn sàng / is not ready yet. {part.log}:\n{_indented(last_lines(part.log, 3))}")
            slow = loop.time() + SLOW
        await asyncio.sleep(POLL)
    return False


async def supervise(
    parts: Sequence[Part],
    *,
    say: Say = say_aloud,
    beside: Sequence[Callable[[], Awaitable[None]]] = (),
    first: str = "",
) -> None:
    """Run all parts until SIGINT or SIGTERM, then stop them in the order of `parts`.

    The part named `first` must answer before the others start.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    tasks: dict[str, asyncio.Task[None]] = {}
    helpers: list[asyncio.Future[Any]] = []
    try:
        for part in sorted(parts, key=lambda p: p.name != first):
            ready = asyncio.Event()
            tasks[part.name] = asyncio.create_task(keep(part, say=say, first_ready=ready))
            if part.name == first:
                await _either(stop, ready, tasks[part.name])
                if stop.is_set():
                    return
        helpers += [asyncio.ensure_future(one()) for one in beside]
        await _either(stop, None, *tasks.values(), *helpers)
    finally:
        say("Đang dừng… / stopping…")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
        await _cancel(*helpers)
        for part in parts:
            if part.name in tasks:
                await _cancel(tasks[part.name])
        say("Đã dừng hết. / All stopped.")


async def _either(stop: asyncio.Event, ready: asyncio.Event | None, *tasks: "asyncio.Future[Any]") -> None:
    """Until one of the events is set. A task that ends first has failed: its error is raised."""
    waits = [asyncio.create_task(event.wait()) for event in (stop, ready) if event]
    done, _ = await asyncio.wait([*waits, *tasks], return_when=asyncio.FIRST_COMPLETED)
    await _cancel(*waits)
    for task in done:
        if task in tasks:
            task.result()


async def _cancel(*tasks: "asyncio.Future[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def port_taken(part: Part) -> str:
    return (
        f"{part.title}: cổng {part.port} đang có chương trình khác dùng → đóng chương trình đó hoặc đặt "
        f"{part.setting}=… / port {part.port} is in use → stop that program or set {part.setting}=…"
    )


def _indented(text: str) -> str:
    return "\n".join(f"     {line}" for line in text.splitlines())
