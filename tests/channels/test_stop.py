"""A worker that is told to stop finishes what it has in hand, and leaves the rest to others."""

import asyncio
import os
import signal
import sys

from pydantic import SecretStr

from bot.settings import Settings
from bot.store.keys import READY
from bot.store.mailbox import GROUP
from bot.store.presence import worker_name, workers_alive
from bot.supervisor import environment
from tests.channels.fakes import Sent
from tests.channels.rig import ROOT, Rig, until


async def test_turn_in_hand_is_finished_and_nothing_left_undone(deserted: Rig, free_port: int) -> None:
    """The real process, as the supervisor starts it; the NLU server is away, so keywords answer."""
    api = deserted.channel._address.removesuffix(f"/bot{deserted.fake.token}")
    settings = Settings(_env_file=None, root=ROOT, nlu_port=free_port, zalo_bot_api=api, REDIS_URL=deserted.redis_url)
    settings = settings.model_copy(update={"zalo_bot_token": SecretStr(deserted.fake.token)})
    go_on = asyncio.Event()

    async def take_slowly(sent: Sent) -> None:
        deserted.fake.sent.append(sent)
        await go_on.wait()

    deserted.fake.take = take_slowly
    command = [sys.executable, "-m", "bot.serve", "worker", "leaving"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=os.environ | environment(settings))
    try:
        await deserted.fake.say("person", "/start")
        await until(lambda: len(deserted.fake.sent) == 1, 60)
        process.send_signal(signal.SIGTERM)
        await deserted.fake.say("another", "/menu")
        assert process.returncode is None, "it waits for the platform"
        go_on.set()
        assert await asyncio.wait_for(process.wait(), 20) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    kept = [key async for key in deserted.redis.scan_iter("motcua:{zalo-bot:person}:*")]
    assert not [key for key in kept if key.endswith((":mail", ":out", ":lease", ":tries"))]
    assert (await deserted.redis.xpending(READY, GROUP))["pending"] == 0
    assert worker_name("leaving") not in await workers_alive(deserted.redis_url)
    assert len(deserted.fake.to("person")) == 1
    deserted.hire("who stays")
    assert "\n1. " in (await deserted.told("another", 1))[0]
