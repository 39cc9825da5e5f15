"""Mailboxes of conversations: what a platform got its 200 for is answered once and in order, whoever is killed when.

Everything of one conversation lies under one hash tag: its mail, what it still has to be told, its session and its lease.
`put` keeps a message, then says "this conversation has mail" in the stream `ready`; only then may the platform get its 200.
A worker that reads the word takes the conversation's lease, answers its mail one by one and lets go. Words are told twice
rather than never: a word about an empty mailbox costs one look.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from redis.exceptions import ResponseError

from bot.errors import Busy
from bot.messages import Session
from bot.store.keys import (
    HOLD,
    KEPT_TTL,
    LATER,
    LEASE,
    LEASE_TTL,
    MAIL,
    MAIL_MOST,
    OUT,
    READY,
    SEEN,
    SEEN_TTL,
    SESSION,
    SET_ASIDE,
    SET_ASIDE_MOST,
    TRIES,
    conversation_key,
)
from bot.store.redis import Client, Sessions, connect, outage, run, session_to_json

GROUP = "workers"
_KEPT = int(KEPT_TTL.total_seconds())

# KEYS seen mail; ARGV message, seconds to remember the id, seconds to keep the mail, most messages that may wait
_PUT = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 'seen' end
if redis.call('LLEN', KEYS[2]) >= tonumber(ARGV[4]) then return 'full' end
redis.call('RPUSH', KEYS[2], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('SET', KEYS[1], '1', 'EX', ARGV[2])
return 'new'
"""
# KEYS ready; ARGV channel, conversation, kept seconds
_SAY = """
redis.call('XADD', KEYS[1], '*', 'channel', ARGV[1], 'conversation', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""
# KEYS ready; ARGV group, id
_DONE = "redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) return redis.call('XDEL', KEYS[1], ARGV[2])"
# KEYS lease hold; ARGV token, milliseconds
_LEASE = """
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
"""
# KEYS lease; ARGV token, milliseconds
_RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""
# KEYS lease mail out session tries; ARGV token, message, session ('' deletes), session seconds, kept seconds, what to send …
_COMMIT = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('LINDEX', KEYS[2], 0) ~= ARGV[2] then return 0 end
redis.call('LPOP', KEYS[2])
redis.call('DEL', KEYS[5])
if ARGV[3] == '' then redis.call('DEL', KEYS[4]) else redis.call('SET', KEYS[4], ARGV[3], 'EX', ARGV[4]) end
for i = 6, #ARGV do redis.call('RPUSH', KEYS[3], ARGV[i]) end
if #ARGV > 5 then redis.call('EXPIRE', KEYS[3], ARGV[5]) end
return 1
"""
# KEYS lease out; ARGV token, item, what takes its place ('' nothing)
_SENT = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('LINDEX', KEYS[2], 0) ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('LPOP', KEYS[2]) else redis.call('LSET', KEYS[2], 0, ARGV[3]) end
return 1
"""
# KEYS lease mail out; ARGV token. The last look and the letting go are one step: mail that comes after it finds no lease.
_RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 1 end
if redis.call('LLEN', KEYS[2]) + redis.call('LLEN', KEYS[3]) > 0 then return 0 end
redis.call('DEL', KEYS[1])
return 1
"""
# KEYS lease hold; ARGV token, milliseconds
_PARK = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], '1', 'PX', ARGV[2])
redis.call('DEL', KEYS[1])
return 1
"""
# KEYS later; ARGV conversation, seconds to wait, kept seconds. The clock is that of the node with the list: all agree on it.
_PUT_OFF = """
local now = redis.call('TIME')
redis.call('ZADD', KEYS[1], now[1] + now[2] / 1e6 + ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""
# KEYS later; ARGV most
_DUE = """
local now = redis.call('TIME')
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now[1] + now[2] / 1e6, 'LIMIT', 0, ARGV[1])
"""
# KEYS set-aside; ARGV note, most notes, kept seconds
_SET_ASIDE = """
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], 0, ARGV[2] - 1)
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""
# KEYS tries; ARGV seconds
_TRY = "local n = redis.call('INCR', KEYS[1]); redis.call('EXPIRE', KEYS[1], ARGV[1]); return n"


@dataclass(frozen=True, slots=True)
class Word:
    """'This conversation has mail', as one worker was told it; `again` when another worker was told before and died."""

    id: str
    channel: str
    conversation: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to answer one conversation, until it expires."""

    channel: str
    conversation: str
    token: str


class Mailboxes:
    """Raises StoreUnavailable when Redis does not answer. `ttl` is how long a session lives."""

    def __init__(self, redis: Client, *, ttl: timedelta, lease: timedelta = LEASE_TTL) -> None:
        self._redis = redis
        self._sessions = Sessions(redis, ttl=ttl)
        self._ttl = int(ttl.total_seconds())
        self._lease_ms = int(lease.total_seconds() * 1000)
        self.lease_seconds = lease.total_seconds()

    # -- the web's side --------------------------------------------------------------------------------------------

    async def put(self, channel: str, conversation: str, message_id: str, message: Mapping[str, Any]) -> bool:
        """Keep a message; False when it was kept before. Raises Busy when too many of this conversation wait."""
        async with outage():
            keys = [self._key(SEEN, channel, conversation, message_id), self._key(MAIL, channel, conversation)]
            ages = (int(SEEN_TTL.total_seconds()), _KEPT, MAIL_MOST)
            found = await self._run(_PUT, keys, json.dumps(message, ensure_ascii=False), *ages)
            if found == "full":
                raise Busy(f"{MAIL_MOST} messages of one conversation wait")
            # said of a repeated message too: the first try may have died before this line
            await self._say(channel, conversation)
            return bool(found == "new")

    # -- the workers' side -----------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Make the group of workers where there is none yet."""
        async with outage():
            try:
                await self._redis.xgroup_create(READY, GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise
            await self._redis.expire(READY, KEPT_TTL)

    async def orphans(self, worker: str, *, most: int) -> list[Word]:
        """What other workers were told and did not see to the end: they are dead, or slow."""
        async with outage():
            _, entries, _ = await self._redis.xautoclaim(READY, GROUP, worker, self._lease_ms, "0-0", count=most)
            return [_word(entry, again=True) for entry in entries if entry[1]]

    async def words(self, worker: str, *, most: int, wait: timedelta) -> list[Word]:
        """What this worker is told next. Empty when nothing comes within `wait`."""
        async with outage():
            told: Any = await self._redis.xreadgroup(
                GROUP, worker, {READY: ">"}, count=most, block=int(wait.total_seconds() * 1000)
            )
            return [_word(entry) for _, entries in told or () for entry in entries if entry[1]]

    async def done(self, word: Word) -> None:
        """The word needs no more attention."""
        async with outage():
            await self._run(_DONE, [READY], GROUP, word.id)

    async def lease(self, word: Word) -> Lease | None:
        """The right to answer; None while another worker has it or the conversation must wait."""
        async with outage():
            token = secrets.token_hex(8)
            keys = self._keys(word, LEASE, HOLD)
            if not await self._run(_LEASE, keys, token, self._lease_ms):
                return None
            return Lease(word.channel, word.conversation, token)

    async def renew(self, lease: Lease) -> bool:
        """Hold it for another while; False when it is lost."""
        async with outage():
            return bool(await self._run(_RENEW, self._keys(lease, LEASE), lease.token, self._lease_ms))

    async def release(self, lease: Lease) -> bool:
        """Let go; False when there is something to do after all."""
        async with outage():
            return bool(await self._run(_RELEASE, self._keys(lease, LEASE, MAIL, OUT), lease.token))

    async def park(self, lease: Lease, seconds: float) -> None:
        """Let go for a while, although something is left to do."""
        async with outage():
            parked = json.dumps([lease.channel, lease.conversation])
            await self._run(_PUT_OFF, [LATER], parked, seconds, _KEPT)
            await self._run(_PARK, self._keys(lease, LEASE, HOLD), lease.token, max(1, int(seconds * 1000)))

    async def wake(self) -> int:
        """Say the word for parked conversations whose time has come; how many they were."""
        async with outage():
            due = await self._run(_DUE, [LATER], 100)
            for parked in due:
                channel, conversation = json.loads(parked)
                # the hold ends a moment after its time in this list: a worker that saw it would drop the word
                await self._redis.delete(self._key(HOLD, channel, conversation))
                await self._say(channel, conversation)
                await self._redis.zrem(LATER, parked)
            return len(due)

    # -- one conversation, under its lease -------------------------------------------------------------------------

    async def next_mail(self, lease: Lease) -> tuple[str, int] | None:
        """The oldest message that is not answered, as it was put, and how often it was tried, this time included."""
        async with outage():
            mail, tries = self._keys(lease, MAIL, TRIES)
            message = await self._redis.lindex(mail, 0)
            if message is None:
                return None
            return str(message), int(await self._run(_TRY, [tries], _KEPT))

    async def session(self, lease: Lease) -> Session:
        """What the conversation remembers."""
        return await self._sessions.load(lease.channel, lease.conversation)

    async def commit(self, lease: Lease, message: str, session: Session | None, to_send: Sequence[str]) -> bool:
        """In one step: the message is answered by `to_send`, and this is remembered (None: nothing). False: lease lost."""
        async with outage():
            remembered = session_to_json(session) if session else ""
            keys = self._keys(lease, LEASE, MAIL, OUT, SESSION, TRIES)
            ages = (self._ttl, _KEPT)
            return bool(await self._run(_COMMIT, keys, lease.token, message, remembered, *ages, *to_send))

    async def next_to_send(self, lease: Lease) -> str | None:
        """What the conversation must be told next."""
        async with outage():
            item = await self._redis.lindex(self._keys(lease, OUT)[0], 0)
            return None if item is None else str(item)

    async def sent(self, lease: Lease, item: str, *, instead: str = "") -> bool:
        """It was told, or `instead` takes its place. False: lease lost."""
        async with outage():
            return bool(await self._run(_SENT, self._keys(lease, LEASE, OUT), lease.token, item, instead))

    async def set_aside(self, lease: Lease, what: Mapping[str, str]) -> None:
        """Note a message that nobody could answer. `what` must not hold its words."""
        async with outage():
            note = json.dumps({"channel": lease.channel, **what}, ensure_ascii=False)
            await self._run(_SET_ASIDE, [SET_ASIDE], note, SET_ASIDE_MOST, _KEPT)

    # -- inside ----------------------------------------------------------------------------------------------------

    async def _say(self, channel: str, conversation: str) -> None:
        await self._run(_SAY, [READY], channel, conversation, _KEPT)

    async def _run(self, script: str, keys: Sequence[str], *arguments: str | int | float) -> Any:
        return await run(self._redis, script, keys, *arguments)

    @staticmethod
    def _key(pattern: str, channel: str, conversation: str, *rest: str) -> str:
        return conversation_key(pattern, channel, conversation, *rest)

    def _keys(self, of: Word | Lease, *patterns: str) -> list[str]:
        return [self._key(pattern, of.channel, of.conversation) for pattern in patterns]


async def notes_of_set_aside(url: str) -> list[dict[str, str]]:
    """The messages that nobody could answer, newest first: {channel, message, kind}. Raises StoreUnavailable."""
    async with outage(), connect(url) as redis:
        return [json.loads(note) for note in await redis.lrange(SET_ASIDE, 0, -1)]


def _word(entry: tuple[str, Mapping[str, str]], *, again: bool = False) -> Word:
    return Word(str(entry[0]), entry[1]["channel"], entry[1]["conversation"], again)
