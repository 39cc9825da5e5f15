"""The supervisor with real processes and a real Redis: small web servers stand in for the bot and for Rasa."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import embedded_redis, supervisor
from bot.errors import StoreUnavailable
from bot.parts import Part, keep, supervise
from bot.processes import free_port
from bot.settings import Settings
from bot.store.redis import server_version

# writes "NAME start" and "NAME stop" into a file; GET /die ends it
SERVER = """
import http.server, os, signal, sys
name, port, story = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def tell(what):
    with open(story, "a") as out: out.write(f"{name} {what}\\n")
def stop(*_):
    tell("stop"); os._exit(0)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die": print("I am dying", flush=True); os._exit(7)
        self.send_response(200); self.end_headers(); self.wfile.write(str(os.getpid()).encode())
    def log_message(self, *_): pass
signal.signal(signal.SIGTERM, stop)
server = http.server.HTTPServer(("127.0.0.1", port), Handler)
tell("start"); server.serve_forever()
"""


def web_part(name: str, folder: Path, **changes: object) -> Part:
    port = free_port()

    async def words() -> str:
        return f"{name} is ready"

    values: dict[str, object] = {
        "name": name,
        "title": name,
        "command": [sys.executable, "-c", SERVER, name, str(port), str(folder / "story.txt")],
        "cwd": folder,
        "env": os.environ,
        "log": folder / f"{name}.log",
        "host": "127.0.0.1",
        "port": port,
        "setting": f"{name.upper()}_PORT",
        "ready": lambda age: supervisor.answers(f"http://127.0.0.1:{port}/"),
        "words": words,
    }
    return Part(**(values | changes))  # type: ignore[arg-type]


class Ear:
    """Hears what the supervisor says, and wakes who waits for a line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, text: str) -> None:
        self.lines.append(text)
        task = asyncio.get_running_loop().create_task(self._wake())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _wake(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def hear(self, words: str, times: int = 1) -> None:
        async with asyncio.timeout(30), self._news:
            await self._news.wait_for(lambda: sum(words in line for line in self.lines) >= times)


@asynccontextmanager
async def supervised(
    *parts: Part, first: str = "", beside: tuple[Callable[[], Awaitable[None]], ...] = ()
) -> AsyncIterator[Ear]:
    ear = Ear()
    running = asyncio.create_task(supervise(parts, say=ear, first=first, beside=beside))
    try:
        yield ear
    finally:
        if not running.done():
            os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, 30)


async def get(port: int, path: str = "/") -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.decode().rpartition("\r\n")[2]


def story(folder: Path) -> list[str]:
    return (folder / "story.txt").read_text().splitlines()


def is_running(pid: int) -> bool:
    """Whether the process is there and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def gone(pid: int) -> None:
    async with asyncio.timeout(40):
        while is_running(pid):
            await asyncio.sleep(0.02)


async def test_the_first_part_answers_before_the_others_start_and_stops_last(tmp_path: Path) -> None:
    bot, nlu, redis = (web_part(name, tmp_path) for name in ("bot", "nlu", "redis"))
    async with supervised(bot, nlu, redis, first="redis") as ear:
        await ear.hear("bot is ready")
        await ear.hear("nlu is ready")
    told = story(tmp_path)
    assert told[0] == "redis start"
    assert told[3:] == ["bot stop", "nlu stop", "redis stop"]


async def test_a_part_that_dies_is_restarted_and_the_end_of_its_log_is_shown(tmp_path: Path) -> None:
    part = web_part("bot", tmp_path)
    ear = Ear()
    task = asyncio.create_task(keep(part, say=ear, first_ready=asyncio.Event(), delay=0.05))
    await ear.hear("bot is ready")
    before = await get(part.port)
    await get(part.port, "/die")
    await ear.hear("bot is ready", times=2)
    assert await get(part.port) != before
    [death] = [line for line in ear.lines if line.startswith("!!")]
    assert "mã 7" in death
    assert "code 7" in death
    assert "I am dying" in death
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert story(tmp_path) == ["bot start", "bot start", "bot stop"]


async def test_the_pauses_grow_for_a_part_that_cannot_start(tmp_path: Path) -> None:
    part = web_part("bot", tmp_path, command=[sys.executable, "-c", "raise SystemExit(5)"])
    ear = Ear()
    task = asyncio.create_task(keep(part, say=ear, first_ready=asyncio.Event(), delay=0.6))
    await ear.hear("code 5", times=2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    first, second = (line for line in ear.lines if "code 5" in line)
    assert "restarting in 1 s" in first
    assert "restarting in 1 s" in second.replace("1.2", "1")
    assert not any("is ready" in line for line in ear.lines)


async def test_a_part_that_worked_is_needed_again_at_once(tmp_path: Path) -> None:
    part = web_part("bot", tmp_path)
    ear = Ear()
    task = asyncio.create_task(keep(part, say=ear, first_ready=asyncio.Event(), delay=0.6))
    for times in (1, 2, 3):
        await ear.hear("bot is ready", times=times)
        await get(part.port, "/die")
    await ear.hear("bot is ready", times=4)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    deaths = [line for line in ear.lines if line.startswith("!!")]
    assert len(deaths) == 3 and all("restarting in 1 s" in death for death in deaths)


async def test_a_part_waits_for_its_file(tmp_path: Path) -> None:
    model = tmp_path / "model"
    part = web_part("nlu", tmp_path, wait_for=model)
    bot = web_part("bot", tmp_path)
    async with supervised(bot, part) as ear:
        await ear.hear("bot is ready")
        assert story(tmp_path) == ["bot start"]
        model.touch()
        await ear.hear("nlu is ready")


async def test_a_part_that_will_not_stop_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVER.replace(
        "signal.signal(signal.SIGTERM, stop)", ""
    )
    port = free_port()
    part = web_part(
        "bot",
        tmp_path,
        command=[sys.executable, "-c", deaf, "bot", str(port), str(tmp_path / "story.txt")],
        port=port,
        ready=lambda age: supervisor.answers(f"http://127.0.0.1:{port}/"),
    )
    monkeypatch.setattr("bot.processes.Child.stop.__defaults__", (0.2,))
    async with supervised(part) as ear:
        await ear.hear("bot is ready")
        pid = int(await get(port))
    await gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word to orphans is Linux's")
async def test_no_orphan_is_left_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    port = free_port()
    code = f"""
