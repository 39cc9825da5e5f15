"""The real Caddy with bot/Caddyfile, on free ports, before web servers of this machine."""

import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.redis_servers import free_port

ROOT = Path(__file__).resolve().parents[1]
CADDY = shutil.which("caddy", path=str(Path(sys.executable).parent)) or shutil.which("caddy")


@dataclass
class Proxy:
    """A running Caddy for https://localhost, on ports of this test."""

    process: subprocess.Popen[bytes]
    http: str
    https: str
    log: Path
    tls: ssl.SSLContext

    def client(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.https, verify=self.tls, timeout=20, trust_env=False)


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def has_certificate(port: int, authority: Path) -> bool:
    """Whether it speaks TLS already: the authority of localhost and its certificate are made after the start."""
    try:
        tls = ssl.create_default_context(cafile=str(authority))
        with socket.create_connection(("127.0.0.1", port)) as line, tls.wrap_socket(line, server_hostname="localhost"):
            return True
    except OSError:
        return False


@contextmanager
def proxy_before(folder: Path, *web_ports: int, patience: str = "20s") -> Iterator[Proxy]:
    """`patience`: how long a request waits for a web server."""
    assert CADDY is not None
    http, https, health = free_port(), free_port(), free_port()
    text = (ROOT / "bot" / "Caddyfile").read_text("utf-8")
    lines = {"web:8080": " ".join(f"127.0.0.1:{port}" for port in web_ports), "http_port 8080": f"http_port {http}"}
    lines |= {"https_port 8443": f"https_port {https}", ":8081": f":{health}", "_duration 20s": f"_duration {patience}"}
    for old, new in lines.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "Caddyfile").write_text(text, "utf-8")
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [CADDY, "run", "--config", str(folder / "Caddyfile")],
            env={"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        authority = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        until(lambda: process.poll() is not None or has_certificate(https, authority))
        assert httpx2.get(f"http://127.0.0.1:{health}/", trust_env=False).text == "ok", log.read_text("utf-8")
        tls = ssl.create_default_context(cafile=str(authority))
        yield Proxy(process, f"http://localhost:{http}", f"https://localhost:{https}", log, tls)
    finally:
        process.terminate()
        process.wait(20)
