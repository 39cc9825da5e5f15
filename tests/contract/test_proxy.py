"""The real Caddy with bot/Caddyfile before the real web server: what citizens and platforms get through it."""

import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx2
import pytest

from bot.web import SECURITY_HEADERS
from tests.web_rig import Rig, web_rig

ROOT = Path(__file__).resolve().parents[2]
CADDY = shutil.which("caddy", path=str(Path(sys.executable).parent)) or shutil.which("caddy")
pytestmark = [pytest.mark.timeout(60), pytest.mark.skipif(CADDY is None, reason="needs caddy")]


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


@pytest.fixture
def web_port(free_port: int) -> int:
    return free_port


@pytest.fixture
def proxy(web_port: int, free_ports: Callable[[], int], tmp_path: Path) -> Iterator[Proxy]:
    assert CADDY is not None
    http, https, health = free_ports(), free_ports(), free_ports()
    text = (ROOT / "bot" / "Caddyfile").read_text("utf-8")
    changed = {"web:8080": f"127.0.0.1:{web_port}", "http_port 8080": f"http_port {http}"}
    changed |= {
        "https_port 8443": f"https_port {https}",
        ":8081": f":{health}",
        "lb_try_duration 20s": "lb_try_duration 3s",
    }
    for old, new in changed.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (tmp_path / "Caddyfile").write_text(text, "utf-8")
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [CADDY, "run", "--config", str(tmp_path / "Caddyfile")],
            env={"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        authority = tmp_path / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        until(lambda: process.poll() is not None or has_certificate(https, authority))
        assert httpx2.get(f"http://127.0.0.1:{health}/", trust_env=False).text == "ok", log.read_text("utf-8")
        tls = ssl.create_default_context(cafile=str(authority))
        yield Proxy(process, f"http://localhost:{http}", f"https://localhost:{https}", log, tls)
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def rig(redis_url: str, web_port: int) -> Iterator[Rig]:
    with web_rig(redis_url, web_port, public_url="https://localhost") as rig:
        yield rig


def test_a_citizen_gets_the_page_by_https_with_the_headers_of_the_app(proxy: Proxy, rig: Rig) -> None:
    assert httpx2.get(f"{proxy.http}/?a=b", trust_env=False).headers["location"] == "https://localhost/?a=b"
    with proxy.client() as citizen:
        page = citizen.get("/")
        assert page.status_code == 200 and page.headers["content-encoding"]
        assert all(page.headers[name] == value for name, value in SECURITY_HEADERS.items())
        assert "Secure" in page.headers["set-cookie"]
        assert [citizen.get(path).status_code for path in ("/healthz", "/readyz", "/metrics")] == [200, 404, 404]


def test_an_answer_comes_through_while_the_stream_stays_open(proxy: Proxy, rig: Rig) -> None:
    with proxy.client() as citizen:
        citizen.get("/")
        with citizen.stream("GET", "/chat/events") as stream:
            assert "content-encoding" not in stream.headers
            lines = stream.iter_lines()
            assert "event: synced" in (next(lines) for _ in range(20))
            sent = citizen.post("/chat/messages", json={"cid": "0123456789abcdef", "text": "khai sinh"})
            assert sent.status_code == 202
            assert next(line for line in lines if '"assistant"' in line and "Trả lời: khai sinh" in line)
        assert rig.pipeline.texts() == ["khai sinh"]


class Swallower(BaseHTTPRequestHandler):
    """A server that reads all it is sent before it answers; ours would refuse sooner."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_too_large_a_body_is_stopped(proxy: Proxy, web_port: int) -> None:
    with ThreadingHTTPServer(("127.0.0.1", web_port), Swallower) as server, proxy.client() as stranger:
        Thread(target=server.serve_forever, daemon=True).start()
        assert [stranger.post("/", content=b" " * size).status_code for size in (400_000, 600_000)] == [200, 413]
        server.shutdown()


def test_what_fails_is_logged_without_the_request(proxy: Proxy) -> None:
    with proxy.client() as platform:
        headers = {"X-Telegram-Bot-Api-Secret-Token": "a-token"}
        answer = platform.post("/webhook/telegram?from=someone", headers=headers, content=b"a question")
    assert answer.status_code == 502
    log = proxy.log.read_text("utf-8")
    assert "connection refused" in log
    assert not any(word in log for word in ("a-token", "someone", "a question", "python-httpx", "remote_ip"))


def test_a_request_waits_while_web_is_being_replaced(proxy: Proxy, redis_url: str, web_port: int) -> None:
    port = int(proxy.https.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port)) as line,
        proxy.tls.wrap_socket(line, server_hostname="localhost") as citizen,
    ):
        citizen.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        citizen.settimeout(0.5)
        with pytest.raises(TimeoutError):
            citizen.recv(1)
        citizen.settimeout(20)
        with web_rig(redis_url, web_port):
            assert citizen.recv(100).startswith(b"HTTP/1.1 200")
