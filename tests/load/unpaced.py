"""A worker without the platform's limit of messages a second: what is measured is us. `python -m tests.load.unpaced NAME`."""

import sys

from bot.channels.zalo_bot import ZaloBot
from bot.serve import main

if __name__ == "__main__":
    ZaloBot.rules = ()  # type: ignore[assignment]
    main("worker", sys.argv[1])
