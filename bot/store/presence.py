"""Which workers are alive: each signs a list every second, and who has not signed for a while is gone."""

import socket

from redis.asyncio import Redis

from bot.store.keys import ALIVE_SECONDS, KEPT_TTL, WORKERS
from bot.store.redis import connect, outage


def worker_name(name: str) -> str:
    """A worker's name among those of all machines."""
    return f"{socket.gethostname()}-{name}"


class Presence:
    """Raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def sign(self, worker: str) -> None:
        """This worker is there now, by the server's clock."""
        async with outage():
            seconds, _ = await self._redis.time()
            pipe = self._redis.pipeline(transaction=True)
            pipe.zadd(WORKERS, {worker: int(seconds)})
            pipe.zremrangebyscore(WORKERS, "-inf", int(seconds) - ALIVE_SECONDS)
            pipe.expire(WORKERS, KEPT_TTL)
            await pipe.execute()

    async def leave(self, worker: str) -> None:
        """This worker stops of its own will."""
        async with outage():
            await self._redis.zrem(WORKERS, worker)

    async def alive(self) -> list[str]:
        """Names of those who signed lately."""
        async with outage():
            seconds, _ = await self._redis.time()
            return [
                str(name) for name in await self._redis.zrangebyscore(WORKERS, int(seconds) - ALIVE_SECONDS, "+inf")
            ]


async def workers_alive(url: str) -> list[str]:
    """Presence.alive for who has no connection. Raises StoreUnavailable."""
    async with connect(url) as redis:
        return await Presence(redis).alive()
