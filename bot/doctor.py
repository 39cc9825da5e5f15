"""What an operator wants to know when something does not work: what is wrong, and how to mend it."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import ClientSession

from bot import embedded_redis, nlu_server
from bot.errors import ContentError, StoreUnavailable, WrongAddress
from bot.http import http_client
from bot.loader.load import load
from bot.metrics import key_of
from bot.platforms import no_way_in
from bot.processes import port_is_free
from bot.settings import Settings
from bot.store.counts import counts_of
from bot.store.mailbox import notes_of_set_aside
from bot.store.presence import troubles_of, workers_alive
from bot.store.redis import server_version, trial
from bot.supervisor import answers, running_process
from bot.training.train import model_state

RASA = "3.6.21"
FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `cure` says how to mend what is not good, in both languages."""

    good: bool
    what: str
    cure: str = ""

    def __str__(self) -> str:
        line = f"{'OK' if self.good else '!!'}  {self.what}"
        return line if self.good or not self.cure else f"{line}\n      → {self.cure}"


def doctor(settings: Settings) -> int:
    """Print every check; the exit code is 1 when one of them is bad."""
    wrong = 0
    for finding in findings(settings):
        print(finding, flush=True)
        wrong += not finding.good
    if wrong:
        print(f"\nCó {wrong} chỗ cần sửa / {wrong} to mend")
    else:
        print("\nMọi thứ đều tốt / all is well")
    return 1 if wrong else 0


def findings(settings: Settings) -> Iterator[Finding]:
    """The checks, from what everything needs to what needs everything."""
    running = running_process(settings)
    yield python_version(sys.version_info[:3])
    yield disk(settings)
    yield content(settings)
    if not settings.nlu_url:
        yield rasa(settings)
        yield model(settings)
    yield from ports(settings, running)
    yield redis(settings, running)
    yield from workers(settings, running)
    yield from ways_in(settings, running)
    yield from set_aside(settings, running)
    yield nlu(settings, running)


def python_version(version: tuple[int, ...]) -> Finding:
    name = ".".join(map(str, version))
    return Finding(version >= (3, 12), f"Python {name}", "cần Python 3.12 trở lên: make setup / needs 3.12 or newer")


def disk(settings: Settings) -> Finding:
    folder = next(p for p in (settings.var, *settings.var.parents) if p.is_dir())
    free = shutil.disk_usage(folder).free
    what = f"Đĩa còn trống / disk space: {free / 1e9:.1f} GB ({settings.var})"
    return Finding(free >= FREE_BYTES, what, "giải phóng ít nhất 1 GB / free at least 1 GB")


def content(settings: Settings) -> Finding:
    cure = "xem từng lỗi: motcua content check / see each mistake: motcua content check"
    try:
        library, warnings = load(settings.root)
    except ContentError as error:
        wrong = sum(not p.warning for p in error.problems)
        return Finding(False, f"Nội dung có {wrong} lỗi / content has {wrong} errors", cure)
    except OSError as error:
        return Finding(False, f"Không đọc được nội dung / content cannot be read: {error}", cure)
    return Finding(True, f"Nội dung / content: {len(library.entries)} bài/entries, {len(warnings)} cảnh báo/warnings")


def rasa(settings: Settings) -> Finding:
    """Asks the other Python for its package's version, without the seconds that importing Rasa takes."""
    cure = "make setup (hoặc đặt MOTCUA_RASA_PYTHON / or set MOTCUA_RASA_PYTHON)"
    python = nlu_server.rasa_python(settings)
    if python is None:
        return Finding(False, "Chưa có môi trường Rasa (.venv-rasa) / no Rasa environment", cure)
    code = "import importlib.metadata as m; print(m.version('rasa'))"
    try:
        asked = [str(python), "-I", "-c", code]
        version = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return Finding(False, f"Môi trường Rasa hỏng / the Rasa environment is broken: {python}", cure)
    return Finding(version == RASA, f"Rasa {version} ({python}), cần/needs {RASA}", cure)


def model(settings: Settings) -> Finding:
    words = {
        "fresh": "Mô hình khớp với nội dung / the model is of this content",
        "stale": "Mô hình cũ hơn nội dung / the model is older than the content",
        "missing": "Chưa có mô hình / there is no model",
    }
    state = model_state(settings)
    return Finding(state == "fresh", words[state], "motcua train")


def ports(settings: Settings, running: int) -> Iterator[Finding]:
    wanted = [("MOTCUA_PORT", settings.host, settings.port)]
    if not settings.nlu_url:
        wanted.append(("MOTCUA_NLU_PORT", "127.0.0.1", settings.nlu_port))
    if not settings.redis_url:
        wanted.append(("MOTCUA_REDIS_PORT", "127.0.0.1", settings.redis_port))
    for setting, host, port in wanted:
        free = port_is_free(host, port)
        if running or (not free and port == settings.port and _page_runs(settings)):
            by = f", process {running}" if running else ""
            yield Finding(True, f"Cổng/port {port} ({setting}): trợ lý đang chạy / in use by us{by}")
            continue
        state = "còn trống / free" if free else "đang có chương trình khác dùng / used by another program"
        cure = f"đóng chương trình đó hoặc đặt {setting}=… / stop it or set {setting}=…"
        yield Finding(free, f"Cổng/port {port} ({setting}): {state}", cure)


