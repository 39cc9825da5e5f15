"""Sessions and the web page's events in Redis. The only module that opens connections."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError, RedisError

from bot.errors import StoreUnavailable
from bot.messages import ASPECTS, LANGUAGES, Choice, Session
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


def connect(url: str) -> Redis:
    """A pool of connections; nothing is sent before the first command. Times out rather than hangs."""
    return Redis.from_url(url, decode_responses=True, socket_timeout=3, socket_connect_timeout=2)


async def server_version(url: str) -> str:
    """The version of the server, in Redis's numbers for Valkey too. Raises StoreUnavailable when none answers."""
    async with outage(), connect(url) as redis:
        return str((await redis.info("server"))["redis_version"])


@asynccontextmanager
async def outage() -> AsyncIterator[None]:
    """Whatever keeps Redis from answering becomes StoreUnavailable."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise StoreUnavailable(str(error)) from error


def session_to_json(session: Session) -> str:
    return json.dumps(asdict(session), ensure_ascii=False, separators=(",", ":"))


def session_from_json(text: str | None) -> Session:
    """A stored session, or a fresh one where nothing is stored or a newer or broken version is."""
    try:
        data: dict[str, Any] = json.loads(text or "")
        data["offered"] = tuple(Choice(**choice) for choice in data["offered"])
        session = Session(**data)
    except (ValueError, TypeError, KeyError):
        return Session()
    known = session.language in (None, *LANGUAGES) and session.aspect in ASPECTS
    return session if known and session.version == Session().version else Session()


class Sessions:
    """What each conversation remembers. Raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Redis, *, ttl: timedelta) -> None:
        self._redis = redis
        self._ttl = ttl

    async def load(self, channel: str, conversation: str) -> Session:
        async with outage():
            stored = await self._redis.get(conversation_key(SESSION, channel, conversation))
            return session_from_json(str(stored) if stored is not None else None)

    async def save(self, channel: str, conversation: str, session: Session) -> None:
        async with outage():
            key = conversation_key(SESSION, channel, conversation)
            await self._redis.set(key, session_to_json(session), ex=self._ttl)

    async def delete(self, channel: str, conversation: str) -> None:
        """Forget the conversation wholly, what a web page has shown included."""
        async with outage():
            keys = (conversation_key(pattern, channel, conversation) for pattern in (SESSION, WEB_EVENTS, RATE))
            await self._redis.delete(*keys)

    @asynccontextmanager
    async def turn(self, channel: str, conversation: str) -> AsyncIterator[None]:
        """Only one turn of a conversation at a time, over all processes."""
        key = conversation_key(TURN_LOCK, channel, conversation)
        seconds = TURN_TTL.total_seconds()
        lock = Lock(self._redis, key, timeout=seconds, blocking_timeout=seconds, sleep=0.01)
        async with outage():
            if not await lock.acquire():
                raise StoreUnavailable("another turn of this conversation does not end")
        try:
            yield
        finally:
            try:
                async with outage():
                    await lock.release()
            except StoreUnavailable as error:
                if not isinstance(error.__cause__, LockError):
                    raise

    async def may_send(self, channel: str, conversation: str, *, per_minute: int) -> bool:
        """Count a message; False once more than `per_minute` came within a minute of the first."""
        async with outage():
            key = conversation_key(RATE, channel, conversation)
            pipe = self._redis.pipeline(transaction=True)
            pipe.set(key, 0, ex=RATE_TTL, nx=True)
            pipe.incr(key)
            return int((await pipe.execute())[1]) <= per_minute


class WebEvents:
    """What a web page has shown, so that a reload or a torn connection misses nothing.

    Events are JSON texts; their ids are Redis stream ids and serve as SSE ids.
    """

    def __init__(self, redis: Redis, *, ttl: timedelta) -> None:
        self._redis = redis
        self._ttl = ttl

    async def is_new(self, conversation: str, client_id: str) -> bool:
        """False when this POST was already taken (the browser repeats it after a torn connection)."""
        async with outage():
            key = conversation_key(SEEN, "web", conversation, client_id)
            return bool(await self._redis.set(key, 1, nx=True, ex=SEEN_TTL))

    async def append(self, conversation: str, *events: str) -> list[str]:
        """Add events and wake the pages that wait for them; the new ids."""
        async with outage():
            key = conversation_key(WEB_EVENTS, "web", conversation)
            pipe = self._redis.pipeline(transaction=True)
            for event in events:
                pipe.xadd(key, {"event": event}, maxlen=WEB_EVENTS_KEPT, approximate=False)
            pipe.expire(key, self._ttl)
            pipe.publish(key, "new")
            return [str(i) for i in (await pipe.execute())[: len(events)]]

    async def after(self, conversation: str, last_id: str) -> list[tuple[str, str]]:
        """(id, event) of all that came after `last_id`; all that is kept for ""."""
        async with outage():
            key = conversation_key(WEB_EVENTS, "web", conversation)
            rows = await self._redis.xrange(key, f"({last_id}" if last_id else "-")
            return [(str(i), str(fields["event"])) for i, fields in rows or () if fields]
