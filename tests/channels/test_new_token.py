"""A token is renewed at the platform: what is answered until the assistant is given the new one waits, and is not lost."""

import asyncio
from typing import Any

from bot.channels.base import Channel
from bot.channels.telegram import Telegram
from bot.channels.zalo_bot import ZaloBot
from bot.http import http_client
from bot.platforms import Reachable, bring
from bot.store.presence import Troubles
from bot.webhooks import Webhooks
from tests.channels.rig import SECRET, Rig, until

AN = "700100200"
URL = "https://hoi.example.gov.vn/webhook"


async def test_telegram(telegram: Rig) -> None:
    new = await renewed(telegram)
    api = telegram.channel.bot.base_url.partition("/bot")[0]
    await restarted(telegram, Telegram(base=api, token=new, secret=SECRET))


async def test_zalo_bot(zalo_bot: Rig) -> None:
    new = await renewed(zalo_bot)
    api = zalo_bot.channel._address.partition("/bot")[0]
    async with http_client() as client:
        await restarted(zalo_bot, ZaloBot(client, base=api, token=new, secret=SECRET))


async def renewed(rig: Rig) -> str:
    """The new token, of which the assistant has not heard when it answers."""
    old, rig.fake.token = rig.fake.token, "111222333:RENEWED"
    await rig.fake.say(AN, "/start")
    told: dict[str, str] = {}
    async with asyncio.timeout(40):
        while not told:
            told = await Troubles(rig.redis).of([rig.channel.name])
            await asyncio.sleep(0.01)
    assert f"MOTCUA_{rig.channel.name.upper().replace('-', '_')}_TOKEN" in told[rig.channel.name]
    assert rig.fake.sent == [] and old not in told[rig.channel.name]
    return str(rig.fake.token)


async def restarted(rig: Rig, channel: Any) -> None:
    """An operator has put the new token into .env and starts the assistant anew."""
    for task in rig.workers:
        task.cancel()
    await asyncio.gather(*rig.workers, return_exceptions=True)
    assert isinstance(channel, Reachable)
    channels: dict[str, Channel] = {channel.name: channel}
    rig.hire("after", channels=channels)
    troubles = Troubles(rig.redis)
    await bring(channel, f"{URL}/{channel.name}", Webhooks(channels, rig.mailboxes, longest=2000).keep, troubles)
    await until(lambda: len(rig.fake.to(AN)) == 1)
    assert rig.fake.to(AN)[0].startswith("Chào anh/chị") and await troubles.of([channel.name]) == {}
