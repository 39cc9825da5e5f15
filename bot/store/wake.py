"""Live delivery: one subscriber connection per process wakes the web pages that wait for events."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog

from bot.errors import StoreUnavailable
from bot.store.keys import WEB_EVENTS, conversation_key
from bot.store.redis import Client, outage, probe, subscription

log = structlog.get_logger()

QUIET_SECONDS = 10.0  # after this long without a word the subscriber asks whether the line still lives


class WebWaker:
    """Tells waiting streams "look again". It carries no content, so a lost or doubled wake-up does no harm."""

    def __init__(self, redis: Client, *, retry_seconds: float = 1.0) -> None:
        self._redis = redis
        self._retry_seconds = retry_seconds
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self.closed = False

    async def trouble(self) -> str:
        """Why Redis cannot be used, in words for people; "" when it can."""
        try:
            await probe(self._redis)
        except StoreUnavailable as error:
            return str(error)
        return ""

    @contextmanager
    def listening(self, conversation: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the conversation may have something new, and when the process stops."""
        key = conversation_key(WEB_EVENTS, "web", conversation)
        wake = asyncio.Event()
        self._waiting.setdefault(key, set()).add(wake)
        try:
            yield wake
        finally:
            self._waiting[key].discard(wake)
            if not self._waiting[key]:
                del self._waiting[key]

    def close(self) -> None:
        """Let every stream end, so that the server can stop at once."""
        self.closed = True
        self._wake_all()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._subscribe_forever())
        try:
            yield
        finally:
            self.close()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _wake_all(self) -> None:
        for wakes in self._waiting.values():
            for wake in wakes:
                wake.set()

    async def _subscribe_forever(self) -> None:
        while True:
            try:
                async with outage():
                    await self._subscribe()
            except StoreUnavailable as error:
                log.warning("web.subscriber_lost", error=str(error))
            await asyncio.sleep(self._retry_seconds)

    async def _subscribe(self) -> None:
        async with await subscription(self._redis) as pubsub:
            await pubsub.psubscribe(conversation_key(WEB_EVENTS, "web", "*"))
            asked = False
            while True:
                message = await pubsub.get_message(timeout=QUIET_SECONDS)
                if message is None:
                    if asked:
                        raise ConnectionError("the subscriber's line is dead")
                    await pubsub.ping()
                asked = message is None
                if message is None:
                    continue
                if message["type"] == "psubscribe":  # also after a reconnect: something may have come in between
                    self._wake_all()
                for wake in self._waiting.get(str(message["channel"]), ()):
                    wake.set()
