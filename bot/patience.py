"""uvicorn waits for ever for a request that does not come, or comes a byte at a time, and reads any length of headers; a
proxy in front does not, but who tries `make run` has none."""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

PATIENCE: Final = 10.0  # seconds for the head of a request
LARGEST_HEAD: Final = 64 * 1024  # bytes


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection on which no head of a request is complete in time. What follows the head is the routes' affair."""

    _waiting: asyncio.TimerHandle | None = None
    _in_head = False
    _head = 0  # bytes of it so far

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head += len(data)
        if self._in_head and self._head > LARGEST_HEAD:
            self._in_head = False
            self.send_400_response("The head is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head = True, 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._wait_no_more()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        begins = bool(self.pipeline)  # a request whose head came before this answer was given
        super().on_response_complete()
        if not begins:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._wait_no_more()
        self._waiting = self.loop.call_later(PATIENCE, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None
