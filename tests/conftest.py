"""Fixtures that every kind of test may use."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator

import pytest
from redis import Redis


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def free_port() -> int:
    return _free_port()


@pytest.fixture
def free_ports() -> Callable[[], int]:
    """For who needs several."""
    return _free_port


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """A real Redis (or Valkey) of this test run, without persistence."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        pytest.skip("needs redis-server or valkey-server")
    port = _free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ready to accept connections" in line:
                break
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The test run's Redis, emptied."""
    with Redis.from_url(redis_server) as redis:
        redis.flushall()
    return redis_server
