"""A worker in a process of its own, to be killed: says each citizen's words back. `python -m tests.channels.worker_process`."""

import asyncio
import sys
from collections.abc import Mapping
from datetime import timedelta

import uvloop

from bot.channels.zalo_bot import ZaloBot
from bot.http import http_client
from bot.messages import Decision, Incoming, Language, Reply, Session
from bot.pipeline import Turn
from bot.store.mailbox import Mailboxes
from bot.store.pace import Pace
from bot.store.presence import Presence, Troubles
from bot.store.redis import connect
from bot.worker import Worker


class Echo:
    async def take_turn(self, incoming: Incoming, session: Session) -> tuple[Turn, Session]:
        return Turn(Reply(incoming.text, "vi"), Decision("talk", "echo"), incoming.text), session

    def wording(self, language: Language) -> Mapping[str, str]:
        return {"failed": "failed", "choose_by_number": "number"}


class Hasty(ZaloBot):
    """Without limits of pace: the test is about kills."""

    rules = ()  # type: ignore[assignment]


async def main(name: str, redis_url: str, api: str, token: str, lease: float) -> None:
    redis = connect(redis_url)
    async with http_client() as client:
        channel = Hasty(client, base=api, token=token, secret="not used here")
        mailboxes = Mailboxes(redis, ttl=timedelta(hours=1), lease=timedelta(seconds=lease))
        worker = Worker(
            name,
            mailboxes=mailboxes,
            presence=Presence(redis),
            troubles=Troubles(redis),
            pipeline=Echo(),
            channels={channel.name: channel},
            pace=Pace(redis),
        )
        await worker.run()


if __name__ == "__main__":
    _, name, redis_url, api, token, lease = sys.argv
    asyncio.run(main(name, redis_url, api, token, float(lease)), loop_factory=uvloop.new_event_loop)
