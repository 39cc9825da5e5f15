"""Sessions and the web page's events in Redis. The only module that opens connections.

A cluster moves a transaction only through a thread and a loop of its own in redis-py, and has no clock in common: what must
happen together is therefore a script, and so is what needs the time. That works on every kind of server.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis, RedisCluster, Sentinel
from redis.asyncio.client import PubSub
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.lock import Lock
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool, SentinelManagedConnection, SentinelManagedSSLConnection
from redis.backoff import NoBackoff
from redis.exceptions import LockError, RedisClusterException, RedisError, ResponseError

from bot.errors import StoreUnavailable
from bot.messages import ASPECTS, LANGUAGES, Choice, Session
from bot.store.address import read
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

type Client = Redis | RedisCluster
_ALWAYS: dict[str, Any] = {"decode_responses": True, "socket_timeout": 3, "socket_connect_timeout": 2}
_TRIES_AGAIN = 3  # of one command in a cluster, each with a fresh look at which node has what


class _Master(SentinelManagedConnection):
    """A master that has lost its replicas may be a former one whom nobody has told yet (that takes a Sentinel up to twenty
    seconds): the next try asks again who is master. redis-py itself does so where it hears READONLY."""

    async def read_response(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return await super().read_response(*args, **kwargs)
        except ResponseError as error:
            if str(error).startswith("NOREPLICAS"):
                await self.disconnect()
            raise


class _MasterOverTls(_Master, SentinelManagedSSLConnection):
    pass


class _MasterPool(SentinelConnectionPool):
    """Asks the Sentinels who the master is, for each new connection; closes what it asked through."""

    async def aclose(self) -> None:
        await super().aclose()
        await self.sentinel_manager.aclose()


def connect(url: str) -> Client:
    """A pool of connections; nothing is sent before the first command. Times out rather than hangs. Raises WrongAddress.

    The Sentinels are asked without a password: the one in the URL is for the Redis that they watch.
    """
    address = read(url)
    options = {**_ALWAYS, **address.options}
    if address.kind == "cluster":
        nodes = [ClusterNode(host, port) for host, port in address.nodes]
        return RedisCluster(startup_nodes=nodes, retry=Retry(NoBackoff(), _TRIES_AGAIN), **options)
    if address.kind == "sentinel":
        asking = {key: value for key, value in options.items() if key.startswith(("socket_", "ssl"))}
        asking["retry"] = Retry(NoBackoff(), 0)  # there are others to ask
        how = _MasterOverTls if options.pop("ssl", False) else _Master
        sentinel = Sentinel(address.nodes, sentinel_kwargs=asking, **options)  # type: ignore[no-untyped-call]
        master: Redis = sentinel.master_for(address.name, connection_pool_class=_MasterPool, connection_class=how)
        return master
    return Redis.from_url(url, **_ALWAYS)


async def run(redis: Client, script: str, keys: Sequence[str], *arguments: str | int | float) -> Any:
    """Several commands as one. All keys must lie in one slot: those of one conversation, or one that stands alone."""
    return await redis.eval(script, len(keys), *keys, *arguments)


async def subscription(redis: Client) -> PubSub:
    """For words that are published. In a cluster any node hears all of them: the next try may get another one."""
    if isinstance(redis, RedisCluster):
        await redis.initialize()
        return redis.pubsub(node=redis.get_random_node())
    return redis.pubsub()


async def server_version(url: str) -> str:
    """The version of the server, in Redis's numbers for Valkey too. Raises StoreUnavailable when none answers."""
    async with outage(), connect(url) as redis:
        return str((await redis.info("server"))["redis_version"])


@asynccontextmanager
async def outage() -> AsyncIterator[None]:
    """Whatever keeps Redis from answering becomes StoreUnavailable."""
    try:
        yield
    except (RedisError, RedisClusterException, OSError) as error:
        raise StoreUnavailable(str(error)) from error


# KEYS rate; ARGV seconds
_COUNT = """
redis.call('SET', KEYS[1], 0, 'EX', ARGV[1], 'NX')
return redis.call('INCR', KEYS[1])
"""
# KEYS events; ARGV seconds, most events to keep, event …
_APPEND = """
local ids = {}
for i = 3, #ARGV do ids[#ids + 1] = redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[2], '*', 'event', ARGV[i]) end
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', KEYS[1], 'new')
return ids
"""


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

    def __init__(self, redis: Client, *, ttl: timedelta) -> None:
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
            return int(await run(self._redis, _COUNT, [key], int(RATE_TTL.total_seconds()))) <= per_minute


class WebEvents:
    """What a web page has shown, so that a reload or a torn connection misses nothing.

    Events are JSON texts; their ids are Redis stream ids and serve as SSE ids.
    """

    def __init__(self, redis: Client, *, ttl: timedelta) -> None:
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
            seconds = int(self._ttl.total_seconds())
            return [str(i) for i in await run(self._redis, _APPEND, [key], seconds, WEB_EVENTS_KEPT, *events)]

    async def after(self, conversation: str, last_id: str) -> list[tuple[str, str]]:
        """(id, event) of all that came after `last_id`; all that is kept for ""."""
        async with outage():
            key = conversation_key(WEB_EVENTS, "web", conversation)
            rows = await self._redis.xrange(key, f"({last_id}" if last_id else "-")
            return [(str(i), str(fields["event"])) for i, fields in rows or () if fields]
