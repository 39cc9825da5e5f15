"""How Redis is reached, and sessions as text. The only module that opens connections; lines.py says of what kind.

A cluster moves a transaction only through a thread and a loop of its own in redis-py, and has no clock in common: what must
happen together is therefore a script, and so is what needs the time. That works on every kind of server.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import cache
from typing import Any

from redis.asyncio import Redis, RedisCluster, Sentinel
from redis.asyncio.client import PubSub
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisClusterException, RedisError

from bot.errors import StoreUnavailable
from bot.messages import ASPECTS, LANGUAGES, Choice, Session
from bot.store import rights
from bot.store.address import Address, read
from bot.store.keys import PROBE, PROBE_TTL
from bot.store.lines import Master, MasterOverTls, MasterPool, Node, NodeOverTls, OverTls
from bot.store.why import why

type Client = Redis | RedisCluster
_ALWAYS: dict[str, Any] = {"decode_responses": True, "socket_timeout": 3, "socket_connect_timeout": 2}
_TRIES_AGAIN = 3  # of one command in a cluster, each with a fresh look at which node has what


def connect(url: str) -> Client:
    """A pool of connections; nothing is sent before the first command. Times out rather than hangs. Raises WrongAddress."""
    address = read(url)
    options = {**_ALWAYS, **address.options}
    if address.kind == "cluster":
        return _cluster(address, options)
    if address.kind == "sentinel":
        return _watched(address, options)
    redis: Redis = Redis.from_url(url, **_ALWAYS)
    _share_certificates(redis)
    return redis


def _cluster(address: Address, options: dict[str, Any]) -> RedisCluster:
    nodes = [ClusterNode(host, port) for host, port in address.nodes]
    # no reinitialize_steps: after every fifth MOVED redis-py would close all connections, those in use too
    cluster = RedisCluster(startup_nodes=nodes, retry=Retry(NoBackoff(), _TRIES_AGAIN), reinitialize_steps=0, **options)
    how = NodeOverTls if options.get("ssl") else Node
    cluster.nodes_manager.connection_kwargs["connection_class"] = how
    for node in cluster.startup_nodes:
        node.connection_class = how
    return cluster


def _watched(address: Address, options: dict[str, Any]) -> Redis:
    asking = {key: value for key, value in options.items() if key.startswith(("socket_", "ssl"))}
    asking |= {**address.asking, "retry": Retry(NoBackoff(), 0)}  # there are others to ask
    how = MasterOverTls if options.pop("ssl", False) else Master
    sentinel = Sentinel(address.nodes, sentinel_kwargs=asking, **options)  # type: ignore[no-untyped-call]
    for one in sentinel.sentinels:
        _share_certificates(one)
    master: Redis = sentinel.master_for(address.name, connection_pool_class=MasterPool, connection_class=how)
    return master


def _share_certificates(redis: Redis) -> None:
    pool = redis.connection_pool
    if issubclass(pool.connection_class, SSLConnection):
        pool.connection_class = OverTls


async def run(redis: Client, script: str, keys: Sequence[str], *arguments: str | int | float) -> Any:
    """Several commands as one. All keys must lie in one slot: those of one conversation, or one that stands alone."""
    try:
        return await redis.evalsha(_digest(script), len(keys), *keys, *arguments)
    except NoScriptError:  # a server that was started since, or another node
        return await redis.eval(script, len(keys), *keys, *arguments)


@cache
def _digest(script: str) -> str:
    """The name under which Redis knows a script that it ran before."""
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()


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


async def probe(redis: Client) -> None:
    """Write something: that it can be read is not enough. Raises StoreUnavailable."""
    async with outage():
        await redis.set(PROBE, "", ex=PROBE_TTL)


async def trial(url: str) -> None:
    """Raises StoreUnavailable when this Redis cannot be used: it does not answer, takes nothing, or refuses what we need."""
    async with outage(), connect(url) as redis:
        if missing := await run(redis, rights.MISSING, [PROBE], rights.CHANNELS, rights.COMMANDS):
            raise StoreUnavailable(rights.lacking(missing))
        await probe(redis)


@asynccontextmanager
async def outage() -> AsyncIterator[None]:
    """Whatever keeps Redis from serving becomes StoreUnavailable, which says in words what to do."""
    try:
        yield
    except (RedisError, RedisClusterException, OSError) as error:
        raise StoreUnavailable(why(error)) from error


def session_to_json(session: Session) -> str:
    return json.dumps(asdict(session), ensure_ascii=False, separators=(",", ":"))


def session_from_json(text: str | None) -> Session:
    """A stored session; fields that an older one lacks take their defaults. A fresh one where nothing can be read."""
    try:
        data: dict[str, Any] = json.loads(text or "")
        data["offered"] = tuple(Choice(**choice) for choice in data["offered"])
        session = Session(**data)
    except (ValueError, TypeError, KeyError):
        return Session()
    if not isinstance(session.answers, dict) or not all(isinstance(a, str) for a in session.answers.values()):
        return Session()
    known = session.language in (None, *LANGUAGES) and session.aspect in ASPECTS
    return session if known and session.version == Session().version else Session()
