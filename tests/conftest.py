"""Fixtures that every kind of test may use."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from redis import Redis

from bot.store import rights
from tests import redis_servers
from tests.redis_guard import Guard, issue
from tests.redis_servers import HOST, Cluster

# how long something takes is measured in tests/load, never judged by a test: it would depend on the machine
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture
def free_port() -> int:
    return redis_servers.free_port()


@pytest.fixture
def free_ports() -> Callable[[], int]:
    """For who needs several."""
    return redis_servers.free_port


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis (or Valkey) of this test run."""
    with redis_servers.single(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The test run's Redis, emptied."""
    with Redis.from_url(redis_server) as redis:
        redis.flushall()
    return redis_server


@pytest.fixture(scope="session")
def cluster_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A real cluster of this test run."""
    with redis_servers.cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture
def redis_cluster(cluster_servers: Cluster) -> Cluster:
    """The test run's cluster, emptied."""
    cluster_servers.flush()
    return cluster_servers


@pytest.fixture
def cluster_url(redis_cluster: Cluster) -> str:
    return redis_cluster.url


@pytest.fixture(scope="session")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Guard:
    """A certificate of a private authority, and a user with the rights that our documentation gives."""
    return Guard(issue(tmp_path_factory.mktemp("tls"), HOST), rights.RULES)
