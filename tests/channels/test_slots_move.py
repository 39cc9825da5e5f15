"""A cluster grows in the middle of traffic: slots go to a node that is new, and nothing is lost or out of order."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.store.keys import READY, SESSION, conversation_key
from tests.channels.rig import Rig, until
from tests.channels.test_failover import PEOPLE, say_in_turn
from tests.channels.test_nothing_lost import in_order, start_worker
from tests.redis_guard import Guard
from tests.redis_servers import Cluster, Server, cluster, node_of_cluster, running


@pytest.fixture
def newcomer(tmp_path: Path, guard: Guard) -> Iterator[Server]:
    with running(node := node_of_cluster(tmp_path / "new", guard)):
        yield node


@pytest.fixture
def servers(tmp_path: Path, guard: Guard, newcomer: Server) -> Iterator[Cluster]:
    with cluster(tmp_path, guard) as made:
        made.meet(newcomer)
        made.wait_until_whole(newcomer)
        yield made


@pytest.fixture
def redis_url(servers: Cluster) -> str:
    return servers.url


async def test_slots_move_amid_the_traffic(servers: Cluster, newcomer: Server, deserted: Rig) -> None:
    fake = deserted.fake
    workers = [await start_worker(deserted, f"w{n}") for n in range(2)]

    def move() -> None:
        """The words' slot, then that of one conversation, each until somebody has met it on its way."""
        for key in (READY, conversation_key(SESSION, "zalo-bot", PEOPLE[0])):
            fake.statuses.clear()
            servers.move(key, newcomer, lambda: 503 in fake.statuses)

    said: list[str] = []

    async def talk(enough: Callable[[], bool]) -> None:
        while not enough():
            said.append(str(len(said)))
            await say_in_turn(fake, said[-1:])

    try:
        await talk(lambda: len(fake.sent) > len(PEOPLE))
        moving = asyncio.create_task(asyncio.to_thread(move))
        await talk(moving.done)
        await moving
        await until(lambda: all(in_order(fake.to(person)) == said for person in PEOPLE), 30)
        assert newcomer.client().exists(READY)
    finally:
        for worker in workers:
            worker.kill()
            await worker.wait()
