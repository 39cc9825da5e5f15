"""The assistant without the platform's limit of messages a second: what is measured is us.

`python -m tests.load.unpaced run` is the supervisor with such workers, `… unpaced worker NAME` is one of them.
"""

import asyncio
import sys
from dataclasses import replace
from functools import partial

from bot import embedded_redis, serve
from bot.channels.zalo_bot import ZaloBot
from bot.parts import Part, supervise
from bot.settings import Settings
from bot.supervisor import parts_of


def unpaced(part: Part) -> Part:
    if not part.name.startswith("worker"):
        return part
    return replace(part, command=[sys.executable, "-m", "tests.load.unpaced", *part.command[-2:]])


def main(role: str, name: str = "") -> None:
    if role == "worker":
        ZaloBot.rules = ()  # type: ignore[assignment]
        serve.main("worker", name)
        return
    parts, problems = parts_of(settings := Settings())
    if problems:
        sys.exit("\n".join(problems))
    beside = [partial(embedded_redis.keep_on_disk, settings)]
    asyncio.run(supervise([unpaced(part) for part in parts], first="redis", beside=beside))


if __name__ == "__main__":
    main(*sys.argv[1:3])
