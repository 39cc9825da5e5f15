"""Real Redis servers on free ports: a single one, one with replicas and a Sentinel, a cluster with or without replicas.

Each may be guarded: reached over TLS only, by a user with few rights.
"""

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
from urllib.parse import quote

import pytest
from redis import Redis
from redis.exceptions import RedisError

from bot.store.keys import READY
from tests.redis_guard import ADMIN, PASSWORD, SENTINEL, Guard

HOST = "127.0.0.1"
SLOTS = 16384
MASTER = "xa"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait(condition: Callable[[], object], seconds: float = 40.0) -> None:
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


def url_of(guard: Guard | None, kind: str, servers: "list[Server]", path: str = "") -> str:
    """REDIS_URL as an operator writes it."""
    hosts = ",".join(f"{HOST}:{server.port}" for server in servers)
    if guard is None:
        return f"redis{kind}://{hosts}{path}"
    user = f"motcua:{quote(PASSWORD, safe='')}"
    asking = f"&sentinel_password={quote(SENTINEL, safe='')}" if kind == "+sentinel" else ""
    return f"rediss{kind}://{user}@{hosts}{path}?ssl_ca_certs={guard.certificate.authority}{asking}"


@dataclass
class Server:
    """One process, its data in `folder`."""

    folder: Path
    options: dict[str, Any]
    guard: Guard | None = None
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
            if self.guard:
                options |= self.guard.options(self.port)
                options |= {"requirepass": f'"{SENTINEL}"'} if sentinel else self.guard.users
            config.write_text("".join(f"{name} {value}\n" for name, value in options.items()))
        with (self.folder / "log").open("ab") as log:
            mode = ["--sentinel"] if sentinel else []
            self.process = subprocess.Popen([program, str(config), *mode], stdout=log, stderr=log)
        process = self.process
        wait(lambda: process.poll() is not None or self.client().ping())
        assert process.poll() is None, (self.folder / "log").read_text()

    def stop(self) -> None:
        """As a power cut does."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def client(self) -> Redis:
        """As the admin."""
        guarded: dict[str, Any] = {}
        if self.guard:
            sentinel = any(name.startswith("sentinel") for name in self.options)
            guarded = {"ssl": True, "ssl_ca_certs": str(self.guard.certificate.authority)}
            guarded |= {"password": SENTINEL if sentinel else ADMIN}
        return Redis(host=HOST, port=self.port, decode_responses=True, **guarded)

    def ask(self, *command: object) -> Any:
        return self.client().execute_command(*command)  # type: ignore[no-untyped-call]


@contextmanager
def running(*servers: Server) -> Iterator[None]:
    with ExitStack() as stack:
        for server in servers:
            stack.callback(server.stop)
            server.start()
        yield


@contextmanager
def single(folder: Path) -> Iterator[str]:
    """Without persistence; its URL."""
    server = Server(folder, {"save": '""', "appendonly": "no"})
    with running(server):
        yield f"redis://{HOST}:{server.port}/0"


@dataclass(frozen=True)
class Durable:
    """One server with its append-only file, as the one that comes with us."""

    server: Server

    @property
    def url(self) -> str:
        return url_of(self.server.guard, "", [self.server], "/0")

    def fail(self, meanwhile: Callable[[], object]) -> None:
        """It dies, and comes back with its data once `meanwhile` was seen."""
        self.server.stop()
        wait(meanwhile)
        self.server.start()


@contextmanager
def durable(folder: Path, guard: Guard | None = None) -> Iterator[Durable]:
    options = {"save": '""', "appendonly": "yes", "appendfsync": "no", "aof-use-rdb-preamble": "no"}
    server = Server(folder, options, guard)
    with running(server):
        yield Durable(server)


@dataclass(frozen=True)
class Cluster:
    """Three nodes that had a third of the slots each when it began; `replicas` follow them, one each, or there are none."""

    nodes: list[Server]
    replicas: list[Server] = field(default_factory=list)

    @property
    def url(self) -> str:
        return url_of(self.nodes[0].guard, "+cluster", self.nodes)

    @property
    def all(self) -> list[Server]:
        return self.nodes + self.replicas

    def wait_until_whole(self, *guests: Server) -> None:
        """Every node, and `guests` that have no slots yet, knows all others and serves. To know them is not enough: for
        the time-out of nodes a newcomer holds itself for cut off, and takes no keys."""
        servers = [*self.all, *guests]

        def whole() -> bool:
            seen = [server.ask("CLUSTER INFO") for server in servers]
            known = str(len(servers))
            linked = all(
                replica.client().info("replication").get("master_link_status") == "up" for replica in self.replicas
            )
            return linked and all(one["cluster_state"] == "ok" and one["cluster_known_nodes"] == known for one in seen)

        wait(whole)

    def flush(self) -> None:
        for node in self.nodes:
            node.client().flushall()

    def fail(self, meanwhile: Callable[[], object] = lambda: True, *, number: int | None = None) -> None:
        """The node with the stream of words, or the named one, dies. Its replica takes over; where there is none, all
        refuse to serve, and it comes back with its data."""
        dead = self.with_key(READY) if number is None else self.nodes[number]
        dead.stop()
        others = [node for node in self.nodes if node is not dead]
        if self.replicas:
            heir = self.replicas[self.nodes.index(dead)]
            wait(lambda: heir.client().info("replication")["role"] == "master")
            wait(lambda: all(node.ask("CLUSTER INFO")["cluster_state"] == "ok" for node in [*others, heir]))
            return
        wait(lambda: all(node.ask("CLUSTER INFO")["cluster_state"] == "fail" for node in others))
        wait(meanwhile)
        dead.start()
        self.wait_until_whole()

    def with_key(self, key: str) -> Server:
        """The master that has it."""
        return next(node for node in self.nodes if node.client().keys(key))

    def meet(self, other: Server) -> None:
        self.nodes[0].ask("CLUSTER MEET", HOST, other.port, other.options["cluster-port"])

    def move(self, key: str, target: Server, halfway: Callable[[], object]) -> None:
        """The slot of a key that is there moves to another node, step by step as `redis-cli --cluster reshard` does it.

        Between the keys' move and the node's taking the slot, `halfway` is waited for.
        """
        source, slot = self.with_key(key), target.ask("CLUSTER KEYSLOT", key)
        names = [server.ask("CLUSTER MYID") for server in (source, target)]
        target.ask("CLUSTER SETSLOT", slot, "IMPORTING", names[0])
        source.ask("CLUSTER SETSLOT", slot, "MIGRATING", names[1])
        password = ("AUTH", ADMIN) if target.guard else ()
        while keys := source.ask("CLUSTER GETKEYSINSLOT", slot, 100):
            # a node that the machine let stand for its time-out refuses keys for as long again, and loses none
            migrate = ("MIGRATE", HOST, target.port, "", 0, 5000, *password, "KEYS", *keys)
            wait(lambda migrate=migrate: source.ask(*migrate))  # type: ignore[misc]
        wait(halfway)
        for server in (target, source):
            server.ask("CLUSTER SETSLOT", slot, "NODE", names[1])


def node_of_cluster(folder: Path, guard: Guard | None = None) -> Server:
    options = {"cluster-enabled": "yes", "cluster-port": free_port(), "cluster-node-timeout": 2000}
    options |= {"save": '""', "appendonly": "yes", "appendfsync": "no", "repl-diskless-sync-delay": 0}
    return Server(folder, options | ({"tls-cluster": "yes"} if guard else {}), guard)


@contextmanager
def cluster(folder: Path, guard: Guard | None = None, *, replicas: bool = False) -> Iterator[Cluster]:
    """Each node writes what it is told before it answers, so that a killed one comes back with it."""
    servers = [node_of_cluster(folder / f"node{number}", guard) for number in range(6 if replicas else 3)]
    with running(*servers):
        made = Cluster(servers[:3], servers[3:])
        edges = [SLOTS * part // 3 for part in range(4)]
        for node, (first, after) in zip(made.nodes, pairwise(edges), strict=True):
            node.ask("CLUSTER ADDSLOTSRANGE", first, after - 1)
        for other in made.all[1:]:
            made.meet(other)
        for node, replica in zip(made.nodes, made.replicas, strict=False):
            name = node.ask("CLUSTER MYID")
            wait(lambda replica=replica, name=name: replica.ask("CLUSTER REPLICATE", name))  # type: ignore[misc]
        made.wait_until_whole()
        yield made


@dataclass(frozen=True)
class Watched:
    """A master, two replicas and their Sentinel. Three, so that the next master has a replica and may write."""

    three: list[Server]
    sentinel: Server

    @property
    def url(self) -> str:
        return url_of(self.sentinel.guard, "+sentinel", [self.sentinel], f"/{MASTER}/0")

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
def watched(folder: Path, guard: Guard | None = None) -> Iterator[Watched]:
    """The master refuses to write what it could not hand to the replica: what was accepted outlives the change of roles."""
    options = {"save": '""', "appendonly": "no", "min-replicas-to-write": 1, "repl-diskless-sync-delay": 0}
    master = Server(folder / "master", options, guard)
    following = options | {"replicaof": f"{HOST} {master.port}"}
    replicas = [Server(folder / f"replica{n}", following, guard) for n in range(2)]
    settings = {
        "sentinel monitor": f"{MASTER} {HOST} {master.port} 1",
        "sentinel down-after-milliseconds": f"{MASTER} 1000",
        "sentinel failover-timeout": f"{MASTER} 5000",
    }
    settings |= {"sentinel auth-pass": f"{MASTER} {ADMIN}"} if guard else {}
    sentinel = Server(folder / "sentinel", settings, guard)
    with running(master, *replicas), ExitStack() as stack:
        wait(lambda: master.client().info("replication")["connected_slaves"] == len(replicas))
        stack.callback(sentinel.stop)
        sentinel.start(sentinel=True)
        wait(lambda: len(sentinel.ask("SENTINEL REPLICAS", MASTER)) == len(replicas))
        yield Watched([master, *replicas], sentinel)
