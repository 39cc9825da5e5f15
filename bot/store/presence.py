"""What an operator must know: which workers are alive, and what keeps a platform from being spoken to.

Each worker signs a list every second; who has not signed for a while is gone.
"""

import socket
from collections.abc import Iterable

from bot.store.keys import ALIVE_SECONDS, KEPT_TTL, LATER, TROUBLE_TTL, TROUBLES, WORKERS
from bot.store.redis import Client, connect, outage, run
from bot.store.scripts import HASTEN

# KEYS workers; ARGV worker, seconds that a sign counts, kept seconds. The clock is the server's: all machines agree on it.
_SIGN = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""


def worker_name(name: str) -> str:
    """A worker's name among those of all machines."""
    return f"{socket.gethostname()}-{name}"


class Presence:
    """Raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def sign(self, worker: str) -> None:
        """This worker is there now, by the server's clock."""
        async with outage():
            await run(self._redis, _SIGN, [WORKERS], worker, ALIVE_SECONDS, int(KEPT_TTL.total_seconds()))

    async def leave(self, worker: str) -> None:
        """This worker stops of its own will."""
        async with outage():
            await self._redis.zrem(WORKERS, worker)

    async def alive(self, within: float = ALIVE_SECONDS) -> list[str]:
        """Names of those who signed in the last `within` seconds."""
        async with outage():
            seconds, millionths = await self._redis.time()
            since = int(seconds) + int(millionths) / 1e6 - within
            return [str(name) for name in await self._redis.zrangebyscore(WORKERS, since, "+inf")]


class Troubles:
    """Notes for an admin, by platform. Raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def note(self, platform: str, what: str) -> None:
        async with outage():
            await self._redis.set(TROUBLES % platform, what, ex=TROUBLE_TTL)

    async def over(self, platform: str) -> None:
        """An admin has mended it: what was put off until then is due now."""
        async with outage():
            await self._redis.delete(TROUBLES % platform)
            await run(self._redis, HASTEN, [LATER], platform)

    async def of(self, platforms: Iterable[str]) -> dict[str, str]:
        """What is known of these platforms' troubles."""
        async with outage():
            found = [(platform, await self._redis.get(TROUBLES % platform)) for platform in platforms]
            return {platform: str(what) for platform, what in found if what is not None}


async def workers_alive(url: str, within: float = ALIVE_SECONDS) -> list[str]:
    """Presence.alive for who has no connection. Raises StoreUnavailable."""
    async with outage(), connect(url) as redis:
        return await Presence(redis).alive(within)


async def troubles_of(url: str, platforms: Iterable[str]) -> dict[str, str]:
    """Troubles.of for who has no connection. Raises StoreUnavailable."""
    async with outage(), connect(url) as redis:
        return await Troubles(redis).of(platforms)
