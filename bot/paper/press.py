"""A card on paper: Typst sets it, segno draws its codes. Both are loaded with the first card, a worker starts without them."""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.core.normalise import fold
from bot.errors import Busy
from bot.messages import Card

if TYPE_CHECKING:
    from typst import Compiler

HERE: Final = Path(__file__).parent
MOST_WAITING: Final = 50  # cards of a process; one takes some 20 ms
_desk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="card")  # one at a time: Typst's compiler is one, too
_waiting = 0


async def printed(card: Card) -> bytes:
    """The PDF, made beside the event loop. Raises Busy when too many wait already."""
    global _waiting  # noqa: PLW0603 - only the event loop's thread counts
    if _waiting >= MOST_WAITING:
        raise Busy("cards")
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_desk, pdf_of, card)
    finally:
        _waiting -= 1


def pdf_of(card: Card) -> bytes:
    """A tagged PDF with title and language: one page of A5, else of A4, in print of 18 to 14 points; then two pages."""
    codes = [(card.resume, card.resume_label), (card.official, card.official_label)]
    shown = [{"svg": _code(url), "label": label} for url, label in codes if url]
    words = {"language": card.language, "title": card.title, "body": card.body, "source": card.source, "codes": shown}
    made = _compiler().compile(format="pdf", sys_inputs={"card": json.dumps(words)})
    assert isinstance(made, bytes)
    return made


def file_name(card: Card) -> str:
    """dang-ky-khai-sinh.pdf: letters that every phone keeps."""
    return (re.sub(r"[^a-z0-9]+", "-", fold(card.title))[:60].strip("-") or "motcua") + ".pdf"


@lru_cache(maxsize=1)
def _compiler() -> "Compiler":
    from typst import Compiler  # noqa: PLC0415

    return Compiler(HERE / "card.typ", root=HERE, font_paths=[HERE], ignore_system_fonts=True)


def _code(url: str) -> str:
    """A QR code as SVG; a seventh of it may be soiled."""
    import segno  # noqa: PLC0415

    return str(segno.make(url, error="m", boost_error=False, micro=False).svg_inline(border=0, scale=4))
