"""The web server: the page, its static files, the chat's routes and the health checks."""

import hashlib
import html
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Final

import uvicorn
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.web import Pipeline, WebChannel, new_session_id, session_id, set_session_cookie
from bot.consent import CONSENT_PATH, Consent
from bot.core.guide import OPENS
from bot.errors import Busy, StoreUnavailable
from bot.messages import LANGUAGES, Language, Session
from bot.paper.press import file_name, printed
from bot.patience import PatientProtocol
from bot.settings import Settings
from bot.store.chats import WebChats
from bot.store.wake import WebWaker
from bot.webhooks import Webhooks

STATIC: Final = Path(__file__).parent / "channels" / "static"
MEDIA_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
TILES: Final = range(1, 7)

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# browsers show a PDF in a page of their own, with styles and a plugin in it
PDF_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"


class SecurityHeaders:
    """Adds the security headers to every response. Plain ASGI: it neither buffers streams nor cancels handlers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


@dataclass(frozen=True, slots=True)
class StaticFile:
    body: bytes
    media_type: str
    version: str


def load_static() -> dict[str, StaticFile]:
    """Every file that browsers may fetch, by name. Read once: they change only with the program."""
    files = {}
    for path in sorted(STATIC.iterdir()):
        if path.suffix in MEDIA_TYPES:
            body = path.read_bytes()
            files[path.name] = StaticFile(body, MEDIA_TYPES[path.suffix], hashlib.sha256(body).hexdigest()[:16])
    return files


class Pages:
    """The chat page and the files it loads."""

    def __init__(self, pipeline: Pipeline, chats: WebChats, settings: Settings) -> None:
        self._pipeline = pipeline
        self._chats = chats
        self._settings = settings
        self._files = load_static()
        environment = Environment(
            loader=FileSystemLoader(STATIC), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._template = environment.get_template("page.html")

    async def home(self, request: Request) -> Response:
        words = {
            language: {k: str(v) for k, v in self._pipeline.wording(language).items() if k.startswith("web_")}
            for language in LANGUAGES
        }
        vi = words["vi"]
        page = self._template.render(
            t=lambda key: vi.get(key, ""),
            words_json=json.dumps(words, ensure_ascii=False, separators=(",", ":")),
            tiles=[n for n in TILES if vi.get(f"web_tile_{n}_label")],
            hotline_url="tel:" + re.sub(r"[^+0-9]", "", vi.get("web_hotline", "")),
            max_chars=self._settings.max_message_chars,
            zalo_verification=self._settings.zalo_verification,
            static=lambda name: f"/static/{name}?v={self._files[name].version}",
        )
        response = HTMLResponse(page, headers={"Cache-Control": "private, no-cache"})
        set_session_cookie(response, session_id(request) or new_session_id(), self._settings)
        return response

    async def card(self, request: Request) -> Response:
        """GET ?of=PAYLOAD&lang=vi: an answer on paper; of "flow:ID" the outcome that the visitor's own conversation reached."""
        subject, session = request.query_params.get("of", ""), Session()
        language: Language = "en" if request.query_params.get("lang") == "en" else "vi"
        try:
            if subject.startswith("flow:") and (sid := session_id(request)):
                session = await self._chats.session(sid)
            card = self._pipeline.card(subject, session, language) if OPENS.fullmatch(subject) else None
            if card is None:
                return PlainTextResponse(self._pipeline.wording(language)["card_nothing"], 404)
            pdf = await printed(card)
        except (Busy, StoreUnavailable):
            words = self._pipeline.wording(language)["web_error_server"]
            return PlainTextResponse(words, 503, headers={"Retry-After": "3"})
        headers = {
            "Content-Disposition": f'inline; filename="{file_name(card)}"',
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": PDF_POLICY,
        }
        return Response(pdf, media_type="application/pdf", headers=headers)

    async def zalo_verification(self, request: Request) -> Response:
        """The file by which Zalo sees that the domain is ours."""
        code = self._settings.zalo_verification
        if not code or request.path_params["code"] != code:
            return PlainTextResponse("Not found", 404)
        meta = f'<meta name="zalo-platform-site-verification" content="{html.escape(code)}"/>'
        return HTMLResponse(f"<!doctype html><html><head>{meta}</head><body></body></html>")

    async def static(self, request: Request) -> Response:
        file = self._files.get(request.path_params["name"])
        if file is None:
            return PlainTextResponse("Not found", 404)
        current = request.query_params.get("v") == file.version
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable" if current else "no-cache",
            "ETag": f'"{file.version}"',
        }
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(file.body, media_type=file.media_type, headers=headers)


def create_app(
    *,
    pipeline: Pipeline,
    chats: WebChats,
    waker: WebWaker,
    settings: Settings,
    nlu_ready: Callable[[], Awaitable[bool]] | None = None,
    platforms_state: Callable[[], Awaitable[Mapping[str, object]]] | None = None,
    content_problems: Callable[[], Sequence[str]] = tuple,
    metrics: Callable[[], Awaitable[bytes]] | None = None,
    webhooks: Webhooks | None = None,
    consent: Consent | None = None,
    lifespan: Callable[[], AbstractAsyncContextManager[None]] | None = None,
    ping_seconds: float = 20.0,
) -> Starlette:
    """The application. `nlu_ready`, `platforms_state` and `content_problems` only report; `lifespan` runs with the server."""
    pages = Pages(pipeline, chats, settings)
    channel = WebChannel(pipeline=pipeline, chats=chats, waker=waker, settings=settings, ping_seconds=ping_seconds)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    async def readyz(_: Request) -> Response:
        trouble = await waker.trouble()
        nlu = await nlu_ready() if nlu_ready else None
        state: dict[str, object] = {"redis": not trouble, "nlu": nlu, "content_problems": list(content_problems())}
        if trouble:
            state["redis_trouble"] = trouble
        elif platforms_state:
            with suppress(StoreUnavailable):  # it went away this instant
                state |= await platforms_state()
        return JSONResponse(state, 503 if trouble else 200, headers={"Cache-Control": "no-store"})

    async def show_metrics(_: Request) -> Response:
        if metrics is None:
            return PlainTextResponse("Not found", 404)
        try:
            return Response(await metrics(), media_type=CONTENT_TYPE_LATEST)
        except StoreUnavailable as error:
            return PlainTextResponse(f"Redis: {error}", 503)

    @asynccontextmanager
    async def whole_lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if lifespan:
                await stack.enter_async_context(lifespan())
            await stack.enter_async_context(waker.running())
            yield

    app = Starlette(
        routes=[
            Route("/", pages.home),
            Route("/static/{name}", pages.static),
            Route("/card.pdf", pages.card),
            Route("/chat/messages", channel.messages, methods=["POST"]),
            Route("/chat/events", channel.stream),
            *([Route("/webhook/{channel}", webhooks.receive, methods=["GET", "POST"])] if webhooks else []),
            *([Route(CONSENT_PATH, consent.arrive)] if consent else []),
            Route("/zalo_verifier{code}.html", pages.zalo_verification),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", show_metrics),
        ],
        middleware=[Middleware(SecurityHeaders)],
        lifespan=whole_lifespan,
    )
    app.state.waker = waker
    return app


class WebServer(uvicorn.Server):
    """uvicorn that ends the open event streams first: they would keep it from stopping."""

    def __init__(self, app: Starlette, settings: Settings, *, log_level: str = "info") -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                http=PatientProtocol,
                log_level=log_level,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=10,
            )
        )
        self._waker: WebWaker = app.state.waker

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        self._waker.close()
        await super().shutdown(sockets)
