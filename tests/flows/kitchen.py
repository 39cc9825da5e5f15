"""A small commune whose one flow shows every kind of step."""

import shutil
from datetime import datetime
from pathlib import Path

from bot.ask import Keywords, Talks
from bot.loader.load import load
from bot.messages import Incoming
from bot.pipeline import Brain, Pipeline, Turn
from bot.understanding.base import Understander
from tests.content import minimal

FLOW = "kitchen-sink"
SINK = Path(__file__).with_name("kitchen_sink")
NOON = datetime(2026, 11, 23, 12, 0)


def build(root: Path) -> None:
    """The smallest content and the kitchen-sink flow below `root`."""
    minimal.build(root)
    shutil.copytree(SINK, root, dirs_exist_ok=True)


def brain_of(root: Path) -> Brain:
    return Brain(load(root)[0], now=lambda: NOON)


class Citizen:
    """Somebody who types and presses in one conversation; by keyword search where nothing else is given."""

    def __init__(self, brain: Brain, understander: Understander | None = None) -> None:
        self.brain = brain
        self._talks = Talks(Pipeline(brain=lambda: self.brain, understander=understander or Keywords()))
        self.sessions = self._talks.sessions
        self._number = 0

    async def says(self, text: str, payload: str = "") -> Turn:
        self._number += 1
        return await self._talks.handle(Incoming("test", "one", str(self._number), text, payload))

    async def presses(self, payload: str) -> Turn:
        return await self.says("", payload)
