"""The bot's processes, one web part and any number of workers: the only place that joins pipeline, store, NLU and channels."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from aiohttp import ClientSession
from pydantic import ValidationError

from bot import nlu_server
from bot.channels.base import Channel
from bot.channels.zalo_oa import ZaloOa
from bot.consent import Consent
from bot.core.library import Library
from bot.errors import WrongAddress, where
from bot.http import http_client
from bot.library_watch import ContentWatch
from bot.messages import Incoming
from bot.metrics import Tally, exposition
from bot.pipeline import Brain, Pipeline, Turn
from bot.platforms import Reachable, bring, platforms_of, webhook_url
from bot.settings import Settings, explained
from bot.store.chats import WebChats
from bot.store.counts import CountsTable
from bot.store.mailbox import Mailboxes
from bot.store.pace import Pace
from bot.store.presence import Presence, Troubles, worker_name
from bot.store.redis import connect
from bot.store.vault import Vault
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


def brain(settings: Settings, library: Library) -> Brain:
    """Everything made of one version of the content."""
    return Brain(library, now=now, days=settings.session_days, public=settings.public_url.rstrip("/"))


def quiet_logs() -> None:
    """One JSON line an event, without message bodies; the HTTP client must not write URLs."""
    logging.basicConfig(level=logging.WARNING)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


@dataclass(frozen=True, slots=True)
class Tools:
    """What the web part and a worker are both made of."""

    settings: Settings
    client: ClientSession
    watch: ContentWatch
    pipeline: Pipeline
    chats: WebChats
    waker: WebWaker
    mailboxes: Mailboxes
    presence: Presence
    troubles: Troubles
    pace: Pace
    tally: Tally
    counts: CountsTable
    vault: Vault
    platforms: Mapping[str, Channel]


@asynccontextmanager
async def tools_of(settings: Settings) -> AsyncIterator[Tools]:
    """Connections are opened at first use and closed at the end."""
    ttl = timedelta(days=settings.session_days)
    redis = connect(settings.redis_address)
    vault = Vault(redis)
    watch = ContentWatch(settings.root, partial(brain, settings))
    async with http_client() as client:
        nlu = RasaUnderstander(client, settings.nlu_base, timeout=settings.nlu_timeout)
        tally = Tally()

        def journal(incoming: Incoming, turn: Turn, seconds: float) -> None:
            tally.turn(incoming.channel, turn.reply.language, turn.decision.kind, seconds)

        pipeline = Pipeline(brain=lambda: watch.brain, understander=nlu, journal=journal)
        try:
            yield Tools(
                settings=settings,
                client=client,
                watch=watch,
                pipeline=pipeline,
                chats=WebChats(redis, ttl=ttl),
                waker=WebWaker(redis),
                mailboxes=Mailboxes(redis, ttl=ttl),
                presence=Presence(redis),
                troubles=Troubles(redis),
                pace=Pace(redis),
                tally=tally,
                counts=CountsTable(redis),
                vault=vault,
                platforms=platforms_of(settings, client, vault),
            )
        finally:
            await redis.aclose()


async def serve_web(tools: Tools) -> None:
    """The page, the platforms' webhooks, and asking the platforms where no webhook is possible."""
    settings = tools.settings
    webhooks = Webhooks(tools.platforms, tools.mailboxes, longest=settings.max_message_chars, tally=tools.tally)

    async def nlu_ready() -> bool:
        return await nlu_server.status(tools.client, settings.nlu_base) is not None

    async def state() -> dict[str, object]:
        """What is only worth saying when there are platforms."""
        return {"workers": await tools.presence.alive(), "troubles": await tools.troubles.of(settings.platforms)}

    async def metrics() -> bytes:
        gauges: dict[str, float] = {
            "motcua_workers": len(await tools.presence.alive()),
            "motcua_troubles": len(await tools.troubles.of(settings.platforms)),
            "motcua_nlu_up": await nlu_ready(),
            "motcua_content_problems": len(tools.watch.problems),
        }
        return exposition(await tools.counts.all(), gauges | await tools.counts.waiting())

    def beside() -> AbstractAsyncContextManager[None]:
        counting = tools.tally.run(tools.counts)
        return running(tools.watch.run(), counting, *(upkeep(tools, one, webhooks) for one in tools.platforms.values()))

    oa = tools.platforms.get("zalo-oa")

    app = create_app(
        pipeline=tools.pipeline,
        chats=tools.chats,
        waker=tools.waker,
        settings=settings,
        nlu_ready=nlu_ready,
        platforms_state=state if tools.platforms else None,
        webhooks=webhooks if tools.platforms else None,
        consent=Consent(oa, tools.vault, tools.troubles) if isinstance(oa, ZaloOa) else None,
        metrics=metrics,
        content_problems=lambda: [str(problem) for problem in tools.watch.problems],
        lifespan=beside,
    )
    await WebServer(app, settings, log_level="warning").serve()


async def upkeep(tools: Tools, platform: Channel, webhooks: Webhooks) -> None:
    """What a platform needs beside its events being taken."""
    if isinstance(platform, Reachable):
        await bring(platform, webhook_url(tools.settings, platform.name), webhooks.keep, tools.troubles)
    if isinstance(platform, ZaloOa):
        await platform.keeper.run(partial(tools.troubles.note, platform.name))


async def serve_worker(tools: Tools, name: str) -> None:
    """Answers what the platforms brought, until told to stop; then what is in hand is finished."""
    worker = Worker(
        worker_name(name),
        mailboxes=tools.mailboxes,
        presence=tools.presence,
        pipeline=tools.pipeline,
        channels=tools.platforms,
        pace=tools.pace,
        troubles=tools.troubles,
        staff_seconds=60 * tools.settings.staff_minutes,
        tally=tools.tally,
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(tools.watch.run(), tools.tally.run(tools.counts), worker.run()):
        await stop.wait()


async def serve(settings: Settings, role: str, name: str) -> None:
    """Run until the process is told to stop."""
    quiet_logs()
    async with tools_of(settings) as tools:
        await (serve_worker(tools, name) if role == "worker" else serve_web(tools))


@asynccontextmanager
async def running(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Work beside the block, cancelled at its end."""
    tasks = [asyncio.create_task(one) for one in work]
    for task in tasks:
        task.add_done_callback(_stop_when_broken)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _stop_when_broken(task: asyncio.Task[None]) -> None:
    """A part that fails where nobody waits for it stops the process; the supervisor starts it anew and says so."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("bot.broken", error=type(error).__name__, where=where(error))
        os.kill(os.getpid(), signal.SIGTERM)


def _loop() -> asyncio.AbstractEventLoop:
    """libuv's event loop where there is one: a turn is a handful of small trips to Redis and the NLU server."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415 - not on Windows

    return uvloop.new_event_loop()


def main(role: str = "web", name: str = "") -> None:
    """Entry point of `python -m bot.serve web` and `python -m bot.serve worker [NAME]`.

    A worker takes over at once what one of its name left behind: two that run on one machine must not share a name.
    """
    if role not in ("web", "worker"):
        sys.exit("python -m bot.serve web | worker [NAME]")
    try:
        asyncio.run(serve(Settings(), role, name or str(os.getpid())), loop_factory=_loop)
    except WrongAddress as error:
        sys.exit(str(error))
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        sys.exit(explained(error))


if __name__ == "__main__":
    main(*sys.argv[1:3])
