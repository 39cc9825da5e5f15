"""The tokens of a Zalo Official Account: consent of its admin, and a pair that is renewed by one process at a time.

Wire facts of OAuth v4 as of 2026-11. An access token lives 25 hours; a refresh token three months and for one use: with
each renewal comes a new pair, and the old access token dies. Who loses the pair needs the admin's consent again.
"""

import asyncio
import base64
import hashlib
import json
import math
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import asdict, dataclass
from typing import Final, Protocol
from urllib.parse import urlencode

import structlog
from aiohttp import ClientSession

from bot.channels.base import number_in
from bot.channels.zalo_words import meaning
from bot.errors import ChannelError, NeedsAdmin, StoreUnavailable
from bot.http import Unreached, ask

log = structlog.get_logger()

TIMEOUT: Final = 10.0
PASSING: Final = frozenset({429, *range(500, 600)})  # HTTP
LIFETIME: Final = 90_000  # seconds of an access token, should Zalo not say
AHEAD: Final = 5 * 3600.0  # seconds before its end at which a token is renewed
LOOK: Final = 600.0
WRITE_AGAIN: Final = 0.2
FRESH: Final = 1.0  # seconds for which a pair that was read is taken for the present one


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair, and when the access token ends, in seconds since 1970."""

    access: str
    refresh: str
    ends: float


class Vault(Protocol):
    """Where the pair is kept, for all processes."""

    async def read(self) -> str | None: ...
    async def write(self, text: str) -> None: ...
    def alone(self) -> AbstractAsyncContextManager[None]: ...


def new_verifier() -> str:
    """A PKCE secret: 43 characters of 32 random bytes (RFC 7636, section 4.1)."""
    return _base64(secrets.token_bytes(32))


def challenge_of(verifier: str) -> str:
    """What may be shown of a verifier (RFC 7636, S256)."""
    return _base64(hashlib.sha256(verifier.encode("ascii")).digest())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


class ZaloOauth:
    """The address of Zalo that gives tokens. Its methods raise ChannelError; NeedsAdmin when it refuses."""

    def __init__(self, client: ClientSession, *, base: str, app_id: str, app_secret: str) -> None:
        self._client = client
        self._base = f"{base.rstrip('/')}/v4/oa"
        self._app_id = app_id
        self._app_secret = app_secret

    def consent_url(self, *, redirect_uri: str, verifier: str, state: str) -> str:
        """Where the OA's admin agrees that this app may speak for the OA."""
        asked = {"app_id": self._app_id, "redirect_uri": redirect_uri, "state": state}
        return f"{self._base}/permission?{urlencode(asked | {'code_challenge': challenge_of(verifier)})}"

    async def exchange(self, code: str, verifier: str) -> Tokens:
        """The first pair, for the code that Zalo gave the admin's browser."""
        return await self._ask(grant_type="authorization_code", code=code, code_verifier=verifier)

    async def renew(self, refresh: str) -> Tokens:
        """A new pair; `refresh` is used up."""
        return await self._ask(grant_type="refresh_token", refresh_token=refresh)

    async def _ask(self, **fields: str) -> Tokens:
        try:
            form, headers = fields | {"app_id": self._app_id}, {"secret_key": self._app_secret}
            url = f"{self._base}/access_token"
            status, body = await ask(self._client, "POST", url, seconds=TIMEOUT, form=form, headers=headers)
        except Unreached as error:
            raise ChannelError(f"oauth: {error}", permanent=False) from None
        if not isinstance(body, dict) or status in PASSING:
            raise ChannelError(f"oauth: HTTP {status}, no pair", permanent=False)
        if not body.get("access_token"):
            code = number_in(body, "error", 0)
            raise NeedsAdmin(f"Zalo không cấp mã / gives no token, {code}{meaning(code)}", code=code)
        # whatever else is odd about it: the token that was given for it is used up
        refresh = str(body.get("refresh_token") or fields.get("refresh_token", ""))
        return Tokens(str(body["access_token"]), refresh, time.time() + number_in(body, "expires_in", LIFETIME))


class TokenKeeper:
    """The pair in use. Raises NeedsAdmin when there is none, StoreUnavailable when the vault does not answer."""

    def __init__(self, oauth: ZaloOauth, vault: Vault) -> None:
        self._oauth = oauth
        self._vault = vault
        self._access, self._read_at = "", -math.inf

    async def access(self) -> str:
        """The token to send with. Another process may have renewed it just now: Zalo says so, and `renew` finds the new one."""
        if time.monotonic() - self._read_at > FRESH:
            self._access, self._read_at = (await self._pair()).access, time.monotonic()
        return self._access

    async def keep(self, tokens: Tokens) -> None:
        """A pair from the admin's consent."""
        async with self._vault.alone():
            await self._write(tokens)

    async def renew(self, stale: str) -> str:
        """A token that is not `stale`: the one that somebody else renewed meanwhile, else a new one.

        Finished once begun, also by a process that is told to stop: the pair that Zalo is about to give cannot be had twice.
        """
        self._read_at = -math.inf
        renewing = asyncio.ensure_future(self._renew(stale))
        try:
            return await asyncio.shield(renewing)
        except asyncio.CancelledError:
            await asyncio.wait([renewing])
            raise

    async def _renew(self, stale: str) -> str:
        async with self._vault.alone():
            pair = await self._pair()
            if pair.access != stale:
                return pair.access
            try:
                new = await self._oauth.renew(pair.refresh)
            except NeedsAdmin:
                if (found := await self._pair()) == pair:
                    raise
                return found.access  # whoever used that token lost its lock, and has written the new pair only now
            await self._write(new)  # before it is used
            log.info("zalo_oa.token_renewed")
            return new.access

    async def _write(self, new: Tokens) -> None:
        """Redis may go and come back; who gives up here has locked the account out until its admin agrees anew."""
        while True:
            try:
                return await self._vault.write(json.dumps(asdict(new)))
            except StoreUnavailable as error:
                log.warning("zalo_oa.pair_not_written_yet", error=str(error))
            await asyncio.sleep(WRITE_AGAIN)

    async def run(self, tell: Callable[[str], Awaitable[None]]) -> None:
        """Renew well ahead of the end, until cancelled; `tell` is given what an admin must mend.

        An OA to which nobody writes for months keeps its pair too.
        """
        while True:
            try:
                pair = await self._pair()
                if pair.ends - time.time() < AHEAD:
                    await self.renew(pair.access)
            except (ChannelError, StoreUnavailable) as error:
                log.error("zalo_oa.not_renewed", error=str(error))
                if isinstance(error, NeedsAdmin):
                    with suppress(StoreUnavailable):
                        await tell(str(error))
            await asyncio.sleep(LOOK)

    async def _pair(self) -> Tokens:
        kept = await self._vault.read()
        if kept is None:
            raise NeedsAdmin("Chưa nối với Zalo OA → motcua setup zalo-oa / not connected to the OA yet")
        return Tokens(**json.loads(kept))
