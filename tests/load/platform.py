"""Zalo, Bot Platform and Official Account, at next to no cost: bare asyncio, so that what is measured is ours, not the fake's."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from bot.channels.zalo_oa import mac
from bot.platforms import webhook_secret

TOKEN = "111222333:LOAD"
APP, SECRET = "3141592653589793238", "of the webhook page"
_OK = b'{"ok":true,"error":0,"result":{"message_id":"m","date":1790000000123}}'  # good for both
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(_OK), _OK)


class Platform:
    """Takes every message and calls `taken(conversation, text)`."""

    def __init__(self, taken: Callable[[str, str], None]) -> None:
        self._taken = taken

    @asynccontextmanager
    async def serving(self, port: int) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._connection, "127.0.0.1", port)
        async with server:
            yield f"http://127.0.0.1:{port}"

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(_length(head))
                address = head.split(b"\r\n", 1)[0]
                if b"/sendMessage " in address:
                    given = json.loads(body)
                    self._taken(given["chat_id"], given["text"])
                elif b"/oa/message/cs " in address:
                    given = json.loads(body)
                    self._taken(given["recipient"]["user_id"], given["message"]["text"])
                writer.write(_ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


class Poster:
    """Posts events to our webhook over one connection that stays open."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._lines: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def say(self, platform: str, person: str, number: str, text: str) -> int:
        """One message of a citizen; the status that our webhook answered."""
        body, proof = (_oa_event if platform == "zalo-oa" else _bot_event)(person, number, text)
        head = (
            f"POST /webhook/{platform} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
            f"{proof}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        if self._lines is None:
            self._lines = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._lines
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_length(answer))
        return int(answer.split(b" ", 2)[1])


def _bot_event(person: str, number: str, text: str) -> tuple[bytes, str]:
    """The body, and the header that proves where it comes from."""
    message: dict[str, Any] = {
        "from": {"id": person, "display_name": "An", "is_bot": False},
        "chat": {"id": person, "chat_type": "PRIVATE"},
        "message_id": number,
        "date": 1790000000123,
        "text": text,
    }
    body = json.dumps({"event_name": "message.text.received", "message": message}).encode()
    return body, f"X-Bot-Api-Secret-Token: {webhook_secret(TOKEN)}"


def _oa_event(person: str, number: str, text: str) -> tuple[bytes, str]:
    moment = str(int(time.time() * 1000))
    event = {
        "event_name": "user_send_text",
        "app_id": APP,
        "sender": {"id": person},
        "recipient": {"id": "1"},
        "message": {"msg_id": number, "text": text},
        "timestamp": moment,
    }
    body = json.dumps(event).encode()
    return body, f"X-ZEvent-Signature: mac={mac(APP, body, moment, SECRET)}"


class Waiting:
    """Who waits for an answer, since when; how long each had to."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.extra = 0
        self._since: defaultdict[str, list[tuple[float, asyncio.Event]]] = defaultdict(list)

    def taken(self, person: str, text: str) -> None:
        waiting = self._since[person]
        if not waiting:
            self.extra += 1  # the second part of a long answer
            return
        since, event = waiting.pop(0)
        self.seconds.append(time.perf_counter() - since)
        event.set()

    def begin(self, person: str) -> asyncio.Event:
        event = asyncio.Event()
        self._since[person].append((time.perf_counter(), event))
        return event
