"""The web page's conversations in Redis: a turn is begun in one step and ended in one step, whatever may break between.

The two steps are scripts, because a turn is short and every trip to Redis costs it half a millisecond. All keys of a
conversation lie on one node of a cluster, so that scripts may touch them together.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from bot.errors import StoreUnavailable
from bot.messages import Session
from bot.store.keys import (
    RATE,
    RATE_TTL,
    SEEN,
    SEEN_TTL,
    SESSION,
    TURN_LOCK,
    TURN_TTL,
    WEB_EVENTS,
    WEB_EVENTS_KEPT,
    conversation_key,
)
from bot.store.redis import Client, outage, run, session_from_json, session_to_json

LOOK_SECONDS: Final = 0.01  # between two looks whether the turn before has ended

# KEYS turn seen session rate; ARGV token, milliseconds of a turn, messages a minute (0: counted already), seconds of a minute
_BEGIN = """
if ARGV[3] ~= '0' then
  redis.call('SET', KEYS[4], 0, 'NX', 'EX', ARGV[4])
  if redis.call('INCR', KEYS[4]) > tonumber(ARGV[3]) then return {'too_fast', ''} end
end
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return {'busy', ''} end
local answered = redis.call('GET', KEYS[2])
if answered then redis.call('DEL', KEYS[1]) return {'answered', answered} end
return {'begun', redis.call('GET', KEYS[3]) or ''}
"""
# KEYS turn seen session rate events; ARGV token, session ('' forgets the conversation), seconds to keep it, seconds to remember
# the message, most events kept, event … A turn that took too long may have been taken over: the first answer counts.
_END = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
local answered = redis.call('GET', KEYS[2])
if answered then return answered end
if ARGV[2] == '' then redis.call('DEL', KEYS[3], KEYS[4], KEYS[5])
else redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[3]) end
local last
for i = 6, #ARGV do last = redis.call('XADD', KEYS[5], 'MAXLEN', ARGV[5], '*', 'event', ARGV[i]) end
redis.call('EXPIRE', KEYS[5], ARGV[3])
redis.call('SET', KEYS[2], last, 'EX', ARGV[4])
redis.call('PUBLISH', KEYS[5], 'new')
return last
"""
# KEYS events; ARGV seconds to keep them, most events kept, event …
_APPEND = """
for i = 3, #ARGV do redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[2], '*', 'event', ARGV[i]) end
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', KEYS[1], 'new')
"""
# KEYS turn; ARGV token
_DROP = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class TooFast(Exception):
    """More messages within a minute than a conversation may send."""


@dataclass(slots=True)
class ChatTurn:
    """A message in hand. `last` is the id of its answer's last event, "" until there is one."""

    conversation: str
    message_id: str
    token: str
    session: Session
    last: str = ""


class WebChats:
    """What the page has shown, so that a reload or a torn connection misses nothing, and what the bot remembers of it.

    Events are JSON texts; their ids are Redis stream ids and serve as SSE ids. Raises StoreUnavailable when Redis does not
    answer.
    """

    def __init__(self, redis: Client, *, ttl: timedelta) -> None:
        self._redis = redis
        self._ttl = int(ttl.total_seconds())

    @asynccontextmanager
    async def turn(self, conversation: str, message_id: str, *, per_minute: int) -> AsyncIterator[ChatTurn]:
        """One turn of a conversation at a time, over all processes: a repeated message waits for the first and finds its answer.

        Raises TooFast, and StoreUnavailable when the turn before does not end.
        """
        turn = await self._begin(conversation, message_id, per_minute)
        try:
            yield turn
        finally:
            if not turn.last:  # it broke: a repeated message shall not wait for it
                async with outage():
                    await self._run(_DROP, turn, [TURN_LOCK], turn.token)

    async def _begin(self, conversation: str, message_id: str, per_minute: int) -> ChatTurn:
        turn = ChatTurn(conversation, message_id, secrets.token_hex(8), Session())
        keys = [TURN_LOCK, SEEN, SESSION, RATE]
        milliseconds = int(TURN_TTL.total_seconds() * 1000)
        end = asyncio.get_running_loop().time() + TURN_TTL.total_seconds()
        while True:
            async with outage():
                arguments = (turn.token, milliseconds, per_minute, int(RATE_TTL.total_seconds()))
                state, found = await self._run(_BEGIN, turn, keys, *arguments)
            match state:
                case "too_fast":
                    raise TooFast
                case "answered":
                    turn.last = str(found)
                    return turn
                case "begun":
                    turn.session = session_from_json(str(found))
                    return turn
            if asyncio.get_running_loop().time() > end:
                raise StoreUnavailable("another turn of this conversation does not end")
            per_minute = 0
            await asyncio.sleep(LOOK_SECONDS)

    async def end(self, turn: ChatTurn, session: Session | None, *events: str) -> None:
        """In one step: this was said, this is remembered (None: nothing, what was said before included), pages are woken."""
        async with outage():
            keys = [TURN_LOCK, SEEN, SESSION, RATE, WEB_EVENTS]
            kept = "" if session is None else session_to_json(session)
            ages = (self._ttl, int(SEEN_TTL.total_seconds()), WEB_EVENTS_KEPT)
            turn.last = str(await self._run(_END, turn, keys, turn.token, kept, *ages, *events))

    async def session(self, conversation: str) -> Session:
        """What is remembered of a conversation now."""
        async with outage():
            return session_from_json(str(await self._redis.get(conversation_key(SESSION, "web", conversation)) or ""))

    async def append(self, conversation: str, *events: str) -> None:
        """Say something that answers no message, and wake the pages that wait for it."""
        async with outage():
            key = conversation_key(WEB_EVENTS, "web", conversation)
            await run(self._redis, _APPEND, [key], self._ttl, WEB_EVENTS_KEPT, *events)

    async def after(self, conversation: str, last_id: str) -> list[tuple[str, str]]:
        """(id, event) of all that came after `last_id`; all that is kept for ""."""
        async with outage():
            key = conversation_key(WEB_EVENTS, "web", conversation)
            rows = await self._redis.xrange(key, f"({last_id}" if last_id else "-")
            return [(str(i), str(fields["event"])) for i, fields in rows or () if fields]

    async def _run(self, script: str, turn: ChatTurn, patterns: list[str], *arguments: str | int) -> Any:
        rest = {SEEN: (turn.message_id,)}
        keys = [conversation_key(pattern, "web", turn.conversation, *rest.get(pattern, ())) for pattern in patterns]
        return await run(self._redis, script, keys, *arguments)
