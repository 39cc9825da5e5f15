"""Mailboxes of conversations: what a platform got its 200 for is answered once and in order, whoever is killed when.

Everything of one conversation lies under one hash tag: its mail, what it still has to be told, its session and its lease.
`put` keeps a message, then says "this conversation has mail" in the stream `ready`; only then may the platform get its 200.
A worker that reads the word takes the conversation's lease, answers its mail one by one and lets go. Every step of it is one
trip to Redis, which says what is to be done next. Words are told twice rather than never: one about an empty mailbox costs
one look.
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
from bot.store import scripts
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
from bot.store.redis import Client, connect, outage, run, session_from_json, session_to_json

GROUP = "workers"
_KEPT = int(KEPT_TTL.total_seconds())


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


@dataclass(frozen=True, slots=True)
class Tell:
    """The citizen must be told this item."""

    item: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The oldest message, as it was put; how often it was begun, this time included; what the conversation remembers."""

    message: str
    tries: int
    session: Session


type Next = Tell | Answer | None  # None: nothing is left, and the lease is let go


class LeaseLost(Exception):
    """Another worker has the conversation now; it does what is left to do."""


class Mailboxes:
    """Raises StoreUnavailable when Redis does not answer. `ttl` is how long a session lives."""

    def __init__(self, redis: Client, *, ttl: timedelta, lease: timedelta = LEASE_TTL) -> None:
        self._redis = redis
        self._ttl = int(ttl.total_seconds())
        self._lease_ms = int(lease.total_seconds() * 1000)
        self.lease_seconds = lease.total_seconds()
        self._worker = self._life = ""

    # -- the web's side --------------------------------------------------------------------------------------------

    async def put(
        self, channel: str, conversation: str, message_id: str, message: Mapping[str, Any], *, forget: float = 0.0
    ) -> bool:
        """Keep a message; False when it was kept before. Raises Busy when too many of this conversation wait.

        `forget` drops what waits to be answered or told since before that moment (seconds since 1970): who has left wants none
        of it, and must not be remembered for it.
        """
        async with outage():
            keys = [self._key(key, channel, conversation) for key in (MAIL, OUT, HOLD, TRIES)]
            keys.insert(0, self._key(SEEN, channel, conversation, message_id))
            limits = (int(SEEN_TTL.total_seconds()), _KEPT, MAIL_MOST, forget)
            found = await self._run(scripts.PUT, keys, json.dumps(message, ensure_ascii=False), *limits)
            if found == "full":
                raise Busy(f"{MAIL_MOST} messages of one conversation wait")
            # said of a repeated message too: the first try may have died before this line
            await self._say(channel, conversation)
            return bool(found == "new")

    # -- the workers' side -----------------------------------------------------------------------------------------

    async def open(self, worker: str) -> None:
        """Begin to listen as `worker`, the only one of its name; make the group of workers where there is none yet.

        Nothing may be in hand: leases that are still held under this name are taken over from now on.
        """
        self._worker = worker
        self._life = secrets.token_hex(4)
        async with outage():
            try:
                await self._redis.xgroup_create(READY, GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise
            await self._redis.expire(READY, KEPT_TTL)

    async def unfinished(self) -> list[Word]:
        """What a worker of this name was told and did not see to the end: it died, or Redis went away."""
        async with outage():
            told: Any = await self._redis.xreadgroup(GROUP, self._worker, {READY: "0"})
            return [_word(entry, again=True) for _, entries in told or () for entry in entries if entry[1]]

    async def orphans(self, *, most: int) -> list[Word]:
        """What other workers were told and did not see to the end: they are dead, or slow."""
        async with outage():
            _, entries, _ = await self._redis.xautoclaim(READY, GROUP, self._worker, self._lease_ms, "0-0", count=most)
            return [_word(entry, again=True) for entry in entries if entry[1]]

    async def words(self, *, most: int, wait: timedelta) -> list[Word]:
        """What this worker is told next. Empty when nothing comes within `wait`."""
        async with outage():
            told: Any = await self._redis.xreadgroup(
                GROUP, self._worker, {READY: ">"}, count=most, block=int(wait.total_seconds() * 1000)
            )
            return [_word(entry) for _, entries in told or () for entry in entries if entry[1]]

    async def done(self, *words: Word) -> None:
        """These words need no more attention."""
        async with outage():
            await self._run(scripts.DONE, [READY], GROUP, *(word.id for word in words))

    async def take(self, word: Word) -> tuple[Lease, Next] | None:
        """The right to answer, and what is to be done first; None while another worker has it or all must wait."""
        mine = f"{self._worker}:"
        life = f"{mine}{self._life}:"
        lease = Lease(word.channel, word.conversation, life + secrets.token_hex(8))
        try:
            return lease, await self._step(scripts.TAKE, lease, self._lease_ms, mine, life)
        except LeaseLost:
            return None

    async def renew(self, lease: Lease) -> bool:
        """Hold it for another while; False when it is lost."""
        async with outage():
            return bool(await self._run(scripts.RENEW, self._keys(lease, LEASE), lease.token, self._lease_ms))

    async def park(self, lease: Lease, seconds: float, *, item: str = "", instead: str = "") -> None:
        """Let go for a while, although something is left to do. `instead` takes the place of `item`. Raises LeaseLost."""
        async with outage():
            parked = json.dumps([lease.channel, lease.conversation])
            await self._run(scripts.PUT_OFF, [LATER], parked, seconds, _KEPT)
        await self._step(scripts.PARK, lease, max(1, int(seconds * 1000)), item, instead)

    async def wake(self) -> int:
        """Say the word for parked conversations whose time has come; how many they were."""
        async with outage():
            due = await self._run(scripts.DUE, [LATER], 100)
            for parked in due:
                channel, conversation = json.loads(parked)
                # the hold ends a moment after its time in this list: a worker that saw it would drop the word
                await self._redis.delete(self._key(HOLD, channel, conversation))
                await self._say(channel, conversation)
                await self._redis.zrem(LATER, parked)
            return len(due)

    # -- one conversation, under its lease: each raises LeaseLost, and gives what is to be done next --------------------

    async def look(self, lease: Lease) -> Next:
        """Something went wrong: the same again, counted as one more try."""
        return await self._step(scripts.LOOK, lease)

    async def commit(self, lease: Lease, message: str, session: Session | None, to_send: Sequence[str]) -> Next:
        """In one step: the message is answered by `to_send`, and this is remembered (None: nothing)."""
        remembered = session_to_json(session) if session else ""
        return await self._step(scripts.COMMIT, lease, message, remembered, self._ttl, *to_send)

    async def sent(self, lease: Lease, item: str) -> Next:
        """It was told, or is given up."""
        return await self._step(scripts.SENT, lease, item)

    async def set_aside(self, lease: Lease, what: Mapping[str, str]) -> None:
        """Note a message that nobody could answer. `what` must not hold its words."""
        async with outage():
            note = json.dumps({"channel": lease.channel, **what}, ensure_ascii=False)
            await self._run(scripts.SET_ASIDE, [SET_ASIDE], note, SET_ASIDE_MOST, _KEPT)

    # -- inside ----------------------------------------------------------------------------------------------------

    async def _step(self, script: str, lease: Lease, *arguments: str | int) -> Next:
        async with outage():
            keys = self._keys(lease, LEASE, HOLD, MAIL, OUT, SESSION, TRIES)
            kind, *found = await self._run(script, keys, lease.token, _KEPT, *arguments)
        match kind:
            case "lost":
                raise LeaseLost
            case "tell":
                return Tell(str(found[0]))
            case "answer":
                return Answer(str(found[0]), int(found[1]), session_from_json(str(found[2])))
        return None

    async def _say(self, channel: str, conversation: str) -> None:
        await self._run(scripts.SAY, [READY], channel, conversation, _KEPT)

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
