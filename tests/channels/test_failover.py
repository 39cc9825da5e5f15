"""Redis itself fails in the middle of traffic: what got its 200 is answered all the same, in order."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from tests.channels.fakes import FakeZaloBot
from tests.channels.rig import Rig, until
from tests.channels.test_nothing_lost import in_order, start_worker
from tests.redis_guard import Guard
from tests.redis_servers import Cluster, Durable, Watched, cluster, durable, watched

PEOPLE = [f"person{n}" for n in range(8)]
EACH = 8


type Servers = Durable | Watched | Cluster


@pytest.fixture(params=["single", "sentinel", "cluster", "cluster with replicas"])
def servers(request: pytest.FixtureRequest, guard: Guard, tmp_path: Path) -> Iterator[Servers]:
    """All but the cluster without replicas are reached over TLS, by a user with few rights."""
    match request.param:
        case "single":
            made: AbstractContextManager[Servers] = durable(tmp_path, guard)
        case "sentinel":
            made = watched(tmp_path, guard)
        case "cluster with replicas":
            made = cluster(tmp_path, guard, replicas=True)
        case _:
            made = nullcontext(request.getfixturevalue("redis_cluster"))
    with made as servers:
        yield servers


@pytest.fixture
def redis_url(servers: Servers) -> str:
    return servers.url


async def say_in_turn(fake: FakeZaloBot, words: list[str]) -> None:
    for word in words:
        assert await asyncio.gather(*(fake.say(person, word) for person in PEOPLE)) == [200] * len(PEOPLE)


async def test_redis_fails_amid_the_traffic(servers: Servers, deserted: Rig) -> None:
    """One server dies and comes back; the Sentinel makes a replica master; the cluster loses a node and gets it
    back, or its replica in its place."""
    fake = deserted.fake
    fake.pause = 0.4  # the platform comes again until it gets its 200
    workers = [await start_worker(deserted, f"w{n}") for n in range(2)]
    wanted = [str(n) for n in range(EACH)]

    async def bring_again() -> None:
        """What was taken once is brought until Redis is missed, and then until it is back."""
        fake.number = 1
        while 503 not in fake.statuses:
            fake.number -= 1
            assert await fake.say("again", "once") == 200

    try:
        await say_in_turn(fake, wanted[: EACH // 2])
        await until(lambda: len(fake.sent) > len(PEOPLE), 60)
        failing = asyncio.to_thread(servers.fail, lambda: 503 in fake.statuses)
        await asyncio.gather(failing, say_in_turn(fake, wanted[EACH // 2 :]), bring_again())
        await until(
            lambda: bool(fake.to("again")) and all(in_order(fake.to(person)) == wanted for person in PEOPLE), 60
        )
        assert in_order(fake.to("again")) == ["once"]
    finally:
        for worker in workers:
            worker.kill()
            await worker.wait()
