"""One command, one Ctrl-C: checks what the parts need, then runs Redis, the NLU server and the bot."""

import asyncio
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from aiohttp import ClientSession
from pydantic import SecretStr

from bot import embedded_redis, nlu_server
from bot.errors import ContentError, StoreUnavailable, TrainingFailed, WrongAddress
from bot.http import Unreached, ask
from bot.loader.load import load
from bot.parts import Part, port_taken, say_aloud, supervise
from bot.processes import port_is_free
from bot.settings import Settings
from bot.store.address import read
from bot.store.presence import worker_name, workers_alive
from bot.store.redis import server_version, trial
from bot.training.train import model_state, train
from bot.watchers import watch_content, watch_model


def run(settings: Settings) -> int:
    """Run everything until Ctrl-C or SIGTERM. The exit code of the command."""
    with _only_one(settings) as other:
        if other:
            return _refuse(f"Đã chạy rồi (tiến trình {other}) / already running (process {other}), {settings.var}")
        say_aloud("Một Cửa đang khởi động… / Một Cửa is starting…")
        parts, problems = parts_of(settings)
        if problems:  # said before a training, which takes minutes
            return _refuse("\n".join(problems))
        try:
            if not settings.nlu_url:
                _prepare_model(settings)
            else:
                load(settings.root)
        except ContentError as error:
            return _refuse(f"{error}\n\nNội dung có lỗi → sửa rồi chạy lại / content is broken → mend it, run again")
        except KeyboardInterrupt:
            return _refuse("Đã dừng / stopped", 130)
        asyncio.run(_run(settings, parts))
    return 0


async def _run(settings: Settings, parts: list[Part]) -> None:
    if settings.redis_url:
        try:
            await trial(settings.redis_url)
        except StoreUnavailable as error:
            say_aloud(f"!! Redis (REDIS_URL) chưa dùng được, vẫn chờ / cannot be used yet, still trying: {error}")
    beside = [partial(watch_content, settings, say_aloud)]
    beside += [] if settings.nlu_url else [partial(watch_model, settings, say_aloud)]
    beside += [] if settings.redis_url else [partial(embedded_redis.keep_on_disk, settings)]
    await supervise(parts, first="redis", beside=beside)


def parts_of(settings: Settings) -> tuple[list[Part], list[str]]:
    """What must run here, in the order of stopping, and what stands in the way of it."""
    workers = settings.workers if settings.platforms else 0  # the web page answers by itself
    parts = [_web(settings), *(worker_part(settings, number) for number in range(1, workers + 1))]
    problems: list[str] = []
    if not settings.nlu_url:
        python = nlu_server.rasa_python(settings)
        if python is None:
            say_aloud("!! Chưa có .venv-rasa → make setup. Trợ lý chỉ tìm theo từ khoá / no Rasa: keyword search only")
        else:
            parts.append(_nlu(settings, nlu_server.command(settings, python, settings.nlu_port)))
    if not settings.redis_url:
        engine = embedded_redis.engine()
        if engine is None:
            vi = "Không có Redis → cài redis-server (từ 6.2) hoặc đặt REDIS_URL"
            problems.append(f"{vi} / no Redis → install redis-server (6.2 or newer) or set REDIS_URL")
        else:
            parts.append(_redis(settings, engine))
    else:
        try:
            read(settings.redis_url)
        except WrongAddress as error:
            problems.append(str(error))
    listening = [part for part in parts if part.port]
    problems += [port_taken(part) for part in listening if not port_is_free(part.host, part.port)]
    if len({part.port for part in listening}) < len(listening):
        problems.append(
            f"Các cổng phải khác nhau / ports must differ: {', '.join(f'{p.setting}={p.port}' for p in listening)}"
        )
    return parts, problems


def _web(settings: Settings) -> Part:
    base = settings.web_base

    async def words() -> str:
        lines = [f"Trang trò chuyện sẵn sàng / the web chat is ready: {settings.public_url or base}"]
        if not await answers(f"{settings.nlu_base}/status"):
            lines.append("NLU chưa sẵn sàng, lúc này tìm theo từ khoá / keyword search answers until the NLU is ready")
        return "\n  ".join([*lines, "Nhấn Ctrl-C để dừng / press Ctrl-C to stop"])

    return Part(
        name="web",
        title="Trang web / the web part",
        command=[sys.executable, "-m", "bot.serve", "web"],
        cwd=settings.root,
        env=os.environ | environment(settings) | {"PYTHONUNBUFFERED": "1"},
        log=settings.var / "log" / "web.log",
        host=settings.host,
        port=settings.port,
        setting="MOTCUA_PORT",
        ready=lambda age: answers(f"{base}/healthz"),
        words=words,
    )


