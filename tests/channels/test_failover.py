"""Redis itself fails in the middle of traffic: what got its 200 is answered all the same, in order."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.rig import Rig, until
from tests.channels.test_nothing_lost import in_order, start_worker
from tests.redis_servers import Cluster, Watched, watched

PEOPLE = [f"person{n}" for n in range(8)]
EACH = 8


@pytest.fixture(params=["sentinel", "cluster"])
def servers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched | Cluster]:
    if request.param == "cluster":
        yield request.getfixturevalue("redis_cluster")
    else:
        with watched(tmp_path) as three:
            yield three


@pytest.fixture
def redis_url(servers: Watched | Cluster) -> str:
    return servers.url


async def test_redis_fails_amid_the_traffic(servers: Watched | Cluster, deserted: Rig) -> None:
    """The Sentinel makes a replica master; the cluster loses a node, refuses everything, and gets it back."""
    deserted.fake.pause = 0.4  # the platform comes again for twenty seconds
    workers = [await start_worker(deserted, f"w{n}") for n in range(2)]
    wanted = [str(n) for n in range(EACH)]

    async def talk(person: str) -> None:
        for word in wanted:
            assert await deserted.fake.say(person, word) == 200

    try:
        talking = asyncio.gather(*(talk(person) for person in PEOPLE))
        await until(lambda: len(deserted.fake.sent) > len(PEOPLE))
        assert not talking.done()
        await asyncio.to_thread(servers.fail)
        await talking
        await until(lambda: all(in_order(deserted.fake.to(person)) == wanted for person in PEOPLE), 40)
    finally:
        for worker in workers:
            worker.kill()
            await worker.wait()
    assert 503 in deserted.fake.statuses, "it was never away"
