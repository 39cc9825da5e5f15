"""Everything between a platform and a citizen's phone, but for the NLU: a fake platform, webhooks, Redis, workers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route

from bot.ask import Keywords
from bot.channels.base import Channel
from bot.channels.zalo_oa import ZaloOa
from bot.channels.zalo_tokens import Tokens
from bot.loader.load import load
from bot.pipeline import Brain, Pipeline
from bot.platforms import zalo_oa
from bot.settings import Settings
from bot.store.mailbox import Mailboxes
from bot.store.pace import Pace
from bot.store.presence import Presence, Troubles
from bot.store.redis import connect
from bot.store.vault import Vault
from bot.webhooks import Webhooks
from bot.worker import Worker
from tests.channels.fake_zalo_oa import FakeZaloOa
from tests.channels.fakes import Fake, serving

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-secret-of-the-test"


@cache
def brain() -> Brain:
    library, _ = load(ROOT)
    return Brain(library, now=lambda: datetime(2026, 11, 25, 9, 0))


def pipeline() -> Pipeline:
    return Pipeline(brain=brain, understander=Keywords())


@dataclass
class Rig:
    """`url` is where the platform posts."""

    fake: Any
    channel: Any
    mailboxes: Mailboxes
    url: str
    redis: Any
    redis_url: str
    workers: list[asyncio.Task[None]] = field(default_factory=list)
    connections: list[Any] = field(default_factory=list)  # of the workers

    def hire(self, name: str, **changed: Any) -> asyncio.Task[None]:
        """One more worker, with connections of its own; `changed` replaces its parts."""
        redis = connect(self.redis_url)
        self.connections.append(redis)
        parts: dict[str, Any] = {
            "mailboxes": Mailboxes(redis, ttl=timedelta(days=1)),
            "presence": Presence(redis),
            "pipeline": pipeline(),
            "channels": {self.channel.name: self.channel},
            "pace": Pace(redis),
            "troubles": Troubles(redis),
        }
        task = asyncio.create_task(Worker(name, **(parts | changed)).run())
        self.workers.append(task)
        return task

    async def told(self, conversation: str, number: int) -> list[str]:
        """The texts that the citizen got, once there are `number` of them."""
        await until(lambda: len(self.fake.to(conversation)) >= number)
        return list(self.fake.to(conversation))


def oa_of(fake: FakeZaloOa, api: str, client: ClientSession, redis_url: str, **changed: Any) -> ZaloOa:
    """Our side of a fake Official Account."""
    settings = Settings(
        _env_file=None,
        zalo_oa_app_id=fake.app_id,
        zalo_oa_app_secret=SecretStr(fake.app_secret),
        zalo_oa_api=api,
        zalo_oa_oauth=api,
        **({"zalo_oa_secret": SecretStr(SECRET)} | changed),
    )
    return zalo_oa(settings, client, Vault(connect(redis_url)))


def oa_environment(fake: FakeZaloOa, api: str) -> dict[str, str]:
    """The settings of a process that serves a fake Official Account."""
    return {
        "MOTCUA_ZALO_OA_APP_ID": fake.app_id,
        "MOTCUA_ZALO_OA_APP_SECRET": fake.app_secret,
        "MOTCUA_ZALO_OA_SECRET": SECRET,
        "MOTCUA_ZALO_OA_API": api,
        "MOTCUA_ZALO_OA_OAUTH": api,
    }


def tokens_of(fake: FakeZaloOa) -> Tokens:
    """The pair that an admin's consent gave."""
    pair = fake.new_pair()
    return Tokens(pair["access_token"], pair["refresh_token"], time.time() + fake.lifetime)


async def until(condition: Callable[[], bool], seconds: float = 40.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def rig(
    redis_url: str, ports: Callable[[], int], fake: Fake, channel: Callable[[str], Channel], *, workers: int = 1
) -> AsyncIterator[Rig]:
    """The fake serves its API, the channel is made with the API's address, and its events come to our webhook."""
    brain()  # reading the content takes a second in which nothing else would run
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(serving(fake.app(), ports()))  # type: ignore[attr-defined]
        made = channel(api)
        redis = connect(redis_url)
        stack.push_async_callback(redis.aclose)
        mailboxes = Mailboxes(redis, ttl=timedelta(days=1))
        hooks = Webhooks({made.name: made}, mailboxes, longest=2000)
        app = Starlette(routes=[Route("/webhook/{channel}", hooks.receive, methods=["POST"])])
        base = await stack.enter_async_context(serving(app, ports()))
        rig = Rig(fake, made, mailboxes, f"{base}/webhook/{made.name}", redis, redis_url)
        fake.webhook, fake.secret = rig.url, SECRET
        for number in range(workers):
            rig.hire(f"worker{number}")
        try:
            yield rig
        finally:
            for task in rig.workers:
                task.cancel()
            await asyncio.gather(*rig.workers, return_exceptions=True)
            await asyncio.gather(*(connection.aclose() for connection in rig.connections))
