"""The table of counts of all processes, and how much waits."""

from collections.abc import Mapping

from bot.store.keys import COUNTS, COUNTS_TTL, LATER, READY, SET_ASIDE
from bot.store.redis import Client, connect, outage, run

# KEYS counts; ARGV kept seconds, name, number …
_ADD = """
for i = 2, #ARGV, 2 do redis.call('HINCRBYFLOAT', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('EXPIRE', KEYS[1], ARGV[1])
"""


class CountsTable:
    """Raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def add(self, counts: Mapping[str, float]) -> None:
        async with outage():
            pairs = [part for pair in counts.items() for part in pair]
            await run(self._redis, _ADD, [COUNTS], int(COUNTS_TTL.total_seconds()), *pairs)

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


async def counts_of(url: str) -> dict[str, float]:
    """CountsTable.all for who has no connection. Raises StoreUnavailable."""
    async with connect(url) as redis:
        return await CountsTable(redis).all()
