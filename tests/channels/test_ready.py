"""A worker that was killed is said to be ready when it is there again, not as long as its last sign of life counts."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from bot.parts import keep
from bot.settings import Settings
from bot.store.keys import WORKERS
from bot.store.presence import worker_name
from bot.store.redis import connect
from bot.supervisor import worker_part
from tests.channels.rig import ROOT, until


@pytest.mark.skipif(sys.platform != "linux", reason="finds the process in /proc")
async def test_worker_is_ready_once_it_has_signed_in_this_life(redis_url: str, free_ports: Callable[[], int]) -> None:
    port = free_ports()
    part = worker_part(Settings(_env_file=None, root=ROOT, port=port, REDIS_URL=redis_url), 1)
    name = worker_name(f"worker1-{port}")
    command = [sys.executable, "-m", "tests.channels.worker_process", name, redis_url, "http://127.0.0.1:9", "t", "5"]
    redis = connect(redis_url)
    signed: list[float] = []  # what the list of workers held, each time that it was said to be ready

    async def words() -> str:
        signed.append(await redis.zscore(WORKERS, name) or 0.0)
        return "ready"

    part = replace(part, command=command, cwd=ROOT, words=words)
    keeping = asyncio.create_task(keep(part, say=lambda text: None, first_ready=asyncio.Event(), delay=0.05))
    try:
        await until(lambda: len(signed) == 1)
        (pid,) = _processes(name)
        os.kill(pid, signal.SIGKILL)
        seconds, parts = await redis.time()
        await until(lambda: len(signed) == 2)
        assert signed[1] > seconds + parts / 1e6 > signed[0]
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await redis.aclose()


def _processes(word: str) -> list[int]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if word in file.read_bytes().decode().split("\0"):
                found.append(int(file.parent.name))
    return found
