"""The tokens of the Zalo Official Account, where all processes find them, and consents that an admin has begun."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio.lock import Lock
from redis.exceptions import LockError

from bot.errors import StoreUnavailable
from bot.store.keys import CONSENT, CONSENT_TTL, TOKENS, TOKENS_LOCK, TOKENS_LOCK_TTL, TOKENS_TTL
from bot.store.redis import Client, outage


class Vault:
    """Raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def read(self) -> str | None:
        async with outage():
            kept = await self._redis.get(TOKENS)
            return None if kept is None else str(kept)

    async def write(self, text: str) -> None:
        async with outage():
            await self._redis.set(TOKENS, text, ex=TOKENS_TTL)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Only one process at a time: a refresh token can be used once."""
        seconds = TOKENS_LOCK_TTL.total_seconds()
        lock = Lock(self._redis, TOKENS_LOCK, timeout=seconds, blocking_timeout=seconds, sleep=0.05)
        async with outage():
            if not await lock.acquire():
                raise StoreUnavailable("another renewal of the Zalo token does not end")
        try:
            yield
        finally:
            try:
                async with outage():
                    await lock.release()
            except StoreUnavailable as error:
                if not isinstance(error.__cause__, LockError):
                    raise

    async def begin_consent(self, state: str, verifier: str) -> None:
        """An admin is sent to Zalo; whoever comes back must bring this state."""
        async with outage():
            await self._redis.set(CONSENT % state, verifier, ex=CONSENT_TTL)

    async def end_consent(self, state: str) -> str | None:
        """The verifier that belongs to a state, once; None for a state that is unknown, used or too old."""
        async with outage():
            verifier = await self._redis.getdel(CONSENT % state)
            return None if verifier is None else str(verifier)