def redis(settings: Settings, running: int) -> Finding:
    if not settings.redis_url and not running:
        engine = embedded_redis.engine()
        cure = "cài redis-server từ 6.2 hoặc đặt REDIS_URL / install redis-server 6.2 or newer, or set REDIS_URL"
        if engine is None:
            return Finding(False, "Không có Redis / there is no Redis", cure)
        return Finding(True, f"Redis: {engine.name}, chạy cùng trợ lý / starts with the bot ({engine.program})")
    where = "REDIS_URL" if settings.redis_url else f"127.0.0.1:{settings.redis_port}"
    try:
        asyncio.run(trial(settings.redis_address))
        version = asyncio.run(server_version(settings.redis_address))
    except WrongAddress as error:
        return Finding(False, str(error))
    except StoreUnavailable as error:
        cure = "" if settings.redis_url else f"xem / see {settings.var / 'log' / 'redis.log'}"
        return Finding(False, f"Redis ({where}) không dùng được / cannot be used: {error}", cure)
    good = tuple(map(int, version.split(".")[:2])) >= embedded_redis.OLDEST
    return Finding(good, f"Redis {version} ({where})", "cần Redis 6.2 trở lên / needs Redis 6.2 or newer")


def workers(settings: Settings, running: int) -> Iterator[Finding]:
    """Whether anybody answers what the platforms bring, and whether the platforms take the answers."""
    if not settings.platforms or not (settings.redis_url or running):
        return
    try:
        alive = asyncio.run(workers_alive(settings.redis_address))
        troubles = asyncio.run(troubles_of(settings.redis_address, settings.platforms))
    except (StoreUnavailable, WrongAddress):
        return  # said above
    what = f"{', '.join(settings.platforms)}: {len(alive)} tiến trình trả lời / workers"
    yield Finding(bool(alive), what, "motcua run, với / with MOTCUA_WORKERS > 0; xem / see var/log/worker1.log")
    for platform, trouble in troubles.items():
        cure = f"sửa xong thì chạy / when that is mended: motcua setup {platform}"
        yield Finding(False, f"{platform}: {trouble}", cure)


def ways_in(settings: Settings, running: int) -> Iterator[Finding]:
    """Whether what the platforms post comes to the assistant that runs, and is believed."""
    if "zalo-oa" in settings.platforms and not settings.zalo_oa_secret.get_secret_value():
        vi = "OA Secret Key ở trang Webhook của developers.zalo.me; chưa có thì trợ lý không đọc tin nào"
        cure = f"{vi} / the OA Secret Key of the webhook page: without it nothing is read"
        yield Finding(False, "zalo-oa: thiếu / is missing: MOTCUA_ZALO_OA_SECRET", cure)
    if not settings.platforms or not (settings.redis_url or running):
        return
    public = settings.public_url.rstrip("/")
    for name in settings.platforms if public or _page_runs(settings) else ():  # a machine may have workers only
        url = f"{public or settings.web_base}/webhook/{name}"
        why = asyncio.run(_asked(url))
        yield Finding(not why, f"{name}: {url}", why)
    try:
        counts = asyncio.run(counts_of(settings.redis_address))
    except (StoreUnavailable, WrongAddress):
        return  # said above
    for name in settings.platforms:
        taken, refused = (int(counts.get(key_of("motcua_events", name, status), 0)) for status in ("200", "403"))
        what = f"{name}: nhận {taken} sự kiện, từ chối {refused} vì sai khóa / events taken, refused for a wrong key"
        if taken or refused:
            key = "MOTCUA_ZALO_OA_SECRET" if name == "zalo-oa" else f"motcua setup {name}"
            yield Finding(taken > 0, what, f"so lại / compare: {key}")


def _page_runs(settings: Settings) -> bool:
    """Whether our own page answers: in containers no supervisor says so."""
    return asyncio.run(answers(f"{settings.web_base}/healthz"))


async def _asked(url: str) -> str:
    async with http_client() as client:
        return await no_way_in(client, url)


def set_aside(settings: Settings, running: int) -> Iterator[Finding]:
    """Messages of Telegram or Zalo that broke the assistant again and again: which, never what they said."""
    if not settings.redis_url and not running:
        return
    try:
        notes = asyncio.run(notes_of_set_aside(settings.redis_address))
    except (StoreUnavailable, WrongAddress):
        return  # said above
    if notes:
        which = ", ".join(f"{note['channel']} {note['message']} ({note['kind']})" for note in notes[:5])
        log = settings.var / "log" / "worker1.log"
        cure = f"gửi cho chúng tôi / send us the lines worker.turn_failed: {log}"
        yield Finding(
            False, f"{len(notes)} tin nhắn không trả lời được / messages could not be answered: {which}", cure
        )


def nlu(settings: Settings, running: int) -> Finding:
    if not settings.nlu_url and not running:
        return Finding(True, "NLU: chưa chạy, khởi động cùng trợ lý / not running, starts with the bot (motcua run)")

    async def ask() -> bool:
        async with ClientSession() as client:
            return await nlu_server.status(client, settings.nlu_base) is not None

    what = f"NLU {settings.nlu_base}"
    if asyncio.run(ask()):
        return Finding(True, what)
    cure = "kiểm tra / check MOTCUA_NLU_URL" if settings.nlu_url else f"xem / see {settings.var / 'log' / 'nlu.log'}"
    return Finding(False, f"{what} không trả lời / does not answer", cure)