def worker_part(settings: Settings, number: int) -> Part:
    """One worker process."""
    name = f"worker{number}"
    known_as = f"{name}-{settings.port}"  # another installation on this machine has another port

    async def ready(age: float) -> bool:
        try:  # the sign of a life that ended by a kill counts for a while: here it must be younger than the process
            return worker_name(known_as) in await workers_alive(settings.redis_address, within=age)
        except StoreUnavailable:
            return False

    async def words() -> str:
        where = ", ".join(settings.platforms)
        return f"Tiến trình trả lời {number} sẵn sàng / worker {number} is ready: {where}"

    return Part(
        name=name,
        title=f"Tiến trình trả lời {number} / worker {number}",
        command=[sys.executable, "-m", "bot.serve", "worker", known_as],
        cwd=settings.root,
        env=os.environ | environment(settings) | {"PYTHONUNBUFFERED": "1"},
        log=settings.var / "log" / f"{name}.log",
        ready=ready,
        words=words,
    )


def _nlu(settings: Settings, command: list[str]) -> Part:
    async def words() -> str:
        return "Máy chủ NLU sẵn sàng: trợ lý hiểu trọn câu / the NLU server is ready: sentences are understood in full"

    return Part(
        name="nlu",
        title="Máy chủ NLU / the NLU server",
        command=command,
        cwd=settings.rasa_project,
        env=nlu_server.rasa_environment(),
        log=settings.var / "log" / "nlu.log",
        host="127.0.0.1",
        port=settings.nlu_port,
        setting="MOTCUA_NLU_PORT",
        ready=lambda age: answers(f"{settings.nlu_base}/status"),
        words=words,
        wait_for=nlu_server.model_path(settings),
    )


def _redis(settings: Settings, engine: embedded_redis.Engine) -> Part:
    async def ready(age: float) -> bool:
        try:
            return bool(await server_version(settings.redis_address))
        except StoreUnavailable:
            return False

    async def words() -> str:
        return f"Redis sẵn sàng / Redis is ready: {engine.name}, 127.0.0.1:{settings.redis_port}"

    return Part(
        name="redis",
        title="Redis",
        command=embedded_redis.command(settings, engine.program),
        cwd=settings.var,
        env=os.environ,
        log=settings.var / "log" / "redis.log",
        host="127.0.0.1",
        port=settings.redis_port,
        setting="MOTCUA_REDIS_PORT",
        ready=ready,
        words=words,
    )


async def answers(url: str) -> bool:
    """Whether a GET gives a good answer."""
    try:
        async with ClientSession() as client:  # reads no certificates: this is asked five times a second at a start
            return (await ask(client, "GET", url, seconds=2.0))[0] < 300
    except Unreached:
        return False


def environment(settings: Settings) -> dict[str, str]:
    """The settings as variables, so that a part sees the very same."""
    values = {
        f"MOTCUA_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in settings.model_dump().items()
    }
    values.pop("MOTCUA_REDIS_URL")
    return values | {"REDIS_URL": settings.redis_url}


def _prepare_model(settings: Settings) -> None:
    """Train when content is newer than the model; an old model is better than none."""
    if nlu_server.rasa_python(settings) is None:
        load(settings.root)
        return
    try:
        if model_state(settings) != "fresh":
            train(settings)
    except TrainingFailed as error:
        say_aloud(
            f"!! {error}\n   Trợ lý vẫn chạy, với mô hình cũ nếu có / the bot runs, with the old model if there is one"
        )


@contextmanager
def _only_one(settings: Settings) -> Iterator[int]:
    """Holds the lock of this installation; gives the process that already has it, else 0."""
    settings.var.mkdir(parents=True, exist_ok=True)
    with (settings.var / "supervisor.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            text = lock.read().strip()
            yield int(text) if text.isdigit() else -1
            return
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield 0


def running_process(settings: Settings) -> int:
    """The process of the supervisor that runs this installation; 0 when none does."""
    path = settings.var / "supervisor.lock"
    if not path.is_file():
        return 0
    with path.open("r") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = lock.read().strip()
            return int(text) if text.isdigit() else -1
    return 0


def _refuse(text: str, code: int = 1) -> int:
    print(text, file=sys.stderr, flush=True)
    return code
