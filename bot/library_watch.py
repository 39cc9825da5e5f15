"""Changed content goes live within seconds; broken content never replaces good content and is not silent."""

import asyncio
import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from bot.core.library import Library
from bot.errors import ContentError, Problem
from bot.loader.load import load
from bot.pipeline import Brain

log = structlog.get_logger()
SECONDS = 0.5
FOLDERS = ("content", "flows")
KINDS = (".yml", ".yaml", ".tsv")


class ContentWatch:
    """Holds the Brain of the last good content. `problems` are those of the newest files; empty when all is well."""

    def __init__(self, root: Path, make: Callable[[Library], Brain]) -> None:
        self._root = root
        self._make = make
        self._seen = self._look()
        self.brain = self._read()
        gc.freeze()
        self.problems: tuple[Problem, ...] = ()

    def _read(self) -> Brain:
        """Without Python's search for rubbish meanwhile: it would look at a hundred thousand new objects again and again."""
        gc.disable()
        try:
            library, _ = load(self._root)
            return self._make(library)
        finally:
            gc.enable()

    def _look(self) -> set[tuple[str, int, int]]:
        """What is cheap to compare: path, time and size of every file."""
        folders = (self._root / name for name in FOLDERS)
        return {file for folder in folders if folder.is_dir() for file in _files(folder)}

    async def refresh(self) -> bool:
        """Load again if a file changed; True when new content is live."""
        seen = await asyncio.to_thread(self._look)
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            self.brain = await asyncio.to_thread(self._read)
        except ContentError as error:
            self.problems = tuple(p for p in error.problems if not p.warning)
            log.error("content.broken", kept=self.brain.library.version, problems=[str(p) for p in self.problems[:5]])
            return False
        self.problems = ()
        await asyncio.to_thread(_settle)
        log.info("content.live", version=self.brain.library.version, entries=len(self.brain.library.entries))
        return True

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await asyncio.sleep(SECONDS)
            try:
                await self.refresh()
            except OSError as error:  # a file vanished while it was read: the next look sees what is there
                log.warning("content.unreadable", error=str(error))


def _settle() -> None:
    """Throw the old content away, then leave the new out of all searches for rubbish.

    What lives as long as the process need not be looked at: a full search stops everything for half a second, and came
    every few hundred turns.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _files(folder: Path | str) -> Iterator[tuple[str, int, int]]:
    """By `scandir`: every process does this twice a second, and Path.glob with Path.stat costs four times as much."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            elif entry.name.endswith(KINDS):
                found = entry.stat()
                yield entry.path, found.st_mtime_ns, found.st_size
