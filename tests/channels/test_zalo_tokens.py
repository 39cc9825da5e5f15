"""A pair of tokens that is renewed while processes and Redis die: nobody loses what Zalo gave, as far as it is in our hands."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from redis import Redis
from starlette.responses import HTMLResponse, JSONResponse, Response

from bot.channels.zalo_tokens import Tokens
from bot.store.keys import TOKENS
from bot.store.presence import Troubles
from tests.channels.rig import Rig, until
from tests.redis_servers import Durable, durable

AN = "6180339887498948482"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Durable]:
    with durable(tmp_path) as made:
        yield made


@pytest.fixture
def redis_url(server: Durable) -> str:
    return server.url


async def test_redis_dies_when_zalo_has_just_given_a_new_pair(server: Durable, zalo_oa: Rig) -> None:
    fake = zalo_oa.fake
    fake.ends, fake.asked = 0.0, server.server.stop
    await fake.say(AN, "/start")
    await until(lambda: fake.renewals == ["ok"])
    await asyncio.to_thread(server.server.start)
    assert (await zalo_oa.told(AN, 1))[0].startswith("Chào anh/chị")
    assert fake.renewals == ["ok"]


async def test_process_is_told_to_stop_when_zalo_has_just_given_a_new_pair(zalo_oa: Rig) -> None:
    fake, keeper = zalo_oa.fake, zalo_oa.channel.keeper
    renewing = asyncio.create_task(keeper.renew(await keeper.access()))
    fake.asked = renewing.cancel
    with pytest.raises(asyncio.CancelledError):
        await renewing
    assert await keeper.access() == fake.access


async def test_refresh_token_that_another_process_has_just_used(zalo_oa: Rig) -> None:
    """Its lock ran out while it waited for Redis: what it wrote in the end is good."""
    fake, keeper = zalo_oa.fake, zalo_oa.channel.keeper
    good = await keeper.access()
    pair = Tokens(fake.access, fake.refresh, time.time() + 90_000)
    await keeper.keep(Tokens("old", "used up", time.time()))
    with Redis.from_url(zalo_oa.redis_url) as other:
        fake.asked = lambda: other.set(TOKENS, json.dumps(asdict(pair)))
        assert await keeper.renew("old") == good
    assert fake.renewals == ["refused"]


async def test_dead_token_is_renewed_once_whoever_finds_it_dead(zalo_oa: Rig) -> None:
    fake, keeper = zalo_oa.fake, zalo_oa.channel.keeper
    await fake.say(AN, "/start")
    await zalo_oa.told(AN, 1)
    stale, fake.access = fake.access, "killed by Zalo"
    await fake.say(AN, "/menu")
    assert len(await zalo_oa.told(AN, 2)) == 2
    assert fake.renewals == ["ok"]
    # two processes find the same dead token at once
    stale = await keeper.access()
    assert len(set(await asyncio.gather(*(keeper.renew(stale) for _ in range(5))))) == 1
    assert fake.renewals == ["ok", "ok"]
    assert await keeper.access() == fake.access


async def test_token_is_renewed_ahead_of_its_end(zalo_oa: Rig) -> None:
    zalo_oa.fake.lifetime = 4 * 3600.0  # under the five hours
    await zalo_oa.channel.keeper.renew(await zalo_oa.channel.keeper.access())
    zalo_oa.fake.lifetime = 90_000.0
    before = zalo_oa.fake.access

    async def nobody(what: str) -> None:
        raise AssertionError(what)

    looking = asyncio.create_task(zalo_oa.channel.keeper.run(nobody))
    await until(lambda: zalo_oa.fake.access != before)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)


@pytest.mark.parametrize(
    "odd",
    [
        JSONResponse([]),
        JSONResponse({"error": "unavailable"}, 503),
        HTMLResponse("<html>"),
        JSONResponse({"error": "invalid_grant", "error_description": "try again"}),
    ],
)
async def test_odd_answers_about_tokens_end_nothing(
    zalo_oa: Rig, odd: Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.zalo_tokens.LOOK", 0.05)
    fake, keeper = zalo_oa.fake, zalo_oa.channel.keeper
    pair = Tokens(await keeper.access(), fake.refresh, time.time())
    await keeper.keep(pair)
    fake.grants = [odd]
    told: list[str] = []

    async def tell(what: str) -> None:
        told.append(what)

    looking = asyncio.create_task(keeper.run(tell))
    await until(lambda: fake.renewals == ["ok"])
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert bool(told) == (b"invalid_grant" in odd.body)  # what Zalo refuses, an admin must know


async def test_what_was_given_is_kept_however_little_of_it_can_be_read(zalo_oa: Rig) -> None:
    """The token that was given for it is used up."""
    zalo_oa.fake.grants = [JSONResponse({"access_token": "new", "expires_in": "soon"})]
    keeper = zalo_oa.channel.keeper
    assert await keeper.renew(await keeper.access()) == "new"
    assert await keeper.access() == "new"


async def test_lost_pair_is_told_to_the_admin_and_no_answer_is_lost(
    zalo_oa: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.worker._back_off", lambda tries: 0.05)
    fake = zalo_oa.fake
    fake.access, fake.refresh = "another app took", "the OA over"
    await fake.say(AN, "/start")
    troubles = Troubles(zalo_oa.redis)
    async with asyncio.timeout(40):
        while not (told := await troubles.of(["zalo-oa"])):
            await asyncio.sleep(0.01)
    assert "-14014" in told["zalo-oa"] and "motcua setup zalo-oa" in told["zalo-oa"]
    waiting = [str(key) async for key in zalo_oa.redis.scan_iter("motcua:{zalo-oa:*:out")]
    assert fake.sent == [] and len(waiting) == 1
