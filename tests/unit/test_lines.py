"""Connections over TLS: reading the trusted certificates takes so long that a burst of connections may do it only once."""

from typing import Any

import pytest
from redis.asyncio import RedisCluster

from bot.store.redis import connect


def line(redis_url: str) -> Any:
    """A connection as the next command would open it."""
    redis: Any = connect(redis_url)
    if isinstance(redis, RedisCluster):
        return redis.startup_nodes[0].acquire_connection()
    return redis.connection_pool.make_connection()


LAX = "ssl_exclude_verify_flags=VERIFY_X509_STRICT"  # which some private authorities need from Python 3.13 on


@pytest.mark.parametrize(
    "kind", ["rediss://a:1", f"rediss://a:1?{LAX}", "rediss+sentinel://a:1/xa", "rediss+cluster://a:1"]
)
def test_certificates_are_read_once_for_all_connections(kind: str) -> None:
    assert line(kind).ssl_context.get() is line(kind).ssl_context.get()


def test_what_one_url_trusts_another_need_not() -> None:
    trusting = line("rediss://a:1?ssl_cert_reqs=none").ssl_context
    assert trusting.cert_reqs != line("rediss://a:1").ssl_context.cert_reqs
