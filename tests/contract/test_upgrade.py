"""An upgrade under traffic, part after part, as docs/trien-khai.md tells it: nothing is lost, doubled, or refused even once.

Real processes, Redis and Caddy; an Official Account that brings an event once and never again, as strict as Zalo may be.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from bot.http import http_client
from bot.processes import Child
from bot.store.presence import workers_alive
from tests.channels.fake_zalo_oa import FakeZaloOa
from tests.channels.fakes import serving
from tests.channels.rig import ROOT, SECRET, oa_environment, oa_of, tokens_of, until
from tests.proxies import CADDY, proxy_before

pytestmark = [pytest.mark.timeout(240), pytest.mark.skipif(CADDY is None, reason="needs caddy")]
PAUSE = 0.05  # seconds between citizens


@dataclass
class Parts:
    """Processes by name; a web part's name is its port."""

    folder: Path
    env: dict[str, str]
    running: dict[str, Child]

    async def start(self, role: str, name: str) -> None:
        """Until it works."""
        env = self.env | ({"MOTCUA_PORT": name} if role == "web" else {})
        command = [sys.executable, "-m", "bot.serve", *([role] if role == "web" else [role, name])]
        child = await Child.start(command, cwd=ROOT, env=env, log=self.folder / f"{role}{name}.log")
        self.running[name] = child
        async with asyncio.timeout(90):
            while not await self._works(role, name):
                assert child.code is None, child.log.read_text("utf-8")
                await asyncio.sleep(0.05)

    async def _works(self, role: str, name: str) -> bool:
        if role == "worker":
            return any(one.endswith(f"-{name}") for one in await workers_alive(self.env["REDIS_URL"]))
        try:
            async with httpx2.AsyncClient(trust_env=False) as client:
                return (await client.get(f"http://127.0.0.1:{name}/healthz", timeout=2)).is_success
        except httpx2.HTTPError:
            return False

    async def stop(self, name: str) -> None:
        await self.running.pop(name).stop()


@asynccontextmanager
async def traffic(fake: FakeZaloOa) -> AsyncIterator[list[str]]:
    """One citizen after the other greets, each once, until the block ends; who they were."""
    people: list[str] = []
    said: set[asyncio.Task[int]] = set()

    async def arrive() -> None:
        while True:
            people.append(f"{7_000_000_000 + len(people)}")
            said.add(asyncio.create_task(fake.say(people[-1], "/start")))
            await asyncio.sleep(PAUSE)

    arriving = asyncio.create_task(arrive())
    try:
        yield people
    finally:
        arriving.cancel()
        await asyncio.gather(*said)


async def test_two_web_parts_and_two_workers_are_replaced_under_traffic(
    redis_url: str, free_ports: Callable[[], int], tmp_path: Path
) -> None:
    fake, webs = FakeZaloOa(secret=SECRET), [str(free_ports()), str(free_ports())]
    with proxy_before(tmp_path, *map(int, webs)) as proxy:
        fake.client = httpx2.AsyncClient(verify=proxy.tls, trust_env=False, timeout=30)
        fake.webhook = f"{proxy.https}/webhook/zalo-oa"
        async with serving(fake.app(), free_ports()) as zalo, fake.client, http_client() as client:
            await oa_of(fake, zalo, client, redis_url).keeper.keep(tokens_of(fake))
            env = (
                os.environ
                | oa_environment(fake, zalo)
                | {
                    "MOTCUA_ZALO_OA_PER_MINUTE": "100000",
                    "MOTCUA_PUBLIC_URL": proxy.https,
                    "MOTCUA_NLU_URL": f"http://127.0.0.1:{free_ports()}",  # nobody there: keywords answer
                    "REDIS_URL": redis_url,
                }
            )
            parts = Parts(tmp_path, env, {})
            try:
                await asyncio.gather(*(parts.start("web", port) for port in webs))
                await asyncio.gather(*(parts.start("worker", name) for name in ("old1", "old2")))
                async with traffic(fake) as people:
                    for number in (1, 2):
                        await parts.stop(f"old{number}")
                        await parts.start("worker", f"new{number}")
                    for port in webs:
                        await parts.stop(port)
                        await parts.start("web", port)
                    await until(lambda: len({one.conversation for one in fake.sent}) > 100, 60)
                await until(lambda: len({one.conversation for one in fake.sent}) == len(people), 60)
            finally:
                for name in list(parts.running):
                    await parts.stop(name)
    assert Counter(fake.statuses).keys() == {200}
    assert Counter(one.conversation for one in fake.sent) == Counter(people)
