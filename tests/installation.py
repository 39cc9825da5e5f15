"""A real installation in a folder of its own: content, model, ports, data; run by `motcua run`, its parts found by process."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2

from bot.errors import StoreUnavailable
from bot.nlu_server import rasa_python
from bot.processes import Child, free_port, last_lines
from bot.settings import Settings
from bot.store.keys import WORKERS
from bot.store.presence import worker_name
from bot.store.redis import connect, outage
from bot.supervisor import environment

CODE = Path(__file__).resolve().parents[1]
PUBLIC = "https://motcua.example"
START_SECONDS = 180.0


def settings_in(folder: Path, **changed: Any) -> Settings:
    """Our content and model, everything else in a folder of its own, on ports of its own."""
    ours = Settings()
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("content", "flows", "rasa_project"):
        (folder / name).symlink_to(ours.root / name)
    ports = {name: free_port() for name in ("port", "nlu_port", "redis_port")}
    return Settings(
        _env_file=None,
        root=folder,
        rasa_python=str(rasa_python(ours)),
        public_url=PUBLIC,  # so that nobody asks for news
        REDIS_URL="",
        **{**ports, **changed},
    )


class Installation:
    """What can be seen of it, and killed, from outside."""

    def __init__(self, settings: Settings, child: Child) -> None:
        self.settings = settings
        self.child = child
        self.redis = connect(settings.redis_address)
        self._client = httpx2.AsyncClient(trust_env=False, timeout=2.0)
        workers = [f"worker{number}" for number in range(1, settings.workers + 1)]
        self.parts = ["web", "redis", "nlu", *workers]

    def pids(self) -> dict[str, int]:
        """The process of each part that has one now."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == self.child.pid:
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    if name := _part(command):
                        found[name] = int(folder.name)
        return found

    def kill(self, name: str) -> bool:
        """SIGKILL, now; False when the part has no process."""
        pid = self.pids().get(name)
        if pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return True

    async def works(self, name: str, *, since: float) -> bool:
        """Whether the part does its work; a worker's sign of life must be newer than `since` (the server's clock)."""
        match name:
            case "web":
                return await self._answers(f"{self.settings.web_base}/healthz")
            case "nlu":
                return await self._answers(f"{self.settings.nlu_base}/status")
            case "redis":
                return await self._redis_answers()
        try:
            async with outage():
                signed = await self.redis.zscore(WORKERS, worker_name(f"{name}-{self.settings.port}"))
        except StoreUnavailable:
            return False
        return signed is not None and signed > since

    async def _answers(self, url: str) -> bool:
        try:
            return (await self._client.get(url)).is_success
        except httpx2.HTTPError:
            return False

    async def _redis_answers(self) -> bool:
        try:
            async with outage():
                return bool(await self.redis.ping())
        except StoreUnavailable:
            return False

    async def close(self) -> None:
        await self._client.aclose()
        await self.redis.aclose()

    async def all_work(self, *, since: float) -> None:
        """Wait until every part does. Raises TimeoutError."""
        async with asyncio.timeout(START_SECONDS):
            for name in self.parts:
                while not await self.works(name, since=since):
                    if self.child.code is not None:
                        raise RuntimeError(last_lines(self.child.log, 20))
                    await asyncio.sleep(0.1)


def _part(command: str) -> str:
    if " -m bot.serve web" in command:
        return "web"
    if worker := re.search(r" -m \S+ worker (worker\d+)", command):
        return worker[1]
    if " -m rasa run " in command:
        return "nlu"
    return "redis" if "redis-server" in command or "valkey-server" in command else ""


MOTCUA = ("-c", "from bot.cli import main; main()")  # the command `motcua`, of this very code


@asynccontextmanager
async def running(settings: Settings, program: Sequence[str] = MOTCUA) -> AsyncIterator[Installation]:
    """`motcua run` with all its parts, for as long as the block runs."""
    env = os.environ | environment(settings) | {"PYTHONPATH": str(CODE), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, *program, "run"]
    child = await Child.start(command, cwd=settings.root, env=env, log=settings.var / "log" / "supervisor.log")
    installation = Installation(settings, child)
    try:
        await installation.all_work(since=0.0)
        yield installation
    finally:
        await child.stop(grace=30.0)
        await installation.close()
