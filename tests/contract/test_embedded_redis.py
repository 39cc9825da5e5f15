"""The Redis that comes with us has on file what it said yes to, whenever it is killed."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

from bot import embedded_redis
from bot.errors import StoreUnavailable
from bot.processes import Child, free_port
from bot.settings import Settings
from bot.store.redis import Client, connect, outage

WRITERS = 4
EACH = 50  # writes at least, of each writer, before the kill


async def start(settings: Settings) -> Child:
    engine = embedded_redis.engine()
    assert engine
    command = embedded_redis.command(settings, engine.program)
    return await Child.start(command, cwd=settings.var, env={}, log=settings.var / "log" / "redis.log")


async def ready(redis: Client) -> None:
    async with asyncio.timeout(40):
        while True:
            with suppress(StoreUnavailable):
                async with outage():
                    await redis.ping()
                    return
            await asyncio.sleep(0.05)


async def test_what_was_answered_is_there_after_a_kill(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, root=tmp_path, redis_port=free_port())
    (settings.var / "redis").mkdir(parents=True)
    answered = [0] * WRITERS
    redis = connect(settings.redis_address)
    child = await start(settings)
    keeping = asyncio.create_task(embedded_redis.keep_on_disk(settings))

    async def write(number: int) -> None:
        with suppress(StoreUnavailable):
            while True:
                async with outage():
                    answered[number] = int(await redis.rpush(f"list{number}", "x" * 400))

    try:
        await ready(redis)
        writing = asyncio.gather(*(write(number) for number in range(WRITERS)))
        while min(answered) < EACH:
            await asyncio.sleep(0)
        os.killpg(child.pid, signal.SIGKILL)
        await child.wait()
        await writing
        child = await start(settings)
        await ready(redis)
        async with outage():
            found = [int(await redis.llen(f"list{number}")) for number in range(WRITERS)]
        assert all(there >= said for there, said in zip(found, answered, strict=True))
        assert not keeping.done()
    finally:
        keeping.cancel()
        await redis.aclose()
        await child.stop()
