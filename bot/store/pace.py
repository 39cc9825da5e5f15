"""How fast a platform may be spoken to, shared by all workers: one small clock in Redis for each rule."""

from bot.store.keys import PACE
from bot.store.redis import Client, outage, run

# Generic cell rate algorithm (ITU-T I.371): the key holds the time at which the allowance will be whole again.
# KEYS clock; ARGV milliseconds a message, messages at once. Answers 0 and counts the message, or the milliseconds to wait.
_PERMIT = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local whole = math.max(tonumber(redis.call('GET', KEYS[1]) or ms), ms)
local wait = whole + ARGV[1] - ARGV[1] * ARGV[2] - ms
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], whole + ARGV[1], 'PX', math.ceil(whole + ARGV[1] - ms) + 1000)
return 0
"""


class Pace:
    """Raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def permit(self, name: str, *, seconds: float, burst: int) -> float:
        """0 when one more message may go now, and it is counted; else the seconds to wait."""
        async with outage():
            wait = await run(self._redis, _PERMIT, [PACE % name], round(seconds * 1000), burst)
            return int(wait) / 1000
