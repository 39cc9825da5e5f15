"""Each platform with our webhook, Redis and workers around it."""

from collections.abc import AsyncIterator, Callable

import httpx2
import pytest

from bot.channels.telegram import Telegram
from bot.channels.zalo_bot import ZaloBot
from tests.channels.fakes import FakeTelegram, FakeZaloBot
from tests.channels.rig import SECRET, Rig, rig


@pytest.fixture
async def telegram(redis_url: str, free_ports: Callable[[], int]) -> AsyncIterator[Rig]:
    fake = FakeTelegram()
    async with rig(redis_url, free_ports, fake, lambda api: Telegram(base=api, token=fake.token, secret=SECRET)) as up:
        yield up


@pytest.fixture
async def deserted(redis_url: str, free_ports: Callable[[], int]) -> AsyncIterator[Rig]:
    """Zalo Bot, and no worker yet."""
    fake = FakeZaloBot()
    async with httpx2.AsyncClient(trust_env=False) as client:

        def channel(api: str) -> ZaloBot:
            return ZaloBot(client, base=api, token=fake.token, secret=SECRET)

        async with rig(redis_url, free_ports, fake, channel, workers=0) as up:
            yield up


@pytest.fixture
async def zalo_bot(deserted: Rig) -> Rig:
    deserted.hire("worker")
    return deserted
