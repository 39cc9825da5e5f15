"""Without a public address the assistant asks the platforms for news itself."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bot.channels.telegram import Telegram
from bot.platforms import bring, webhook_secret
from bot.webhooks import Webhooks
from tests.channels.fakes import FakeTelegram
from tests.channels.rig import SECRET, Rig, rig

AN = "700100200"


@pytest.fixture
async def phone(redis_url: str, free_ports: Callable[[], int]) -> AsyncIterator[Rig]:
    fake = FakeTelegram()
    async with rig(redis_url, free_ports, fake, lambda api: Telegram(base=api, token=fake.token, secret=SECRET)) as up:
        yield up


async def test_news_are_asked_for_and_confirmed_once(phone: Rig) -> None:
    hooks = Webhooks({phone.channel.name: phone.channel}, phone.mailboxes, longest=2000)
    asking = asyncio.create_task(bring(phone.channel, "", hooks.keep))
    try:
        async with asyncio.timeout(10):
            while phone.fake.webhook:  # the rig's webhook is taken off first
                await asyncio.sleep(0.01)
        await phone.fake.say(AN, "/start")
        await phone.fake.say(AN, "/menu")
        assert len(await phone.told(AN, 2)) == 2
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    languages = [given.get("language_code") for name, given in phone.fake.calls if name == "setMyCommands"]
    assert languages == ["vi", "en", None]


async def test_wrong_token_is_said_and_tried_again(phone: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    right, phone.fake.token = phone.fake.token, "another"
    asking = asyncio.create_task(bring(phone.channel, "https://hoi.example.gov.vn/", _never))
    try:
        async with asyncio.timeout(10):
            while "setWebhook" not in [name for name, _ in phone.fake.calls]:
                phone.fake.token = right if "InvalidToken" in capsys.readouterr().out else phone.fake.token
                await asyncio.sleep(0.05)
        await asking
    finally:
        asking.cancel()
    assert phone.fake.webhook == "https://hoi.example.gov.vn/webhook/telegram"


async def _never(incoming: object) -> None:
    raise AssertionError


def test_the_secret_of_a_webhook_tells_nothing_of_the_token() -> None:
    secret = webhook_secret("111:ABC")
    assert len(secret) == 64 and "ABC" not in secret and secret != webhook_secret("111:ABD")
