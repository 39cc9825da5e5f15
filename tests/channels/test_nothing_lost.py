"""The books balance: every message that got its 200 is answered, in order, whoever dies."""

import asyncio
import sys
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from bot.channels.base import Part
from bot.channels.zalo_bot import TIMEOUT
from bot.errors import Busy, ChannelError, StoreUnavailable
from bot.messages import Incoming, Session
from bot.pipeline import Turn
from bot.store.keys import LATER, MAIL_MOST, OUT, READY, conversation_key
from bot.store.mailbox import Lease, Mailboxes, Next, Word, notes_of_set_aside
from bot.store.redis import connect
from bot.webhooks import Webhooks
from bot.worker import AT_ONCE, SENDS
from tests.channels.fakes import Sent
from tests.channels.rig import ROOT, SECRET, Rig, until
from tests.channels.worker_process import Echo

LEASE = 1.0  # seconds, so that the dead are missed soon
PEOPLE = [f"person{n}" for n in range(12)]
EACH = 10


@pytest.fixture(params=["single", "cluster"])
def redis_url(request: pytest.FixtureRequest, redis_url: str) -> str:
    """The books balance on one server and on a cluster, whose nodes refuse a script over keys that lie apart."""
    return str(redis_url if request.param == "single" else request.getfixturevalue("cluster_url"))


async def start_worker(deserted: Rig, name: str) -> asyncio.subprocess.Process:
    api = deserted.channel._address.removesuffix(f"/bot{deserted.fake.token}")
    arguments = [name, deserted.redis_url, api, deserted.fake.token, str(LEASE)]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.channels.worker_process", *arguments, cwd=ROOT
    )


def in_order(texts: list[str]) -> list[str]:
    """Without what was told twice in a row: the platform had it, and the worker died before it could write that down."""
    return [text for text, before in zip(texts, [None, *texts], strict=False) if text != before]


