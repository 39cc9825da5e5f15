"""Real Redis servers on free ports: a single one, one with a replica and a Sentinel, a cluster of three."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from bot.store.keys import READY

HOST = "127.0.0.1"
SLOTS = 16384
MASTER = "xa"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Servers that start or change roles refuse questions meanwhile."""
    end = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except RedisError:
            pass
        assert time.monotonic() < end, "the servers do not become what they should"
        time.sleep(0.02)


@dataclass
class Server:
    """One process, its data in `folder`."""

    folder: Path
    options: dict[str, Any]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self, *, sentinel: bool = False) -> None:
        """Until it listens. Its settings are a file, which a Sentinel insists on and writes to."""
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            pytest.skip("needs redis-server or valkey-server")
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "redis.conf"
        if not config.exists():
            options = {"bind": HOST, "port": self.port, "dir": self.folder, **self.options}
            config.write_text("".join(f"{name} {value}\n" for name, value in options.items()))
        with (self.folder / "log").open("ab") as log:
            mode = ["--sentinel"] if sentinel else []
            self.process = subprocess.Popen([program, str(config), *mode], stdout=log, stderr=log)
        wait(self.client().ping)

    def stop(self) -> None:
        """As a power cut does."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def client(self) -> Redis:
        return Redis(host=HOST, port=self.port, decode_responses=True)

    def ask(self, *command: object) -> Any:
        return self.client().execute_command(*command)  # type: ignore[no-untyped-call]


@contextmanager
def _running(*servers: Server) -> Iterator[None]:
    with ExitStack() as stack:
        for server in servers:
            stack.callback(server.stop)
            server.start()
        yield


@contextmanager
def single(folder: Path) -> Iterator[str]:
    """Without persistence; its URL."""
    server = Server(folder, {"save": '""', "appendonly": "no"})
    with _running(server):
        yield f"redis://{HOST}:{server.port}/0"


@dataclass(frozen=True)
class Durable:
    """One server with its append-only file, as the one that comes with us."""

    server: Server

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.server.port}/0"

    def fail(self, meanwhile: Callable[[], object]) -> None:
        """It dies, and comes back with its data once `meanwhile` was seen."""
        self.server.stop()
        wait(meanwhile)
        self.server.start()


@contextmanager
def durable(folder: Path) -> Iterator[Durable]:
    server = Server(folder, {"save": '""', "appendonly": "yes", "appendfsync": "no", "aof-use-rdb-preamble": "no"})
    with _running(server):
        yield Durable(server)


@dataclass(frozen=True)
class Cluster:
    """Three masters, each with a third of the slots, none with a replica."""

    nodes: list[Server]

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'{HOST}:{node.port}' for node in self.nodes)}"

    def wait_until_whole(self) -> None:
        def whole() -> bool:
            seen = [node.ask("CLUSTER INFO") for node in self.nodes]
            return all(one["cluster_state"] == "ok" and one["cluster_known_nodes"] == "3" for one in seen)

        wait(whole)

    def flush(self) -> None:
        for node in self.nodes:
            node.client().flushall()

    def fail(self, meanwhile: Callable[[], object] = lambda: True, *, number: int | None = None) -> None:
        """The node with the stream of words, or the named one, dies; all refuse to serve; it comes back with its data."""
        of_ready = [node for node in self.nodes if node.client().keys(READY)]
        dead = of_ready[0] if number is None else self.nodes[number]
        dead.stop()
        others = [node for node in self.nodes if node is not dead]
        wait(lambda: all(node.ask("CLUSTER INFO")["cluster_state"] == "fail" for node in others))
        wait(meanwhile)
        dead.start()
        self.wait_until_whole()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Each node writes what it is told before it answers, so that a killed one comes back with it."""
    nodes = []
    for number in range(3):
        options = {"cluster-enabled": "yes", "cluster-port": free_port(), "cluster-node-timeout": 2000}
        options |= {"save": '""', "appendonly": "yes", "appendfsync": "no"}
        nodes.append(Server(folder / f"node{number}", options))
    with _running(*nodes):
        edges = [SLOTS * part // 3 for part in range(4)]
        for node, (first, after) in zip(nodes, pairwise(edges), strict=True):
            node.ask("CLUSTER ADDSLOTSRANGE", first, after - 1)
        for other in nodes[1:]:
            meet = ("CLUSTER MEET", HOST, other.port, other.options["cluster-port"])
            nodes[0].ask(*meet)
        made = Cluster(nodes)
        made.wait_until_whole()
        yield made


@dataclass(frozen=True)
class Watched:
    """A master, two replicas and their Sentinel. Three, so that the next master has a replica and may write."""

    three: list[Server]
    sentinel: Server

    @property
    def url(self) -> str:
        return f"redis+sentinel://{HOST}:{self.sentinel.port}/{MASTER}/0"

    def fail(self, meanwhile: Callable[[], object] = lambda: True) -> None:
        """The master dies, and the Sentinel makes a replica master."""
        before = self.master()
        next(server for server in self.three if server.port == before).stop()
        wait(lambda: self.master() != before)

    def master(self) -> int:
        """The port of the present master, by the Sentinel's word."""
        found = self.sentinel.ask("SENTINEL GET-MASTER-ADDR-BY-NAME", MASTER)
        return int(found[1])


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """The master refuses to write what it could not hand to the replica: what was accepted outlives the change of roles."""
    options = {"save": '""', "appendonly": "no", "min-replicas-to-write": 1, "repl-diskless-sync-delay": 0}
    master = Server(folder / "master", options)
    replicas = [Server(folder / f"replica{n}", options | {"replicaof": f"{HOST} {master.port}"}) for n in range(2)]
    settings = {
        "sentinel monitor": f"{MASTER} {HOST} {master.port} 1",
        "sentinel down-after-milliseconds": f"{MASTER} 1000",
        "sentinel failover-timeout": f"{MASTER} 5000",
    }
    sentinel = Server(folder / "sentinel", settings)
    with _running(master, *replicas), ExitStack() as stack:
        wait(lambda: master.client().info("replication")["connected_slaves"] == len(replicas))
        stack.callback(sentinel.stop)
        sentinel.start(sentinel=True)
        wait(lambda: len(sentinel.ask("SENTINEL REPLICAS", MASTER)) == len(replicas))
        yield Watched([master, *replicas], sentinel)
