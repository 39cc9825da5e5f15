"""The table of counts of all processes, and how much waits."""

from collections.abc import Mapping

from redis.asyncio import Redis

from bot.store.keys import COUNTS, COUNTS_TTL, LATER, READY, SET_ASIDE
from bot.store.redis import outage


class CountsTable:
    """Raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def add(self, counts: Mapping[str, float]) -> None:
        async with outage():
            pipe = self._redis.pipeline(transaction=True)
            for name, number in counts.items():
                pipe.hincrbyfloat(COUNTS, name, number)
            pipe.expire(COUNTS, COUNTS_TTL)
            await pipe.execute()

    async def all(self) -> dict[str, float]:
        async with outage():
            return {str(name): float(number) for name, number in (await self._redis.hgetall(COUNTS)).items()}

    async def waiting(self) -> dict[str, int]:
        """{"motcua_waiting": words that no worker has, "motcua_parked": …, "motcua_set_aside": …}."""
        async with outage():
            return {
                "motcua_waiting": int(await self._redis.xlen(READY)),
                "motcua_parked": int(await self._redis.zcard(LATER)),
                "motcua_set_aside": int(await self._redis.llen(SET_ASIDE)),
            }
