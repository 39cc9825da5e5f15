"""The web page's channel: messages come up by POST, everything said goes down as server-sent events.

A POST is answered only after its answer lies in the event log. Whatever breaks on the way, the page repeats the POST
with the same client id (cid), and the log says whether it was already answered.
"""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from bot.channels.body import TooLarge, TooSlow, read
from bot.core.shield import visible
from bot.errors import StoreUnavailable, where
from bot.messages import Card, Incoming, Language, Reply, Session
from bot.render_card import pdf_path
from bot.settings import Settings
from bot.store.chats import TooFast, WebChats
from bot.store.wake import WebWaker

log = structlog.get_logger()

COOKIE: Final = "motcua_sid"
MAX_BODY_BYTES: Final = 16 * 1024
MAX_PAYLOAD_CHARS: Final = 200
RETRY_SECONDS: Final = {429: "20", 503: "3"}

_SID = re.compile(r"[A-Za-z0-9_-]{43}")  # what secrets.token_urlsafe(32) makes
_CID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_EVENT_ID = re.compile(r"[0-9]{1,15}-[0-9]{1,10}")


class Turn(Protocol):
    @property
    def reply(self) -> Reply: ...
    @property
    def masked_text(self) -> str: ...
    @property
    def forgets(self) -> bool: ...


class Pipeline(Protocol):
    async def take_turn(self, incoming: Incoming, session: Session, /) -> tuple[Turn, Session]: ...
    def wording(self, language: Language, /) -> Mapping[str, str]: ...
    def card(self, subject: str, session: Session, language: Language, /) -> Card | None: ...


class Rejected(Exception):
    """A request that is not taken, with what its sender is told."""

    def __init__(self, status: int, code: str, error: str) -> None:
        super().__init__(error)
        self.status, self.code, self.error = status, code, error

    def response(self) -> JSONResponse:
        retry = RETRY_SECONDS.get(self.status)
        headers = {"Cache-Control": "no-store"} | ({"Retry-After": retry} if retry else {})
        return JSONResponse({"error": self.error, "code": self.code}, self.status, headers=headers)


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def session_id(request: Request) -> str | None:
    """The conversation that the request's cookie names; None without a cookie or with a malformed one."""
    sid = request.cookies.get(COOKIE, "")
    return sid if _SID.fullmatch(sid) else None


def new_session_id() -> str:
    return secrets.token_urlsafe(32)


def set_session_cookie(response: Response, sid: str, settings: Settings) -> None:
    response.set_cookie(
        COOKIE,
        sid,
        max_age=int(timedelta(days=settings.session_days).total_seconds()),
        path="/",
        secure=settings.public_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )


def citizen_event(text: str, language: Language, cid: str) -> str:
    return _event(sender="citizen", text=text, choices=[], links=[], language=language, cid=cid)


def assistant_event(reply: Reply, cid: str, *, erased: bool = False) -> str:
    """`erased` tells every open page to forget what it shows first."""
    return _event(
        sender="assistant",
        text=reply.text,
        choices=[{"label": c.label, "payload": c.payload} for c in reply.choices],
        links=[{"label": link.label, "url": link.url} for link in reply.links],
        language=reply.language,
        cid=cid,
        **({"card": pdf_path(reply.card.subject, reply.card.language)} if reply.card else {}),
        **({"erased": True} if erased else {}),
    )


def _event(**fields: object) -> str:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return json.dumps(fields | {"at": at}, ensure_ascii=False, separators=(",", ":"))


def frame(event_id: str, event: str) -> str:
    """One server-sent event. The event is JSON without line breaks, so one data line holds it."""
    return f"id: {event_id}\ndata: {event}\n\n"


