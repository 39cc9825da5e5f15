"""The web channel over real HTTP: what a browser, a proxy or an attacker may send, and what it gets."""

import json
import secrets
import socket
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from redis import Redis

from bot.channels.web import COOKIE, assistant_event
from bot.messages import Reply
from bot.processes import GRACE
from bot.store.keys import TURN_LOCK, WEB_EVENTS, conversation_key
from bot.web import STATIC
from tests.web_rig import BIRTH, Rig, web_rig


@pytest.fixture
def rig(redis_url: str, free_port: int) -> Iterator[Rig]:
    with web_rig(redis_url, free_port, messages_per_minute=20) as rig:
        yield rig


@pytest.fixture
def browser(rig: Rig) -> Iterator[httpx2.Client]:
    """A client that has opened the page, as a browser would."""
    with httpx2.Client(base_url=rig.url, timeout=20) as client:
        assert client.get("/").status_code == 200
        yield client


def cid() -> str:
    return secrets.token_hex(16)


def send(client: httpx2.Client, text: str, *, id: str = "", **more: str) -> httpx2.Response:
    return client.post("/chat/messages", json={"cid": id or cid(), "text": text, **more})


def until(condition: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


class Stream:
    """An open event stream, read in its own thread; byte for byte, so that it can be torn anywhere."""

    def __init__(self, rig: Rig, sid: str, last: str = "", *, stop_after: int = 0, query: bool = False) -> None:
        self.raw = b""
        self.ended = threading.Event()
        self._stop_after = stop_after
        port = int(rig.url.rpartition(":")[2])
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        path = f"/chat/events?after={last}" if query else "/chat/events"
        header = f"Last-Event-ID: {last}\r\n" if last and not query else ""
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {COOKIE}={sid}\r\n{header}\r\n"
        self._socket.sendall(request.encode())
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while not self._stop_after or len(self.body) < self._stop_after:
            try:
                data = self._socket.recv(1 if self._stop_after else 65536)
            except OSError:
                break
            if not data:
                break
            self.raw += data
        self._socket.close()
        self.ended.set()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)

    @property
    def body(self) -> bytes:
        """What has come of it so far, its chunks put together."""
        rest, body = self.raw.partition(b"\r\n\r\n")[2], b""
        while b"\r\n" in rest and (length := int(rest.partition(b"\r\n")[0], 16)):
            data = rest.partition(b"\r\n")[2]
            body, rest = body + data[:length], data[length + 2 :]
        return body

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """(id, event) of the frames that came whole."""
        found = []
        for block in self.body.split(b"\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in block.decode().splitlines() if not line.startswith(":"))
            if "id" in fields:
                found.append((fields["id"], json.loads(fields["data"])))
        return found

    @property
    def synced(self) -> bool:
        return b"event: synced\ndata: {}\n\n" in self.body


def history(rig: Rig, client: httpx2.Client) -> list[tuple[str, dict[str, Any]]]:
    stream = Stream(rig, client.cookies[COOKIE])
    until(lambda: stream.synced)
    stream.close()
    return stream.events


def test_page_gives_a_session_and_strict_headers(rig: Rig) -> None:
    response = httpx2.get(rig.url)
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Max-Age=604800" in cookie and "Secure" not in cookie
    assert len(response.cookies[COOKIE]) == 43
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'self'" in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert '<html lang="vi">' in response.text and 'href="tel:0000100100"' in response.text
    assert " style=" not in response.text and " onclick=" not in response.text
    again = httpx2.get(rig.url, cookies={COOKIE: response.cookies[COOKIE]})
    assert again.cookies[COOKIE] == response.cookies[COOKIE]
    forged = httpx2.get(rig.url, cookies={COOKIE: "x"})
    assert len(forged.cookies[COOKIE]) == 43


def test_cookie_is_secure_behind_https(redis_url: str, free_port: int) -> None:
    with web_rig(redis_url, free_port, public_url="https://hoi.benmau.example.gov.vn", session_days=2) as rig:
        cookie = httpx2.get(rig.url).headers["set-cookie"]
        assert "Secure" in cookie and "Max-Age=172800" in cookie
        sid = cookie.partition("=")[2].partition(";")[0]
        headers = {"Origin": "https://hoi.benmau.example.gov.vn", "Cookie": f"{COOKIE}={sid}"}
        body = {"cid": cid(), "text": "chào"}
        assert httpx2.post(f"{rig.url}/chat/messages", json=body, headers=headers).status_code == 202


def test_static_files_are_cached_by_version(rig: Rig) -> None:
    page = httpx2.get(rig.url).text
    url = page.partition('type="module" src="')[2].partition('"')[0]
    script = httpx2.get(rig.url + url)
    assert script.headers["content-type"].startswith("text/javascript")
    assert "immutable" in script.headers["cache-control"]
    plain = httpx2.get(f"{rig.url}/static/motcua-chat.js")
    assert plain.headers["cache-control"] == "no-cache"
    tag = {"If-None-Match": plain.headers["etag"]}
    assert httpx2.get(f"{rig.url}/static/motcua-chat.js", headers=tag).status_code == 304
    for name in ("page.html", "nothing.js", "..%2f..%2fweb.py", "%2e%2e%2fweb.py"):
        assert httpx2.get(f"{rig.url}/static/{name}").status_code == 404, name
    assert sum(f.stat().st_size for f in STATIC.glob("*.js")) < 30_000
    assert "innerHTML" not in script.text and "eval(" not in script.text


def test_question_and_answer_are_events(rig: Rig, browser: httpx2.Client) -> None:
    rig.pipeline.answers["entry:birth-registration"] = BIRTH
    first = send(browser, "số của tôi 079123456789")
    assert first.status_code == 202
    last = send(browser, "Làm giấy khai sinh", payload="entry:birth-registration", id="abcd-1234").json()
    assert last["cid"] == "abcd-1234"
    (_, question), (_, answer), (_, pressed), (last_id, birth) = history(rig, browser)
    assert question["sender"] == "citizen" and question["text"] == "số của tôi [số giấy tờ]"
    assert answer["sender"] == "assistant" and answer["language"] == "vi" and answer["cid"] == question["cid"]
    assert pressed["text"] == "Làm giấy khai sinh"
    assert birth["choices"][1] == {"label": "Lệ phí", "payload": "entry:birth-registration:fee"}
    assert birth["links"][0]["url"] == "https://dichvucong.gov.vn/"
    assert birth["at"].endswith("+00:00") and last_id == last["last"]
    incoming = rig.pipeline.received[-1]
    assert (incoming.channel, incoming.conversation) == ("web", browser.cookies[COOKIE])
    assert (incoming.message_id, incoming.payload) == ("abcd-1234", "entry:birth-registration")


def test_stream_headers(rig: Rig, browser: httpx2.Client) -> None:
    with browser.stream("GET", "/chat/events") as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["x-accel-buffering"] == "no"
        assert "no-cache" in response.headers["cache-control"]
        assert next(response.iter_text()).startswith("retry: 2000\n\n")
    assert httpx2.get(f"{rig.url}/chat/events").status_code == 401


def test_live_delivery_to_two_tabs(rig: Rig, browser: httpx2.Client) -> None:
    tabs = [Stream(rig, browser.cookies[COOKIE]) for _ in range(2)]
    until(lambda: all(tab.synced for tab in tabs))
    send(browser, "xin chào")
    until(lambda: all(len(tab.events) == 2 for tab in tabs))
    assert tabs[0].events == tabs[1].events
    for tab in tabs:
        tab.close()


def test_streams_of_others_stay_silent(rig: Rig, browser: httpx2.Client) -> None:
    with httpx2.Client(base_url=rig.url) as other:
        other.get("/")
        stream = Stream(rig, other.cookies[COOKIE])
        until(lambda: stream.synced)
        send(browser, "chuyện riêng")
        send(other, "chuyện khác")
        until(lambda: len(stream.events) == 2)
        assert "riêng" not in stream.body.decode()
        stream.close()


def test_resume_from_any_byte_loses_and_doubles_nothing(rig: Rig, browser: httpx2.Client) -> None:
    sid = browser.cookies[COOKIE]
    for text in ("một", "hai ứ ợ", "ba"):
        send(browser, text)
    whole = Stream(rig, sid)
    until(lambda: whole.synced)
    whole.close()
    assert len(whole.events) == 6
    for index, at in enumerate(range(1, len(whole.body), 37)):
        torn = Stream(rig, sid, stop_after=at)
        assert torn.ended.wait(20)
        last = torn.events[-1][0] if torn.events else ""
        rest = Stream(rig, sid, last, query=bool(index % 2))
        until(lambda rest=rest: rest.synced)  # type: ignore[misc]
        rest.close()
        assert torn.events + rest.events == whole.events, f"torn at byte {at}"


@pytest.mark.parametrize("last", ["nonsense", "1-2-3", "9" * 30 + "-0", "0-99999999999999999999", "-", "(0-0"])
def test_unknown_last_event_id_gives_the_whole_history(rig: Rig, browser: httpx2.Client, last: str) -> None:
    send(browser, "chào")
    stream = Stream(rig, browser.cookies[COOKIE], last)
    until(lambda: stream.synced)
    stream.close()
    assert len(stream.events) == 2


def test_lost_subscriber_comes_back(rig: Rig, browser: httpx2.Client, redis_url: str) -> None:
    stream = Stream(rig, browser.cookies[COOKIE])
    until(lambda: stream.synced)
    with Redis.from_url(redis_url) as redis:
        until(lambda: len(redis.client_list("pubsub")) == 1)
        redis.client_kill_filter(_type="pubsub")
        send(browser, "còn đó không")  # may fall into the gap: the new subscription looks again
        until(lambda: len(stream.events) == 2, seconds=10)  # well before the next ping
        until(lambda: len(redis.client_list("pubsub")) == 1)
    send(browser, "lần nữa")
    until(lambda: len(stream.events) == 4, seconds=10)
    stream.close()


def test_every_ping_looks_again(redis_url: str, free_port: int) -> None:
    with web_rig(redis_url, free_port, ping_seconds=0.2) as rig:
        sid = httpx2.get(rig.url).cookies[COOKIE]
        stream = Stream(rig, sid)
        until(lambda: b": ping\n\n" in stream.body)
        with Redis.from_url(redis_url) as redis:  # an event whose wake-up got lost
            redis.xadd(conversation_key(WEB_EVENTS, "web", sid), {"event": assistant_event(Reply("đây", "vi"), "c")})
        until(lambda: len(stream.events) == 1)
        stream.close()


def test_open_streams_do_not_keep_the_server_from_stopping(redis_url: str, free_port: int) -> None:
    with web_rig(redis_url, free_port) as rig:
        stream = Stream(rig, httpx2.get(rig.url).cookies[COOKIE])
        until(lambda: stream.synced)
        begin = time.monotonic()
    assert stream.ended.wait(20)
    assert time.monotonic() - begin < GRACE


def test_double_post_is_answered_once(rig: Rig, browser: httpx2.Client) -> None:
    one = cid()
    first, second = send(browser, "lệ phí", id=one), send(browser, "lệ phí", id=one)
    assert first.status_code == second.status_code == 202
    assert first.json() == second.json()
    assert len(history(rig, browser)) == 2 and len(rig.pipeline.received) == 1


def test_double_post_while_the_first_is_in_hand(rig: Rig, browser: httpx2.Client) -> None:
    rig.pipeline.gate.clear()
    one, answers = cid(), []
    threads = [threading.Thread(target=lambda: answers.append(send(browser, "chờ", id=one))) for _ in range(3)]
    for thread in threads:
        thread.start()
    until(lambda: len(rig.pipeline.received) == 1)
    rig.pipeline.gate.set()
    for thread in threads:
        thread.join(20)
    assert [a.status_code for a in answers] == [202] * 3
    assert len({a.json()["last"] for a in answers}) == 1
    assert len(history(rig, browser)) == 2 and len(rig.pipeline.received) == 1


def test_post_repeated_after_an_outage_is_answered(rig: Rig, browser: httpx2.Client) -> None:
    rig.pipeline.store_down = True
    one = cid()
    refused = send(browser, "còn nộp ở đâu", id=one)
    assert refused.status_code == 503 and refused.headers["retry-after"] == "3" and refused.json()["error"]
    assert history(rig, browser) == []
    rig.pipeline.store_down = False
    assert send(browser, "còn nộp ở đâu", id=one).status_code == 202
    assert len(history(rig, browser)) == 2


def test_post_repeated_after_a_crash_is_answered(rig: Rig, browser: httpx2.Client) -> None:
    rig.pipeline.broken = True
    one = cid()
    failed = send(browser, "xin chào", id=one)
    assert failed.status_code == 500 and failed.json()["code"] == "failed"
    rig.pipeline.broken = False
    assert send(browser, "xin chào", id=one).status_code == 202
    assert len(history(rig, browser)) == 2


def test_client_that_leaves_still_gets_its_answer_kept(rig: Rig, browser: httpx2.Client) -> None:
    rig.pipeline.gate.clear()
    with pytest.raises(httpx2.TimeoutException):
        browser.post("/chat/messages", json={"cid": cid(), "text": "mạng rớt"}, timeout=0.3)
    until(lambda: len(rig.pipeline.received) == 1)
    rig.pipeline.gate.set()
    stream = Stream(rig, browser.cookies[COOKIE])
    until(lambda: len(stream.events) == 2)
    stream.close()


def test_turns_of_one_conversation_keep_together(rig: Rig, browser: httpx2.Client) -> None:
    threads = [threading.Thread(target=send, args=(browser, f"câu {n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    events = [event for _, event in history(rig, browser)]
    assert len(events) == 16
    for question, answer in zip(events[::2], events[1::2], strict=True):
        assert (question["sender"], answer["sender"]) == ("citizen", "assistant")
        assert question["cid"] == answer["cid"]


@pytest.mark.parametrize("command", ["/xoa", " /XOA ", "/xoá"])
def test_erasing_leaves_only_the_confirmation(rig: Rig, browser: httpx2.Client, command: str) -> None:
    send(browser, "bí mật")
    assert send(browser, command).status_code == 202
    ((_, event),) = history(rig, browser)
    assert event["erased"] is True and event["sender"] == "assistant"


def test_what_was_erased_does_not_come_back_with_a_repeated_post(rig: Rig, browser: httpx2.Client) -> None:
    one = cid()
    first = send(browser, "bí mật", id=one)
    send(browser, "/xoa")
    again = send(browser, "bí mật", id=one)
    assert again.status_code == 202 and again.json() == first.json()
    assert [event["erased"] for _, event in history(rig, browser)] == [True] and len(rig.pipeline.received) == 2


def test_a_turn_that_was_taken_over_is_answered_once(rig: Rig, browser: httpx2.Client, redis_url: str) -> None:
    rig.pipeline.gate.clear()
    one, sid, answers = cid(), browser.cookies[COOKIE], []
    threads = [threading.Thread(target=lambda: answers.append(send(browser, "lâu quá", id=one))) for _ in range(2)]
    threads[0].start()
    until(lambda: len(rig.pipeline.received) == 1)
    with Redis.from_url(redis_url) as redis:  # as if its time were up
        assert redis.delete(conversation_key(TURN_LOCK, "web", sid)) == 1
    threads[1].start()
    until(lambda: len(rig.pipeline.received) == 2)
    rig.pipeline.gate.set()
    for thread in threads:
        thread.join(20)
    assert len({answer.json()["last"] for answer in answers}) == 1 and len(history(rig, browser)) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[" * 15000, 400),
        (b"[]", 400),
        (b'"x"', 400),
        (b"\xff\xfe", 400),
        (b'{"cid":"abcdefgh"}', 400),
        (b'{"cid":"abcdefgh","text":""}', 400),
        (b'{"cid":"abcdefgh","text":" \\n "}', 400),
        (b'{"cid":"abcdefgh","text":5}', 400),
        (b'{"cid":"abcdefgh","text":"a\\ud800"}', 400),
        (b'{"cid":"abcdefgh","text":"a","payload":["x"]}', 400),
        (b'{"cid":"abcdefgh","text":"a","payload":"' + b"p" * 201 + b'"}', 400),
        (b'{"cid":"short","text":"a"}', 400),
        (b'{"cid":"has space","text":"a"}', 400),
        (b'{"cid":"a}:b{cdefgh","text":"a"}', 400),
        (b'{"cid":"abcdefgh","text":"' + b"a" * 2001 + b'"}', 413),
        (b'{"cid":"abcdefgh","text":"' + b"a" * 17000 + b'"}', 413),
        (b'{"cid":"abcdefgh","text":"\\u200b\\ufeff"}', 400),
        (b'{"cid":"abcdefgh","text":"' + "ứ".encode() * 2000 + b'"}', 202),
        (b'{"cid":"abcdefgh","text":"' + unicodedata.normalize("NFD", "ứ" * 2000).encode() + b'"}', 202),
    ],
)
def test_bodies(rig: Rig, browser: httpx2.Client, body: bytes, status: int) -> None:
    response = browser.post("/chat/messages", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status
    assert status == 202 or response.json()["error"]
    if status == 413:
        assert "dài quá" in response.json()["error"] and "too long" in response.json()["error"]
    assert len(rig.pipeline.received) == (status == 202)


@pytest.mark.parametrize("cookie", [None, "", "short", "a" * 42, "a" * 44, "a" * 42 + "!", "ơ"])
def test_post_without_a_session(rig: Rig, cookie: str | None) -> None:
    headers = {} if cookie is None else {b"Cookie": f"{COOKIE}={cookie}".encode()}
    response = httpx2.post(f"{rig.url}/chat/messages", json={"cid": cid(), "text": "a"}, headers=headers)
    assert response.status_code == 401 and response.json()["code"] == "session"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 202),
        ({"Content-Type": "text/plain"}, 415),
        ({}, 202),
    ],
)
def test_only_our_own_page_may_post(rig: Rig, browser: httpx2.Client, headers: dict[str, str], status: int) -> None:
    body = json.dumps({"cid": cid(), "text": "a"}).encode()
    headers = {"Content-Type": "application/json"} | headers
    assert browser.post("/chat/messages", content=body, headers=headers).status_code == status
    own = browser.post("/chat/messages", json={"cid": cid(), "text": "a"}, headers={"Origin": rig.url})
    assert own.status_code == 202


def test_rate_limit(rig: Rig, browser: httpx2.Client) -> None:
    for _ in range(20):
        assert send(browser, "nhanh").status_code == 202
    slow = send(browser, "nhanh")
    assert slow.status_code == 429 and int(slow.headers["retry-after"]) > 0 and slow.json()["error"]
    assert len(rig.pipeline.received) == 20


def test_health(rig: Rig, free_port: int, redis_url: str) -> None:
    assert httpx2.get(f"{rig.url}/healthz").json() == {"status": "ok"}
    assert httpx2.get(f"{rig.url}/readyz").json() == {"redis": True, "nlu": None, "content_problems": []}


def test_without_redis(free_port: int) -> None:
    async def no_nlu() -> bool:
        return False

    with web_rig("redis://127.0.0.1:1/0", free_port, nlu_ready=no_nlu) as rig:
        assert httpx2.get(f"{rig.url}/healthz").status_code == 200
        ready = httpx2.get(f"{rig.url}/readyz", timeout=20)
        state = ready.json()
        assert "bật Redis" in state.pop("redis_trouble")
        assert ready.status_code == 503 and state == {"redis": False, "nlu": False, "content_problems": []}
        with httpx2.Client(base_url=rig.url, timeout=20) as client:
            client.get("/")
            assert send(client, "chào").status_code == 503
            assert client.get("/chat/events").status_code == 503


@pytest.mark.parametrize(("method", "path"), [("GET", "/chat/messages"), ("POST", "/"), ("PUT", "/chat/events")])
def test_other_methods(rig: Rig, method: str, path: str) -> None:
    assert httpx2.request(method, rig.url + path).status_code == 405


def test_who_sends_nothing_or_drips_is_shown_the_door(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others are served meanwhile; the quick one keeps its connection."""
    monkeypatch.setattr("bot.patience.PATIENCE", 1.0)
    monkeypatch.setattr("bot.channels.body.PATIENCE", 1.0)
    port = int(rig.url.rpartition(":")[2])
    post = b"POST /chat/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    post += f"Cookie: {COOKIE}={'a' * 43}\r\n".encode()
    silent, dripping, half = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
    half.sendall(post + b"Content-Length: 100\r\n\r\n{")
    dripping.sendall(b"GET / HTTP/1.1\r\nX: ")
    until(lambda: served(rig) and closed_though_dripping(dripping))
    silent.settimeout(20)
    half.settimeout(20)
    assert silent.recv(99) == b""
    assert half.recv(99).startswith(b"HTTP/1.1 408 ")
    for connection in (silent, dripping, half):
        connection.close()


def test_headers_without_end_are_not_read(rig: Rig) -> None:
    port = int(rig.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as endless:
        endless.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
        until(lambda: closed_though_dripping(endless, b"a" * 65_536))


def test_who_asks_before_the_last_answer_is_given_is_not_shown_the_door(
    redis_url: str, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.patience.PATIENCE", 0.5)
    asked = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /chat/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    with web_rig(redis_url, free_port, ping_seconds=1.0), socket.create_connection(("127.0.0.1", free_port)) as line:
        line.settimeout(20)
        line.sendall(asked + f"Cookie: {COOKIE}={'a' * 43}\r\n\r\n".encode())
        heard = b""
        while b": ping" not in heard:
            more = line.recv(9999)
            assert more, heard
            heard += more


def served(rig: Rig) -> bool:
    return httpx2.get(f"{rig.url}/healthz").status_code == 200


def closed_though_dripping(connection: socket.socket, drop: bytes = b"a") -> bool:
    connection.settimeout(0.05)
    try:
        connection.sendall(drop)
        return connection.recv(99) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_what_is_announced_as_too_large_is_refused_unread(rig: Rig) -> None:
    port = int(rig.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as huge:
        head = f"POST /chat/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {COOKIE}={'a' * 43}\r\n"
        huge.sendall(f"{head}Content-Type: application/json\r\nContent-Length: {10**10}\r\n\r\n".encode())
        assert huge.recv(99).startswith(b"HTTP/1.1 413 ")
