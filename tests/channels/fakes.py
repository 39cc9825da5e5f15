"""Platforms of our own: they take what the real ones take, refuse what those refuse, and bring messages as those do.

What each does stands in the wire facts of the platforms; a fake is strict, so that a mistake of ours fails here first.
"""

import asyncio
import json
import math
import random
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import Message as EmailMessage
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TRIES = 200  # of one delivery, before the platform gives up


@dataclass
class Sent:
    """What a citizen got. Between `at` and `answered` the platform has it, and we cannot know that yet."""

    conversation: str
    text: str
    buttons: tuple[tuple[str, str], ...] = ()  # (label, payload or URL)
    file: tuple[str, bytes] = ("", b"")  # its name and what is in it
    at: float = 0.0  # by the event loop's clock
    answered: float = 0.0


@dataclass
class Fake:
    """State and knobs that all fakes share."""

    token: str = "111222333:TEST"
    webhook: str = ""
    secret: str = ""
    sent: list[Sent] = field(default_factory=list)
    answers: deque[Response] = field(default_factory=deque)  # given instead of the right ones, in turn
    news: deque[Response] = field(default_factory=deque)  # given to who polls, instead of the right answers
    statuses: list[int] = field(default_factory=list)  # what our webhook answered
    waiting: deque[dict[str, Any]] = field(default_factory=deque)  # for who polls
    pause: float = 0.05  # seconds before a delivery is tried again
    door: str = ""  # where the host of our public address stands on this machine
    repeats: float = 0.0  # share of the events that are brought once more although they were taken
    lag: float = 0.0  # seconds, at most, between taking a message and saying so
    within: float = math.inf  # seconds in which an event must be answered
    slow: list[float] = field(default_factory=list)  # seconds of answers that came later
    brought_again: int = 0
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    number: int = 500_000  # of the last event
    client: httpx2.AsyncClient | None = None
    later: set[asyncio.Task[int]] = field(default_factory=set)

    def to(self, conversation: str) -> list[str]:
        """The texts that one citizen got."""
        return [one.text for one in self.sent if one.conversation == conversation]

    async def take(self, sent: Sent) -> None:
        """A citizen has it; that we hear of it may take a while."""
        self.sent.append(sent)
        if self.lag:
            await asyncio.sleep(random.uniform(0, self.lag))
        sent.answered = asyncio.get_running_loop().time()

    async def deliver(self, body: dict[str, Any], headers: dict[str, str], *, raw: bytes | None = None) -> int:
        """Bring one event until it is taken; the last status. Without a webhook it waits for who polls."""
        if not self.webhook:
            self.waiting.append(body)
            return 0
        content = raw if raw is not None else json.dumps(body).encode()
        headers = {"content-type": "application/json", **headers}
        status = await self._post(content, headers)
        if status == 200 and random.random() < self.repeats:
            self.brought_again += 1
            again = asyncio.create_task(self._post(content, headers, after=random.uniform(0, 4)))
            self.later.add(again)
            again.add_done_callback(self.later.discard)
        return status

    async def _post(self, content: bytes, headers: dict[str, str], *, after: float = 0.0) -> int:
        await asyncio.sleep(after)
        if self.client is None:
            self.client = httpx2.AsyncClient(trust_env=False, timeout=10)
        url = self.door + urlsplit(self.webhook).path if self.door else self.webhook
        for number in range(TRIES):
            began = time.monotonic()
            try:
                answer = await self.client.post(url, content=content, headers=headers | self.marks(number))
                self.statuses.append(answer.status_code)
            except httpx2.HTTPError:
                self.statuses.append(0)
            if (took := time.monotonic() - began) > self.within:
                self.slow.append(took)
            if self.statuses[-1] in range(200, 500):
                break
            await asyncio.sleep(self.pause)
        return self.statuses[-1]

    def marks(self, number: int) -> dict[str, str]:
        """What a platform writes on a delivery for the `number`-th time, from 0."""
        return {}


async def fields_of(request: Request) -> dict[str, Any]:
    """JSON, form or query alike; JSON texts inside a form are read."""
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        return dict(json.loads(body or b"{}"))
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return files_of(request.headers["content-type"], body)
    pairs = {**request.query_params, **dict(parse_qsl(body.decode(), keep_blank_values=True))}
    return {name: json.loads(value) if value[:1] in "[{" else value for name, value in pairs.items()}


def files_of(content_type: str, body: bytes) -> dict[str, Any]:
    """Fields of a multipart form: texts, and of a file (its name, its bytes)."""
    form = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    fields: dict[str, Any] = {}
    for part in form.get_payload():
        assert isinstance(part, EmailMessage)
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        fields[name] = (part.get_filename(), content) if part.get_filename() else content.decode()
    return fields