async def test_workers_are_killed_again_and_again(deserted: Rig) -> None:
    workers = [await start_worker(deserted, f"first{n}") for n in range(2)]
    kills = 0

    async def talk(person: str) -> None:
        for number in range(EACH):
            # some of it before each kill, however slow the machine is
            await until(lambda due=number // 3: kills >= due, 60)  # type: ignore[misc]
            assert await deserted.fake.say(person, f"{number}") == 200

    talking = asyncio.gather(*(talk(person) for person in PEOPLE))
    try:
        while not talking.done():
            enough = len(deserted.fake.sent) + 10
            await until(lambda limit=enough: len(deserted.fake.sent) > limit or talking.done())  # type: ignore[misc]
            workers[0].kill()
            await workers.pop(0).wait()
            kills += 1
            workers.append(await start_worker(deserted, f"next{kills}"))
        await talking
        wanted = [str(n) for n in range(EACH)]
        await until(lambda: all(in_order(deserted.fake.to(person)) == wanted for person in PEOPLE), 60)
    finally:
        for worker in workers:
            worker.kill()
            await worker.wait()
    assert kills >= EACH // 3


async def test_nothing_is_doubled_while_nobody_dies(deserted: Rig) -> None:
    workers = [await start_worker(deserted, f"w{n}") for n in range(2)]
    try:
        for number in range(EACH):
            await asyncio.gather(*(deserted.fake.say(person, f"{number}") for person in PEOPLE))
        await until(lambda: len(deserted.fake.sent) == EACH * len(PEOPLE), 30)
    finally:
        for worker in workers:
            worker.terminate()
            await worker.wait()
    assert all(deserted.fake.to(person) == [str(n) for n in range(EACH)] for person in PEOPLE)


async def test_every_key_dies_some_day(deserted: Rig) -> None:
    worker = deserted.hire("one")
    for number in range(3):
        await deserted.fake.say("person", f"câu {number}")
    await deserted.told("person", 3)
    await deserted.fake.say("waiting", "/start")  # something in every kind of key
    worker.cancel()
    immortal = [key async for key in deserted.redis.scan_iter() if await deserted.redis.ttl(key) == -1]
    assert not immortal


async def test_poison_is_set_aside_and_the_next_message_answered(deserted: Rig) -> None:
    class Fragile(Echo):
        async def take_turn(self, incoming: Incoming, session: Session) -> tuple[Turn, Session]:
            if incoming.text == "độc":
                raise ZeroDivisionError
            return await super().take_turn(incoming, session)

    deserted.hire("one", pipeline=Fragile())
    await deserted.fake.say("person", "độc")
    await deserted.fake.say("person", "lành")
    assert await deserted.told("person", 2) == ["failed", "lành"]
    (note,) = await notes_of_set_aside(deserted.redis_url)
    assert note["channel"] == "zalo-bot" and "độc" not in str(note)


async def test_platform_is_told_to_come_again_while_redis_is_away(free_port: int, deserted: Rig) -> None:
    away = Mailboxes(connect(f"redis://127.0.0.1:{free_port}/0"), ttl=timedelta(hours=1))
    hooks = Webhooks({deserted.channel.name: deserted.channel}, away, longest=2000)
    app = Starlette(routes=[Route("/webhook/{channel}", hooks.receive, methods=["POST"])])
    body = {"event_name": "message.text.received", "message": {"from": {}, "chat": {"id": "p", "chat_type": "PRIVATE"}}}
    body["message"] |= {"message_id": "1", "text": "a"}  # type: ignore[operator]
    answer = TestClient(app).post("/webhook/zalo-bot", json=body, headers={"X-Bot-Api-Secret-Token": SECRET})
    assert answer.status_code == 503 and answer.headers["retry-after"]


async def test_flood_of_one_person_is_sent_back(deserted: Rig) -> None:
    for number in range(MAIL_MOST):
        await deserted.mailboxes.put("zalo-bot", "p", str(number), {"text": "a"})
    with pytest.raises(Busy):
        await deserted.mailboxes.put("zalo-bot", "p", "one more", {"text": "a"})
    assert not await deserted.mailboxes.put("zalo-bot", "p", "0", {"text": "a"})


async def test_mail_that_waits_holds_no_personal_data(deserted: Rig) -> None:
    await deserted.fake.say("person", "ma OTP cua toi la 482913, can cuoc 079123456789")
    kept = [await deserted.redis.lrange(key, 0, -1) async for key in deserted.redis.scan_iter("*:mail")]
    assert kept and "482913" not in str(kept) and "079123456789" not in str(kept)
    deserted.hire("one")
    assert "KHÔNG gửi mã OTP" in (await deserted.told("person", 1))[0]  # the warning comes all the same


async def test_the_stream_of_words_lives_as_long_as_there_are_any(deserted: Rig) -> None:
    await deserted.mailboxes.open("w")
    await deserted.redis.expire(READY, 5)  # the workers were started nearly a week ago
    await deserted.mailboxes.put("zalo-bot", "p", "1", {"text": "a"})
    assert await deserted.redis.ttl(READY) > 3600


async def test_a_parked_conversation_is_taken_up_at_its_time(deserted: Rig) -> None:
    boxes = deserted.mailboxes
    await boxes.open("w")
    await boxes.put("zalo-bot", "p", "1", {"text": "a"})
    (word,) = await boxes.words(most=9, wait=timedelta(seconds=1))
    taken = await boxes.take(word)
    assert taken
    await boxes.park(taken[0], 3600)
    await boxes.done(word)
    await deserted.redis.zadd(LATER, dict.fromkeys(await deserted.redis.zrange(LATER, 0, -1), 0))
    assert await boxes.wake() == 1  # by its list it is time, by the hold not quite yet
    (word,) = await boxes.words(most=9, wait=timedelta(seconds=1))
    assert await boxes.take(word)


async def test_a_platform_that_makes_us_wait_again_and_again_gets_the_answer_in_the_end(
    deserted: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has said when to come back: that is no failure of the message, however often it says so."""
    send, busy = deserted.channel._call, iter(range(2 * SENDS))

    async def make_wait(method: str, **fields: str) -> Any:
        if next(busy, None) is not None:
            raise ChannelError("429", permanent=False, retry_after=0.001, code=429)
        return await send(method, **fields)

    monkeypatch.setattr(deserted.channel, "_call", make_wait)
    monkeypatch.setattr("bot.worker.LISTEN", timedelta(milliseconds=20))
    monkeypatch.setattr(deserted.channel, "rules", (), raising=False)
    deserted.hire("one", pipeline=Echo())
    await deserted.fake.say("person", "a")
    assert await deserted.told("person", 1) == ["a"]


async def test_an_error_nobody_foresaw_does_not_block_the_conversation(deserted: Rig) -> None:
    class Clumsy:
        def __init__(self) -> None:
            self.fell = False

        def __getattr__(self, name: str) -> Any:
            return getattr(deserted.channel, name)

        async def send(self, conversation: str, part: Part) -> None:
            if not self.fell:
                self.fell = True
                raise ZeroDivisionError
            await deserted.channel.send(conversation, part)

    deserted.hire("one", channels={"zalo-bot": Clumsy()})
    await deserted.fake.say("person", "/start")
    assert len(await deserted.told("person", 1)) == 1


async def test_what_the_platform_has_is_not_told_again_after_a_long_outage(deserted: Rig) -> None:
    class Gone(Mailboxes):
        """Redis, gone between a send and the note of it, for longer than a lease."""

        refused, back = 0, False

        async def sent(self, lease: Lease, item: str) -> Next:
            if not self.back:
                self.refused += 1
                raise StoreUnavailable
            return await super().sent(lease, item)

    redis = connect(deserted.redis_url)
    deserted.connections.append(redis)
    boxes = Gone(redis, ttl=timedelta(days=1), lease=timedelta(seconds=0.5))
    deserted.hire("one", mailboxes=boxes, pipeline=Echo())
    await deserted.fake.say("person", "a")
    await until(lambda: boxes.refused > 12)  # taken up again several times
    boxes.back = True
    await deserted.fake.say("person", "b")
    assert await deserted.told("person", 2) == ["a", "b"]


async def test_a_platform_that_takes_long_for_some_keeps_nobody_else_waiting(deserted: Rig) -> None:
    go_on, take = asyncio.Event(), deserted.fake.take

    async def take_slowly(sent: Sent) -> None:
        if sent.conversation.startswith("slow"):
            await go_on.wait()
        await take(sent)

    deserted.fake.take = take_slowly
    deserted.hire("one", pipeline=Echo())
    slow = [f"slow{number}" for number in range(2 * AT_ONCE)]
    for person in (*slow, "person"):
        await deserted.fake.say(person, "a")
    try:
        await until(lambda: deserted.fake.to("person") == ["a"], TIMEOUT - 5)
    finally:
        go_on.set()
    await until(lambda: all(deserted.fake.to(person) == ["a"] for person in slow))


class Hiccuping(Mailboxes):
    """The lease of one person is taken, and Redis goes away before it can say so; a moment later it is back."""

    hiccups = 0

    async def take(self, word: Word) -> tuple[Lease, Next] | None:
        found = await super().take(word)
        if word.conversation == "an" and not self.hiccups:
            self.hiccups += 1
            raise StoreUnavailable("connection closed by server")
        return found


async def test_a_word_that_was_in_hand_as_redis_hiccuped_is_taken_up_within_seconds(deserted: Rig) -> None:
    """The worker's own lease on it is still there then, and would keep everybody away for half a minute."""
    boxes = Hiccuping(deserted.redis, ttl=timedelta(days=1))
    deserted.hire("worker1", mailboxes=boxes)
    await deserted.fake.say("an", "/start")
    async with asyncio.timeout(40):
        assert len(await deserted.told("an", 1)) == 1
    assert boxes.hiccups == 1


def held_back(deserted: Rig, person: str) -> tuple[asyncio.Event, asyncio.Event]:
    """The platform hears what this person is told, which sets the first event, and takes it once the second is set."""
    heard, go_on, take = asyncio.Event(), asyncio.Event(), deserted.fake.take

    async def take_slowly(sent: Sent) -> None:
        if sent.conversation == person:
            heard.set()
            await go_on.wait()
        await take(sent)

    deserted.fake.take = take_slowly
    return heard, go_on


async def test_who_is_stopped_while_redis_is_missed_finishes_what_it_is_sending(
    deserted: Rig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bot.worker.AFTER_OUTAGE", 0.0)
    heard, go_on = held_back(deserted, "binh")
    worker = deserted.hire("one", mailboxes=Hiccuping(deserted.redis, ttl=timedelta(days=1)), pipeline=Echo())
    await deserted.fake.say("binh", "a")
    await heard.wait()
    await deserted.fake.say("an", "b")
    await until(lambda: "worker.store_unavailable" in capsys.readouterr().out)
    worker.cancel()
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(worker, return_exceptions=True)
    assert deserted.fake.to("binh") == ["a"]
    assert not await deserted.redis.exists(conversation_key(OUT, "zalo-bot", "binh"))  # else it is told again


async def test_a_lease_outlives_a_hiccup_of_redis(deserted: Rig) -> None:
    class Hiccup(Mailboxes):
        renewals = 0

        async def renew(self, lease: Lease) -> bool:
            self.renewals += 1
            if self.renewals == 1:
                raise StoreUnavailable
            return await super().renew(lease)

    ages = {"ttl": timedelta(days=1), "lease": timedelta(seconds=3 * LEASE)}  # longer than a busy machine stands still
    boxes = Hiccup(deserted.redis, **ages)
    heard, go_on = held_back(deserted, "binh")
    deserted.hire("one", mailboxes=boxes, pipeline=Echo())
    await deserted.fake.say("binh", "a")
    await heard.wait()
    redis = connect(deserted.redis_url)
    deserted.connections.append(redis)
    deserted.hire("two", mailboxes=Mailboxes(redis, **ages), pipeline=Echo())  # would take over from the dead
    try:
        await until(lambda: boxes.renewals > 6)  # two leases long
    finally:
        go_on.set()
    await deserted.fake.say("binh", "b")
    assert await deserted.told("binh", 2) == ["a", "b"]
