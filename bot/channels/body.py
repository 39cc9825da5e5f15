"""Reading what a client sends: not more than is wanted, and not for ever."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Final

PATIENCE: Final = 10.0  # seconds for the whole of it


class TooLarge(Exception):
    """More than is wanted was sent, or announced."""


class TooSlow(Exception):
    """It did not come within PATIENCE."""


async def read(stream: AsyncIterator[bytes], headers: Mapping[str, str], *, most: int) -> bytes:
    """The body, of at most `most` bytes. Raises TooLarge and TooSlow."""
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > most:
        raise TooLarge
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in stream:
                body += chunk
                if len(body) > most:
                    raise TooLarge
    except TimeoutError:
        raise TooSlow from None
    return bytes(body)
