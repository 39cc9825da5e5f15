"""HTTP as a client: to the NLU server and to the platforms.

aiohttp, because a request costs 0.2 ms of processor with it, and 1.2 ms with httpx2 (decision 16).
"""

import json
import ssl
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.request import getproxies

import truststore
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, FormData, TCPConnector

File = tuple[str, bytes, str]  # name, content, media type


class Unreached(Exception):
    """No answer came. Names the kind of trouble, never the address: a platform's may hold a token."""


@asynccontextmanager
async def http_client() -> AsyncIterator[ClientSession]:
    """For as long as the block runs. Keeps no cookies; a proxy is used if the environment names one."""
    async with ClientSession(
        connector=TCPConnector(limit=0, ssl=_trust()),
        cookie_jar=DummyCookieJar(),
        trust_env=bool(getproxies()),  # only then: to look for them costs more than all else that a request does
    ) as client:
        yield client


def _trust() -> ssl.SSLContext:
    """The system's certificates. On Linux truststore would read them all for every connection, 55 ms in which nothing else
    runs; it is only needed where Python does not find them.
    """
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    found.load_default_certs()
    read = sys.platform == "linux" and found.cert_store_stats()["x509_ca"]
    return found if read else truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def ask(client: ClientSession, method: str, url: str, *, seconds: float, **sent: Any) -> tuple[int, Any]:
    """The status, and what the JSON of the answer says; None where it is no JSON. Raises Unreached. `sent` as in `fetch`."""
    status, answer = await fetch(client, method, url, seconds=seconds, **sent)
    try:
        return status, json.loads(answer)
    except (ValueError, RecursionError):
        return status, None


async def fetch(
    client: ClientSession,
    method: str,
    url: str,
    *,
    seconds: float,
    body: Any = None,
    form: Mapping[str, str] | None = None,
    file: File | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """The status and the body of the answer. Raises Unreached.

    `body` goes as JSON, `form` as an HTML form, `file` as the field "file" of one.
    """
    try:
        async with client.request(
            method,
            url,
            json=body,
            data=_upload(file) if file else form,
            headers=headers,
            timeout=ClientTimeout(seconds),
            allow_redirects=False,
        ) as answer:
            return answer.status, await answer.read()
    except (ClientError, TimeoutError, OSError) as error:
        raise Unreached(type(error).__name__) from None


def _upload(file: File) -> FormData:
    name, content, media_type = file
    form = FormData()
    form.add_field("file", content, filename=name, content_type=media_type)
    return form
