"""Which platforms this installation is on, and how messages come in: by webhook with a public address, else by asking."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

import httpx2
import structlog

from bot.channels.base import Channel
from bot.channels.telegram import Telegram
from bot.channels.zalo_bot import ZaloBot
from bot.errors import Busy, ChannelError, StoreUnavailable
from bot.messages import Incoming
from bot.settings import Settings

log = structlog.get_logger()

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


class Platform(Channel, Protocol):
    """A channel that can be told where to bring messages, or asked for them."""

    async def set_webhook(self, url: str) -> None: ...
    async def delete_webhook(self) -> None: ...
    async def poll(self) -> list[Incoming]: ...


def platforms_of(settings: Settings, client: httpx2.AsyncClient) -> dict[str, Platform]:
    """The platforms that have a token, by name."""

    def made(name: str) -> Platform:
        token = (settings.telegram_token if name == "telegram" else settings.zalo_bot_token).get_secret_value()
        if name == "telegram":
            return Telegram(base=settings.telegram_api, token=token, secret=webhook_secret(token))
        return ZaloBot(client, base=settings.zalo_bot_api, token=token, secret=webhook_secret(token))

    return {name: made(name) for name in settings.platforms}


def webhook_secret(token: str) -> str:
    """What a platform must show with every event: nobody can make it without the token, and nobody has to keep it."""
    return hashlib.sha256(f"motcua webhook {token}".encode()).hexdigest()


async def bring(platform: Platform, public_url: str, keep: Callable[[Incoming], Awaitable[None]]) -> None:
    """See to it that messages come, until cancelled. Platform and store may go away and come back."""
    if public_url.startswith("https://"):
        url = f"{public_url.rstrip('/')}/webhook/{platform.name}"
        await _until_done(platform.name, partial(platform.set_webhook, url))
        log.info("platform.webhook", platform=platform.name)
        return
    await _until_done(platform.name, platform.delete_webhook)
    log.info("platform.polling", platform=platform.name)
    while True:
        news = await _until_done(platform.name, platform.poll)
        for incoming in news:  # the next question confirms these: first they must be kept
            await _until_done(platform.name, partial(keep, incoming))


async def _until_done[T](name: str, act: Callable[[], Awaitable[T]]) -> T:
    """Act until it works, with longer and longer pauses; a wrong token is tried again too, an admin may be mending it."""
    pause = FIRST_PAUSE
    while True:
        try:
            return await act()
        except (ChannelError, StoreUnavailable, Busy) as error:
            log.warning("platform.trouble", platform=name, error=str(error), again_in=pause)
        await asyncio.sleep(pause)
        pause = min(LONGEST_PAUSE, 2 * pause)