class FakeTelegram(Fake):
    """The Bot API: form bodies with JSON inside, rising ids, limits of text, payload and pace."""

    blocked: set[str]
    no_buttons: bool = False  # one of them is always wrong

    def __init__(self, **knobs: Any) -> None:
        super().__init__(**knobs)
        self.blocked = set()
        self._ids: defaultdict[str, int] = defaultdict(int)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/bot{token}/{method}", self._call, methods=["GET", "POST"])])

    async def _call(self, request: Request) -> Response:
        if request.path_params["token"] != self.token:
            return self._error(401, "Unauthorized")
        method, given = request.path_params["method"], await fields_of(request)
        self.calls.append((method, given))
        found = getattr(self, "_" + method, None)
        if found is None:
            return self._error(404, "Not Found")
        if method.startswith("send") and method != "sendChatAction" and self.answers:
            return self.answers.popleft()
        return await found(given)  # type: ignore[no-any-return]

    @staticmethod
    def _error(code: int, text: str, **parameters: Any) -> Response:
        body = {"ok": False, "error_code": code, "description": text}
        return JSONResponse(body | ({"parameters": parameters} if parameters else {}), code)

    @classmethod
    def too_fast(cls, seconds: int) -> Response:
        return cls._error(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)

    @staticmethod
    def _ok(result: Any) -> Response:
        return JSONResponse({"ok": True, "result": result})

    async def _getMe(self, given: dict[str, Any]) -> Response:  # noqa: N802
        me = {"id": 111222333, "is_bot": True, "first_name": "DVC", "username": "dvc_vd_bot"}
        return self._ok(
            me | {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
        )

    async def _setWebhook(self, given: dict[str, Any]) -> Response:  # noqa: N802
        if not given["url"].startswith(("https://", "http://127.0.0.1")):
            return self._error(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook, self.secret = given["url"], given.get("secret_token", "")
        return self._ok(True)

    async def _deleteWebhook(self, given: dict[str, Any]) -> Response:  # noqa: N802
        self.webhook = ""
        return self._ok(True)

    async def _setMyCommands(self, given: dict[str, Any]) -> Response:  # noqa: N802
        return self._ok(True)

    async def _sendChatAction(self, given: dict[str, Any]) -> Response:  # noqa: N802
        return self._ok(True)

    async def _answerCallbackQuery(self, given: dict[str, Any]) -> Response:  # noqa: N802
        return self._ok(True)

    async def _getUpdates(self, given: dict[str, Any]) -> Response:  # noqa: N802
        if self.webhook:
            return self._error(409, "Conflict: can't use getUpdates method while webhook is active")
        if self.news:
            return self.news.popleft()
        offset = int(given.get("offset") or 0)
        while self.waiting and self.waiting[0]["update_id"] < offset:
            self.waiting.popleft()
        await _until(lambda: bool(self.waiting), min(float(given.get("timeout") or 0), 2.0))
        return self._ok(list(self.waiting))

    async def _sendMessage(self, given: dict[str, Any]) -> Response:  # noqa: N802
        chat, text = str(given["chat_id"]), str(given.get("text", ""))
        rows = (given.get("reply_markup") or {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        if chat in self.blocked:
            return self._error(403, "Forbidden: bot was blocked by the user")
        if not text.strip():
            return self._error(400, "Bad Request: message text is empty")
        if len(text) > 4096:
            return self._error(400, "Bad Request: message is too long")
        if self.no_buttons and buttons:
            return self._error(400, "Bad Request: BUTTON_URL_INVALID")
        if any(not 1 <= len(b["callback_data"].encode()) <= 64 for b in buttons if "callback_data" in b):
            return self._error(400, "Bad Request: BUTTON_DATA_INVALID")
        self._ids[chat] += 1
        pressed = tuple((b["text"], b.get("callback_data") or b["url"]) for b in buttons)
        await self.take(Sent(chat, text, pressed, at=asyncio.get_running_loop().time()))
        return self._ok({"message_id": self._ids[chat], "date": 1790000000, "chat": self._chat(chat), "text": text})

    async def _sendDocument(self, given: dict[str, Any]) -> Response:  # noqa: N802
        chat, caption = str(given["chat_id"]), str(given.get("caption", ""))
        if chat in self.blocked:
            return self._error(403, "Forbidden: bot was blocked by the user")
        field = str(given["document"]).removeprefix("attach://")  # where the form holds the file
        name, content = given["document"] if isinstance(given["document"], tuple) else given[field]
        if not content:
            return self._error(400, "Bad Request: file must be non-empty")
        if len(caption) > 1024:
            return self._error(400, "Bad Request: message caption is too long")
        self._ids[chat] += 1
        await self.take(Sent(chat, caption, file=(name, content), at=asyncio.get_running_loop().time()))
        document = {"file_id": "BQAC", "file_unique_id": "AgAD", "file_name": name, "mime_type": "application/pdf"}
        made = {"message_id": self._ids[chat], "date": 1790000000, "chat": self._chat(chat), "document": document}
        return self._ok(made)

    @staticmethod
    def _chat(chat: str) -> dict[str, Any]:
        return {"id": int(chat), "type": "private", "first_name": "An"}

    def _person(self, chat: str) -> dict[str, Any]:
        return {"id": int(chat), "is_bot": False, "first_name": "An", "language_code": "vi"}

    async def update(self, **content: Any) -> int:
        """Bring an update of any kind."""
        self.number += 1
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret}
        return await self.deliver({"update_id": self.number, **content}, headers)

    async def say(self, chat: str, text: str = "", **content: Any) -> int:
        """A citizen writes, or sends what `content` holds."""
        self._ids[chat] += 1
        message = {
            "message_id": self._ids[chat],
            "date": 1790000000,
            "chat": self._chat(chat),
            "from": self._person(chat),
        }
        return await self.update(message=message | ({"text": text} if text else {}) | content)

    async def press(self, chat: str, payload: str) -> int:
        message = {"message_id": self._ids[chat], "date": 1790000000, "chat": self._chat(chat), "text": "…"}
        query = {"id": f"30068741{self.number}", "from": self._person(chat), "chat_instance": "-1", "data": payload}
        return await self.update(callback_query=query | {"message": message})


class FakeZaloBot(Fake):
    """The Zalo Bot Platform: no buttons, one update a poll, the body flat or wrapped."""

    wrapped: bool = False

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/bot{token}/{method}", self._call, methods=["GET", "POST"])])

    @staticmethod
    def _error(code: int, text: str) -> Response:
        return JSONResponse({"ok": False, "error_code": code, "description": text}, code)

    @staticmethod
    def _ok(result: Any) -> Response:
        return JSONResponse({"ok": True, "result": result})

    async def _call(self, request: Request) -> Response:
        if request.path_params["token"] != self.token:
            return self._error(401, "Unauthorized")
        method, given = request.path_params["method"], await fields_of(request)
        self.calls.append((method, given))
        match method:
            case "getMe":
                return self._ok(
                    {"id": "1", "account_name": "bot.dvc", "account_type": "BASIC", "can_join_groups": False}
                )
            case "setWebhook":
                if (
                    not given["url"].startswith(("https://", "http://127.0.0.1"))
                    or not 8 <= len(given["secret_token"]) <= 256
                ):
                    return self._error(400, "Bad Request")
                self.webhook, self.secret = given["url"], given["secret_token"]
                return self._ok({"url": self.webhook, "updated_at": 1790000000123})
            case "deleteWebhook":
                self.webhook = ""
                return self._ok({"url": "", "updated_at": 1790000000123})
            case "sendChatAction":
                return JSONResponse({"ok": True})
            case "getUpdates" if self.webhook:
                return self._error(400, "Bad Request")
            case "getUpdates" if self.news:
                return self.news.popleft()
            case "getUpdates":
                await _until(lambda: bool(self.waiting), min(float(given.get("timeout") or 0), 2.0))
                return self._ok(self.waiting.popleft()) if self.waiting else self._error(408, "Request timeout")
            case "sendMessage":
                return self.answers.popleft() if self.answers else await self._send(given)
            case _:
                return self._error(404, "Not Found")

    async def _send(self, given: dict[str, Any]) -> Response:
        text = str(given.get("text", ""))
        if not text.strip() or len(text) > 2000:
            return self._error(400, "Bad Request")
        await self.take(Sent(str(given["chat_id"]), text, at=asyncio.get_running_loop().time()))
        return self._ok({"message_id": f"out{len(self.sent)}", "date": 1790000000123})

    async def say(self, person: str, text: str = "", *, event: str = "message.text.received", **content: Any) -> int:
        self.number += 1
        message = {
            "from": {"id": person, "display_name": "Chị Bình", "is_bot": False},
            "chat": {"id": person, "chat_type": "PRIVATE"},
            "message_id": f"m{self.number}",
            "date": 1790000000123,
        }
        body: dict[str, Any] = {"event_name": event, "message": message | ({"text": text} if text else {}) | content}
        body = {"ok": True, "result": body} if self.wrapped else body
        return await self.deliver(body, {"X-Bot-Api-Secret-Token": self.secret})


async def _until(condition: Callable[[], bool], seconds: float) -> None:
    end = asyncio.get_running_loop().time() + seconds
    while not condition() and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(app: Starlette, port: int, *, log_level: str = "warning") -> AsyncIterator[str]:
    """The app on a port of this machine, for as long as the block runs."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level=log_level, lifespan="on"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