class WebChannel:
    """The two routes of a conversation: `messages` up and `stream` down."""

    def __init__(
        self,
        *,
        pipeline: Pipeline,
        chats: WebChats,
        waker: WebWaker,
        settings: Settings,
        ping_seconds: float = 20.0,
    ) -> None:
        self._pipeline = pipeline
        self._chats = chats
        self._waker = waker
        self._settings = settings
        self._ping_seconds = ping_seconds

    async def messages(self, request: Request) -> Response:
        """POST {cid, text, payload?} → 202 {cid, last}, `last` being the id of the last event of the answer."""
        try:
            self._check_origin(request)
            sid = session_id(request)
            if sid is None:
                raise Rejected(401, "session", "No session: open the page first.")
            incoming = self._parse(await self._body(request), sid)
            last = await self._answer(incoming)
        except Rejected as rejected:
            return rejected.response()
        except TooFast:
            return Rejected(429, "too_fast", self._words("web_error_too_fast")).response()
        except StoreUnavailable as error:
            log.warning("web.store_unavailable", error=str(error))
            return Rejected(503, "unavailable", self._words("web_error_server")).response()
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:
            log.error("web.turn_failed", error=type(error).__name__, where=where(error))
            return Rejected(500, "failed", self._words("web_error_server")).response()
        response = JSONResponse({"cid": incoming.message_id, "last": last}, 202, headers={"Cache-Control": "no-store"})
        set_session_cookie(response, sid, self._settings)
        return response

    async def stream(self, request: Request) -> Response:
        """GET: all that was said after Last-Event-ID (all that is kept without it), then what is said from now on."""
        sid = session_id(request)
        if sid is None:
            return Rejected(401, "session", "No session: open the page first.").response()
        last = request.headers.get("last-event-id") or request.query_params.get("after", "")
        last = last if _EVENT_ID.fullmatch(last) else ""
        try:
            await self._chats.after(sid, last or "0-0")  # before the first byte: a page must see 503, not a torn 200
        except StoreUnavailable:
            return Rejected(503, "unavailable", self._words("web_error_server")).response()
        headers = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
        return StreamingResponse(
            self._frames(sid, last), media_type="text/event-stream; charset=utf-8", headers=headers
        )

    async def _frames(self, sid: str, last: str) -> AsyncIterator[str]:
        with self._waker.listening(sid) as wake:
            greeting = "retry: 2000\n\n"
            synced = False
            while not self._waker.closed:
                wake.clear()  # before the look: what comes during it wakes again
                try:
                    rows = await self._chats.after(sid, last)
                except StoreUnavailable as error:
                    log.warning("web.stream_ended", error=str(error))
                    return
                last = rows[-1][0] if rows else last
                text = greeting + "".join(frame(*row) for row in rows)
                if not synced:  # so that the page knows where history ends
                    text += "event: synced\ndata: {}\n\n"
                    greeting, synced = "", True
                if text:
                    yield text
                try:
                    await asyncio.wait_for(wake.wait(), self._ping_seconds)
                except TimeoutError:
                    yield ": ping\n\n"

    async def _answer(self, incoming: Incoming) -> str:
        """The id of the last event of the answer, of the first one where the message was answered before."""
        per_minute = self._settings.messages_per_minute
        async with self._chats.turn(incoming.conversation, incoming.message_id, per_minute=per_minute) as hand:
            if hand.last:
                return hand.last
            turn, after = await self._pipeline.take_turn(incoming, hand.session)
            answer = assistant_event(turn.reply, incoming.message_id, erased=turn.forgets)
            if turn.forgets:
                await self._chats.end(hand, None, answer)
            else:
                question = citizen_event(turn.masked_text, turn.reply.language, incoming.message_id)
                await self._chats.end(hand, after, question, answer)
            return hand.last

    def _check_origin(self, request: Request) -> None:
        origin = request.headers.get("origin")
        public = urlsplit(self._settings.public_url)
        own = {request.headers.get("host", ""), public.netloc} - {""}
        foreign_origin = origin is not None and _host(origin) not in own
        if foreign_origin or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise Rejected(403, "origin", "Messages are taken only from this site's own page.")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Rejected(415, "media_type", "Content-Type must be application/json.")

    async def _body(self, request: Request) -> bytes:
        try:
            return await read(request.stream(), request.headers, most=MAX_BODY_BYTES)
        except TooLarge:
            raise Rejected(413, "too_long", self._words("web_error_too_long")) from None
        except TooSlow:
            raise Rejected(408, "too_slow", self._words("web_error_server")) from None

    def _parse(self, body: bytes, sid: str) -> Incoming:
        try:
            data: Any = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Rejected(400, "json", "The body is not JSON.") from error
        if not isinstance(data, dict):
            raise Rejected(400, "json", "The body must be a JSON object.")
        cid, text, payload = data.get("cid"), data.get("text"), data.get("payload") or ""
        if not isinstance(cid, str) or not _CID.fullmatch(cid):
            raise Rejected(400, "cid", "cid must be 8 to 64 letters, digits, '-' or '_'.")
        if not isinstance(text, str) or not (text := visible(text)).strip():
            raise Rejected(400, "text", "text must be a text that is not empty.")
        if not isinstance(payload, str) or len(payload) > MAX_PAYLOAD_CHARS:
            raise Rejected(400, "payload", f"payload must be a text of at most {MAX_PAYLOAD_CHARS} characters.")
        if any("\ud800" <= character <= "\udfff" for character in text + payload):
            raise Rejected(400, "text", "text and payload must be valid Unicode.")
        if len(text) > self._settings.max_message_chars:
            raise Rejected(413, "too_long", self._words("web_error_too_long"))
        return Incoming(channel="web", conversation=sid, message_id=cid, text=text, payload=payload)

    def _words(self, key: str) -> str:
        """For programs and for pages that do not know better: both languages."""
        languages: tuple[Language, ...] = ("vi", "en")
        return " / ".join(self._pipeline.wording(language).get(key, key) for language in languages)