import asyncio, os, sys
from pathlib import Path
from bot.processes import Child
async def main():
    command = [sys.executable, "-c", {SERVER!r}, "bot", "{port}", "{tmp_path}/story.txt"]
    child = await Child.start(command, cwd=Path("{tmp_path}"), env=os.environ, log=Path("{tmp_path}/bot.log"))
    while not Path("{tmp_path}/story.txt").exists():
        await asyncio.sleep(0.02)
    print(child.pid, flush=True)
    await child.wait()
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert is_running(pid)
    parent.kill()
    await parent.wait()
    await gone(pid)
    assert story(tmp_path) == ["bot start", "bot stop"]


def settings_in(folder: Path) -> Settings:
    ports = {"port": free_port(), "nlu_port": free_port(), "redis_port": free_port()}
    return Settings(root=folder, rasa_python=sys.executable, REDIS_URL="", **ports)  # type: ignore[arg-type]


def test_ports_in_use_are_all_named_with_their_settings(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with socket.socket() as one, socket.socket() as two:
        for server, port in ((one, settings.port), (two, settings.nlu_port)):
            server.bind(("127.0.0.1", port))
            server.listen()
        _, problems = supervisor.parts_of(settings)
    assert ["MOTCUA_PORT=" in problems[0], "MOTCUA_NLU_PORT=" in problems[1]] == [True, True]
    assert supervisor.parts_of(settings)[1] == []


def test_two_parts_cannot_share_a_port(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    _, [problem] = supervisor.parts_of(settings.model_copy(update={"redis_port": settings.port}))
    assert "ports must differ" in problem


def test_with_addresses_given_only_the_bot_is_ours(tmp_path: Path) -> None:
    away = {"redis_url": "redis://127.0.0.1:1/0", "nlu_url": "http://127.0.0.1:2"}
    parts, problems = supervisor.parts_of(settings_in(tmp_path).model_copy(update=away))
    assert [part.name for part in parts] == ["web"]
    assert problems == []
    assert parts[0].env["REDIS_URL"] == away["redis_url"]
    assert parts[0].env["MOTCUA_NLU_URL"] == away["nlu_url"]


def test_only_one_supervisor_of_an_installation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_in(tmp_path)
    assert supervisor.running_process(settings) == 0
    with supervisor._only_one(settings) as other:
        assert other == 0
        assert supervisor.running_process(settings) == os.getpid()
        assert supervisor.run(settings) == 1
    assert "already running" in capsys.readouterr().err
    assert supervisor.running_process(settings) == 0


async def test_the_embedded_redis_keeps_what_it_was_told(tmp_path: Path) -> None:
    if embedded_redis.engine() is None:
        pytest.skip("no Redis or Valkey here")
    settings = settings_in(tmp_path)
    parts, _ = supervisor.parts_of(settings)
    part = next(part for part in parts if part.name == "redis")
    url = settings.redis_address
    async with supervised(part, first="redis") as ear:
        await ear.hear("Redis is ready")
        assert await server_version(url) >= "6.2"
        reader, writer = await asyncio.open_connection("127.0.0.1", settings.redis_port)
        writer.write(b"SET kept yes\r\n")
        assert await reader.readline() == b"+OK\r\n"
        writer.close()
    with pytest.raises(StoreUnavailable):
        await server_version(url)
    async with supervised(part, first="redis") as ear:
        await ear.hear("Redis is ready")
        reader, writer = await asyncio.open_connection("127.0.0.1", settings.redis_port)
        writer.write(b"GET kept\r\n")
        assert [await reader.readline(), await reader.readline()] == [b"$3\r\n", b"yes\r\n"]
        writer.close()
