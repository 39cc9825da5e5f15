"""The real Caddy with bot/Caddyfile before the real web server: what citizens and platforms get through it."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx2
import pytest

from bot.web import SECURITY_HEADERS
from tests.proxies import CADDY, Proxy, proxy_before
from tests.web_rig import Rig, web_rig

pytestmark = pytest.mark.skipif(CADDY is None, reason="needs caddy")


@pytest.fixture
def web_port(free_port: int) -> int:
    return free_port


@pytest.fixture
def proxy(web_port: int, tmp_path: Path) -> Iterator[Proxy]:
    with proxy_before(tmp_path, web_port, patience="3s") as running:
        yield running


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
