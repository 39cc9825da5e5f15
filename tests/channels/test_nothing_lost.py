"""The books balance: every message that got its 200 is answered, in order, whoever dies."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from bot.channels.zalo_bot import ZaloBot
from bot.errors import Busy
from bot.messages import Incoming, Session
from bot.pipeline import Turn
from bot.store.keys import MAIL_MOST
from bot.store.mailbox import Mailboxes
from bot.store.redis import connect
from bot.webhooks import Webhooks
from tests.channels.fakes import FakeZaloBot
from tests.channels.rig import ROOT, SECRET, Rig, rig, until
from tests.channels.worker_process import Echo

LEASE = 1.0  # seconds, so that the dead are missed soon
PEOPLE = [f"person{n}" for n in range(12)]
EACH = 10


@pytest.fixture
async def town(redis_url: str, free_ports: Callable[[], int]) -> AsyncIterator[Rig]:
    """A platform and our webhook, and no worker yet."""
    fake = FakeZaloBot()
    async with httpx2.AsyncClient(trust_env=False) as client:

        def channel(api: str) -> ZaloBot:
            return ZaloBot(client, base=api, token=fake.token, secret=SECRET)

        async with rig(redis_url, free_ports, fake, channel, workers=0) as up:
            yield up


async def start_worker(town: Rig, name: str) -> asyncio.subprocess.Process:
    api = town.channel._address.removesuffix(f"/bot{town.fake.token}")
    arguments = [name, town.redis_url, api, town.fake.token, str(LEASE)]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.channels.worker_process", *arguments, cwd=ROOT
    )


def in_order(texts: list[str]) -> list[str]:
    """Without what was told twice in a row: the platform had it, and the worker died before it could write that down."""
    return [text for text, before in zip(texts, [None, *texts], strict=False) if text != before]


@pytest.mark.timeout(120)
async def test_workers_are_killed_again_and_again(town: Rig) -> None:
    workers = [await start_worker(town, f"first{n}") for n in range(2)]
    kills = 0

    async def talk(person: str) -> None:
        for number in range(EACH):
            assert await town.fake.say(person, f"{number}") == 200
            await asyncio.sleep(0.2)  # people write one after the other

    talking = asyncio.gather(*(talk(person) for person in PEOPLE))
    try:
        while not talking.done():
            enough = len(town.fake.sent) + 10
            await until(lambda limit=enough: len(town.fake.sent) > limit or talking.done())  # type: ignore[misc]
            workers[0].kill()
            await workers.pop(0).wait()
            kills += 1
            workers.append(await start_worker(town, f"next{kills}"))
        await talking
        wanted = [str(n) for n in range(EACH)]
        await until(lambda: all(in_order(town.fake.to(person)) == wanted for person in PEOPLE), 60)
    finally:
        for worker in workers:
            worker.kill()
            await worker.wait()
    assert kills >= 2


async def test_nothing_is_doubled_while_nobody_dies(town: Rig) -> None:
    workers = [await start_worker(town, f"w{n}") for n in range(2)]
    try:
        for number in range(EACH):
            await asyncio.gather(*(town.fake.say(person, f"{number}") for person in PEOPLE))
        await until(lambda: len(town.fake.sent) == EACH * len(PEOPLE), 30)
    finally:
        for worker in workers:
            worker.terminate()
            await worker.wait()
    assert all(town.fake.to(person) == [str(n) for n in range(EACH)] for person in PEOPLE)


async def test_every_key_dies_some_day(town: Rig) -> None:
    worker = town.hire("one")
    for number in range(3):
        await town.fake.say("person", f"câu {number}")
    await town.told("person", 3)
    await town.fake.say("waiting", "/start")  # something in every kind of key
    worker.cancel()
    immortal = [key async for key in town.redis.scan_iter() if await town.redis.ttl(key) == -1]
    assert not immortal


async def test_poison_is_set_aside_and_the_next_message_answered(town: Rig) -> None:
    class Fragile(Echo):
        async def take_turn(self, incoming: Incoming, session: Session) -> tuple[Turn, Session]:
            if incoming.text == "độc":
                raise ZeroDivisionError
            return await super().take_turn(incoming, session)

    town.hire("one", pipeline=Fragile())
    await town.fake.say("person", "độc")
    await town.fake.say("person", "lành")
    assert await town.told("person", 2) == ["failed", "lành"]
    (note,) = await town.mailboxes.all_set_aside()
    assert note["channel"] == "zalo-bot" and "độc" not in str(note)


async def test_platform_is_told_to_come_again_while_redis_is_away(free_port: int, town: Rig) -> None:
    away = Mailboxes(connect(f"redis://127.0.0.1:{free_port}/0"), ttl=timedelta(hours=1))
    hooks = Webhooks({town.channel.name: town.channel}, away, longest=2000)
    app = Starlette(routes=[Route("/webhook/{channel}", hooks.receive, methods=["POST"])])
    body = {"event_name": "message.text.received", "message": {"from": {}, "chat": {"id": "p", "chat_type": "PRIVATE"}}}
    body["message"] |= {"message_id": "1", "text": "a"}  # type: ignore[operator]
    answer = TestClient(app).post("/webhook/zalo-bot", json=body, headers={"X-Bot-Api-Secret-Token": SECRET})
    assert answer.status_code == 503 and answer.headers["retry-after"]


async def test_flood_of_one_person_is_sent_back(town: Rig) -> None:
    for number in range(MAIL_MOST):
        await town.mailboxes.put("zalo-bot", "p", str(number), {"text": "a"})
    with pytest.raises(Busy):
        await town.mailboxes.put("zalo-bot", "p", "one more", {"text": "a"})
    assert not await town.mailboxes.put("zalo-bot", "p", "0", {"text": "a"})
