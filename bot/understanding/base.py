"""What the pipeline needs to know of understanding: one verb."""

from typing import Protocol

from bot.messages import Language, Understanding


class Understander(Protocol):
    async def understand(self, text: str, language: Language) -> Understanding:
        """Candidates and aspect of a masked text. Raises NluUnavailable."""
        ...
