"""Calls to platforms over TLS: their certificates are judged by the system's store, which a burst of calls must not read anew."""

import asyncio
import ssl
import sys
from pathlib import Path

import pytest

from bot.http import Unreached, fetch, http_client
from tests.redis_guard import issue


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system itself judges")
async def test_the_systems_certificates_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, foreign = issue(tmp_path / "good", "127.0.0.1"), issue(tmp_path / "foreign", "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(good.authority))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        writer.close()

    urls, servers = [], []
    for made in (good, foreign):
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(made.server, made.key)
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
        servers.append(server)
        urls.append(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    async with http_client() as client:
        monkeypatch.setattr(ssl.SSLContext, "set_default_verify_paths", _again)
        for _ in range(3):
            assert await fetch(client, "GET", urls[0], seconds=5.0) == (200, b"ok")
        with pytest.raises(Unreached, match="Certificate"):
            await fetch(client, "GET", urls[1], seconds=5.0)
    for server in servers:
        server.close()


def _again(context: ssl.SSLContext) -> None:
    raise AssertionError("the system's certificates are read for a connection")
