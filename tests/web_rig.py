"""The real web server on a real port with a real Redis, a scripted pipeline, and a cable that can be cut."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.errors import StoreUnavailable
from bot.messages import Card, Choice, Incoming, Language, Link, Reply, Session
from bot.pipeline import Pipeline, chosen
from bot.settings import Settings
from bot.store.chats import WebChats
from bot.store.redis import connect
from bot.store.wake import WebWaker
from bot.web import WebServer, create_app

WORDS: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "web_words.yml").read_text("utf-8"))

BIRTH = Reply(
    text="Đăng ký khai sinh cho con làm ở phường nơi cha hoặc mẹ cư trú, không mất phí khi làm đúng hạn.\n\n"
    "Anh/chị cần có:\n"
    "- Tờ khai theo mẫu\n"
    "- Giấy chứng sinh do bệnh viện cấp\n"
    "- Căn cước của người đi đăng ký\n\n"
    "Các bước:\n"
    "1. Chuẩn bị giấy tờ\n"
    "2. Nộp tại quầy hoặc qua mạng: https://dichvucong.gov.vn/p/home.html.\n"
    "3. Nhận giấy khai sinh trong ngày\n\n"
    "Nguồn: Cổng Dịch vụ công quốc gia, kiểm tra ngày 20/11/2026.",
    language="vi",
    choices=(
        Choice("Giấy tờ cần có", "entry:birth-registration:documents"),
        Choice("Lệ phí", "entry:birth-registration:fee"),
        Choice("Nộp qua mạng", "entry:birth-registration:how"),
        Choice("Hỏi cán bộ", "human"),
    ),
    links=(
        Link("Nộp hồ sơ trên Cổng Dịch vụ công", "https://dichvucong.gov.vn/"),
        Link("Liên kết xấu", "javascript:alert(1)"),
    ),
)


@dataclass(frozen=True, slots=True)
class ScriptedTurn:
    reply: Reply
    masked_text: str
    forgets: bool = False


@dataclass
class ScriptedPipeline:
    """Says what it is told to say; keeps what it was asked."""

    answers: dict[str, Reply] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    received: list[Incoming] = field(default_factory=list)
    store_down: bool = False
    broken: bool = False
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def take_turn(self, incoming: Incoming, session: Session) -> tuple[ScriptedTurn, Session]:
        if self.store_down:
            raise StoreUnavailable("scripted")
        self.received.append(incoming)
        await asyncio.to_thread(self.gate.wait, 20)
        if self.broken:
            raise RuntimeError("scripted")
        if chosen(incoming.text, ()) == "forget":
            return ScriptedTurn(Reply("Đã xóa hết cuộc trò chuyện.", "vi"), "/xoa", forgets=True), session
        masked = incoming.text.replace("079123456789", "[số giấy tờ]")
        reply = self.answers.get(incoming.payload or incoming.text, Reply(f"Trả lời: {masked}", "vi"))
        return ScriptedTurn(reply, masked), session

    def card(self, subject: str, session: Session, language: Language) -> Card | None:
        return self.cards.get(subject)

    def wording(self, language: str) -> Mapping[str, str]:
        return WORDS[language]

    def texts(self) -> list[str]:
        return [incoming.text for incoming in list(self.received)]


class RealPipeline(ScriptedPipeline):
    """No script: the shipped content, by keyword search."""

    def __init__(self, real: Pipeline) -> None:
        super().__init__()
        self.real = real

    async def take_turn(self, incoming: Incoming, session: Session) -> tuple[Any, Session]:
        return await self.real.take_turn(incoming, session)

    def card(self, subject: str, session: Session, language: Language) -> Card | None:
        return self.real.card(subject, session, language)

    def wording(self, language: Any) -> Mapping[str, str]:
        return self.real.wording(language)


class Cable:
    """A TCP relay in front of the server: `cut` tears all lines, `plugged = False` refuses new ones."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._lines: set[asyncio.StreamWriter] = set()
        self.plugged = True
        self.crumbs = 0  # pass the server's bytes on in pieces of this size; 0: as they come

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        for writer in list(self._lines):
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.plugged:
            writer.transport.abort()
            return
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._lines |= {writer, upstream_writer}
        await asyncio.gather(self._pump(reader, upstream_writer), self._pump(upstream_reader, writer))
        self._lines -= {writer, upstream_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                size = self.crumbs or len(data)
                for begin in range(0, len(data), size):
                    writer.write(data[begin : begin + size])
                    await writer.drain()
                    await asyncio.sleep(0.001 if self.crumbs else 0)  # so that the pieces travel alone
        except OSError:
            pass
        finally:
            writer.close()


@dataclass
class Rig:
    url: str
    cable: Cable
    cable_url: str
    pipeline: ScriptedPipeline
    chats: WebChats
    settings: Settings
    loop: asyncio.AbstractEventLoop

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run in the server's loop, from a test without a loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    async def append(self, sid: str, *events: str) -> None:
        """Add events as another process would."""
        await self.arun(self.chats.append(sid, *events))

    async def arun[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run in the server's loop, from a test with its own."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    def cut(self, *, plugged: bool) -> None:
        async def work() -> None:
            self.cable.plugged = plugged
            self.cable.cut()

        self.run(work())

    def plug(self) -> None:
        self.cable.plugged = True


@contextmanager
def web_rig(
    redis_url: str,
    port: int,
    *,
    ping_seconds: float = 20.0,
    nlu_ready: Callable[[], Awaitable[bool]] | None = None,
    scripted: ScriptedPipeline | None = None,
    **settings: Any,
) -> Iterator[Rig]:
    ready: list[Rig | BaseException] = []
    started = threading.Event()
    servers: list[WebServer] = []

    async def serve() -> None:
        redis = connect(redis_url)
        configured = Settings(port=port, _env_file=None, **settings)
        ttl = timedelta(days=configured.session_days)
        chats = WebChats(redis, ttl=ttl)
        pipeline = scripted or ScriptedPipeline()
        app = create_app(
            pipeline=pipeline,
            chats=chats,
            waker=WebWaker(redis, retry_seconds=0.05),
            settings=configured,
            nlu_ready=nlu_ready,
            ping_seconds=ping_seconds,
        )
        server = WebServer(app, configured, log_level="warning")
        servers.append(server)
        task = asyncio.create_task(server.serve())
        while not server.started:
            if task.done():
                await task
            await asyncio.sleep(0.01)
        cable = Cable(port)
        cable_port = await cable.start()
        ready.append(
            Rig(
                f"http://127.0.0.1:{port}",
                cable,
                f"http://127.0.0.1:{cable_port}",
                pipeline,
                chats,
                configured,
                asyncio.get_running_loop(),
            )
        )
        started.set()
        await task
        cable.cut()
        await redis.aclose()

    def body() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            ready.append(error)
            started.set()
            raise

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    assert started.wait(20)
    rig = ready[0]
    if isinstance(rig, BaseException):
        raise rig
    try:
        yield rig
    finally:
        rig.pipeline.gate.set()
        servers[0].should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"
