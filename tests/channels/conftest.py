"""Each platform with our webhook, Redis and workers around it."""

from collections.abc import AsyncIterator, Callable

import pytest

from bot.channels.telegram import Telegram
from bot.channels.zalo_bot import ZaloBot
from bot.channels.zalo_oa import ZaloOa
from bot.http import http_client
from tests.channels.fake_zalo_oa import FakeZaloOa
from tests.channels.fakes import FakeTelegram, FakeZaloBot
from tests.channels.rig import SECRET, Rig, oa_of, rig, tokens_of


@pytest.fixture
async def telegram(redis_url: str, free_ports: Callable[[], int]) -> AsyncIterator[Rig]:
    fake = FakeTelegram()
    async with rig(redis_url, free_ports, fake, lambda api: Telegram(base=api, token=fake.token, secret=SECRET)) as up:
        yield up


@pytest.fixture
async def zalo_oa(redis_url: str, free_ports: Callable[[], int]) -> AsyncIterator[Rig]:
    """An Official Account that is connected: its tokens are in the vault."""
    fake = FakeZaloOa()
    async with http_client() as client:

        def channel(api: str) -> ZaloOa:
            return oa_of(fake, api, client, redis_url)

        async with rig(redis_url, free_ports, fake, channel) as up:
            await up.channel.keeper.keep(tokens_of(fake))
            yield up


@pytest.fixture
async def deserted(redis_url: str, free_ports: Callable[[], int]) -> AsyncIterator[Rig]:
    """Zalo Bot, and no worker yet."""
    fake = FakeZaloBot()
    async with http_client() as client:

        def channel(api: str) -> ZaloBot:
            return ZaloBot(client, base=api, token=fake.token, secret=SECRET)

        async with rig(redis_url, free_ports, fake, channel, workers=0) as up:
            yield up


@pytest.fixture
async def zalo_bot(deserted: Rig) -> Rig:
    deserted.hire("worker")
    return deserted
