"""The bot process: the only place that joins pipeline, store, NLU and web page. Started by the supervisor."""

import asyncio
import logging
import os
import signal
import socket
import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import holidays
import httpx2
import structlog

from bot import nlu_server
from bot.core.library import Library
from bot.library_watch import ContentWatch
from bot.pipeline import Brain, Pipeline
from bot.platforms import bring, platforms_of
from bot.settings import Settings
from bot.store.mailbox import Mailboxes
from bot.store.pace import Pace
from bot.store.redis import Sessions, WebEvents, connect
from bot.store.wake import WebWaker
from bot.understanding.rasa import RasaUnderstander
from bot.web import WebServer, create_app
from bot.webhooks import Webhooks
from bot.worker import Worker

log = structlog.get_logger()

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """Local time in Vietnam, without zone, as offices write it."""
    return datetime.now(VIETNAM).replace(tzinfo=None)


def days_off() -> frozenset[date]:
    """Vietnam's public holidays of this year and the next."""
    year = now().year
    return frozenset(holidays.country_holidays("VN", years=(year, year + 1)))


def brain(settings: Settings, library: Library) -> Brain:
    """Everything made of one version of the content."""
    return Brain(library, now=now, holidays=days_off(), days=settings.session_days)


def quiet_logs() -> None:
    """One line an event, without message bodies; the HTTP client must not write URLs."""
    logging.basicConfig(level=logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))


async def serve(settings: Settings) -> None:
    """Run until the process is told to stop."""
    quiet_logs()
    ttl = timedelta(days=settings.session_days)
    redis = connect(settings.redis_url or f"redis://127.0.0.1:{settings.redis_port}/0")
    sessions, events = Sessions(redis, ttl=ttl), WebEvents(redis, ttl=ttl)
    watch = ContentWatch(settings.root, partial(brain, settings))
    async with httpx2.AsyncClient() as client:
        nlu = RasaUnderstander(client, settings.nlu_base, timeout=settings.nlu_timeout)
        pipeline = Pipeline(brain=lambda: watch.brain, understander=nlu, sessions=sessions)

        async def nlu_ready() -> bool:
            return await nlu_server.status(client, settings.nlu_base) is not None

        platforms = platforms_of(settings, client)
        mailboxes = Mailboxes(redis, ttl=ttl)
        webhooks = Webhooks(platforms, mailboxes, longest=settings.max_message_chars)
        worker = Worker(
            f"{socket.gethostname()}-{os.getpid()}",
            mailboxes=mailboxes,
            pipeline=pipeline,
            channels=platforms,
            pace=Pace(redis),
        )

        @asynccontextmanager
        async def beside() -> AsyncIterator[None]:
            tasks = [asyncio.create_task(watch.run())]
            if platforms:
                tasks.append(asyncio.create_task(worker.run()))
                tasks += [asyncio.create_task(bring(p, settings.public_url, webhooks.keep)) for p in platforms.values()]
            for task in tasks:
                task.add_done_callback(_stop_when_broken)
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await redis.aclose()

        app = create_app(
            pipeline=pipeline,
            sessions=sessions,
            events=events,
            waker=WebWaker(redis),
            settings=settings,
            nlu_ready=nlu_ready,
            webhooks=webhooks if platforms else None,
            content_problems=lambda: [str(problem) for problem in watch.problems],
            lifespan=beside,
        )
        await WebServer(app, settings, log_level="warning").serve()


def _stop_when_broken(task: asyncio.Task[None]) -> None:
    """A part that fails where nobody waits for it stops the process; the supervisor starts it anew and says so."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("bot.broken", error=type(error).__name__, where="".join(traceback.format_tb(error.__traceback__)))
        os.kill(os.getpid(), signal.SIGTERM)


def _loop() -> asyncio.AbstractEventLoop:
    """libuv's event loop where there is one: a turn is a dozen small trips to Redis and the NLU server."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415 - not on Windows

    return uvloop.new_event_loop()


def main() -> None:
    """Entry point of `python -m bot.serve`."""
    asyncio.run(serve(Settings()), loop_factory=_loop)


if __name__ == "__main__":
    main()
