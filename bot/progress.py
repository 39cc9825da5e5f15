"""Long work must be seen to go on: a line that counts seconds on a terminal, a line now and then elsewhere."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

TICK = 0.2
LINE_EVERY = 15.0  # seconds between lines where the line cannot be rewritten (a CI log)
WHEEL = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


@contextmanager
def working(what: str, out: TextIO | None = None) -> Iterator[None]:
    """Show `what` and the seconds gone by until the block ends."""
    out = out or sys.stderr
    done = threading.Event()
    show = threading.Thread(target=_show, args=(what, out, done), daemon=True)
    show.start()
    try:
        yield
    finally:
        done.set()
        show.join()


def _show(what: str, out: TextIO, done: threading.Event) -> None:
    start = time.monotonic()
    terminal = out.isatty()
    if not terminal:
        print(what, file=out, flush=True)
    turn = 0
    while not done.wait(TICK if terminal else LINE_EVERY):
        seconds = int(time.monotonic() - start)
        if terminal:
            print(f"\r{WHEEL[turn % len(WHEEL)]} {what} {seconds} s", end="", file=out, flush=True)
        else:
            print(f"  … {seconds} s", file=out, flush=True)
        turn += 1
    if terminal:
        print("\r\033[K", end="", file=out, flush=True)
