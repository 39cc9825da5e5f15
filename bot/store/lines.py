"""Connections to Redis, where those of redis-py do not do: over TLS, to a watched master, to a node of a cluster."""

from typing import Any

from redis.asyncio.connection import Connection, RedisSSLContext, SSLConnection
from redis.asyncio.sentinel import (
    MasterNotFoundError,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)
from redis.exceptions import AskError, AuthenticationError, MovedError, RedisError, ResponseError, TryAgainError
from redis.exceptions import ConnectionError as NotConnected

_read: dict[tuple[str, ...], RedisSSLContext] = {}


class OverTls(SSLConnection):
    """Certificates are read once a process: for every connection anew, as redis-py does, a burst of them stopped the loop
    for seconds, longer than a connection may take."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        mine = self.ssl_context
        wanted = tuple(repr(getattr(mine, name)) for name in RedisSSLContext.__slots__ if name != "context")
        self.ssl_context = _read.setdefault(wanted, mine)


class Master(SentinelManagedConnection):
    """A master that has lost its replicas may be a former one whom nobody has told yet (that takes a Sentinel up to twenty
    seconds): the next try asks again who is master. redis-py itself does so where it hears READONLY."""

    async def read_response(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return await super().read_response(*args, **kwargs)
        except ResponseError as error:
            if str(error).startswith("NOREPLICAS"):
                await self.disconnect()
            raise


class MasterOverTls(Master, OverTls, SentinelManagedSSLConnection):
    pass


class SentinelDenied(AuthenticationError):
    """It is the Sentinel that wants another password, not the Redis that it watches."""


class MasterPool(SentinelConnectionPool):
    """Asks the Sentinels who the master is, for each new connection; closes what it asked through."""

    async def aclose(self) -> None:
        await super().aclose()
        await self.sentinel_manager.aclose()

    async def get_master_address(self) -> Any:
        """Where no Sentinel names a master, the error's cause says what keeps us from asking; redis-py leaves that out."""
        try:
            return await super().get_master_address()  # type: ignore[no-untyped-call]
        except MasterNotFoundError as error:
            try:
                await self.sentinel_manager.sentinels[-1].ping()
            except AuthenticationError:
                raise error from SentinelDenied()
            except RedisError as trouble:
                raise error from trouble
            raise


class Node(Connection):
    """A slot that moves to another node is waited for, instead of asked for there.

    A script needs all its keys in one place, so until the move is over neither node runs it. And redis-py (8.1) would send
    ASKING through one connection and the command through the next, and know no node that has no slots yet.
    """

    async def send_packed_command(self, *args: Any, **kwargs: Any) -> None:
        """redis-py closes all connections when the cluster is down, also one that is about to send: no fault of the program."""
        try:
            await super().send_packed_command(*args, **kwargs)
        # what a closed transport of asyncio or uvloop raises
        except (AttributeError, RuntimeError, TypeError) as error:
            raise NotConnected("Connection lost") from error

    async def read_response(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return await super().read_response(*args, **kwargs)
        except MovedError:  # which is an AskError too
            raise
        except AskError as error:
            raise TryAgainError(f"slot {error.slot_id} is moving") from None


class NodeOverTls(Node, OverTls):
    pass
