"""Calls to a Zalo Official Account's API: the token that each carries, and what its error numbers ask of us.

Wire facts as of 2026-11: https://developers.zalo.me names the numbers. HTTP is 200 whatever happens.
"""

import hmac
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import ClientSession

from bot.channels.base import number_in
from bot.channels.zalo_tokens import TokenKeeper
from bot.channels.zalo_words import MEANING, meaning
from bot.errors import ChannelError, NeedsAdmin
from bot.http import File, Unreached, ask

TIMEOUT: Final = 15.0
# error numbers of a 200 body, by what is to be done
STALE_TOKEN: Final = frozenset({-216, -220, -124, 216, 401, -401})
ADMIN: Final = frozenset(MEANING)
UNREACHABLE: Final = frozenset({-213, -217, -218, -227, -230, -232, -244})
OUR_MISTAKE: Final = frozenset({-201, -210, -233, -100, -214, -234, -249})
NO_FILES: Final = frozenset({-212, -224, -240})  # for an admin, unless only this way of sending is closed
NO_BUTTONS: Final = frozenset({-201, -233})
PAUSES: Final[Mapping[int, float]] = {-32: 30.0, -211: 3600.0}  # seconds: rate limit, quota of the period


class ZaloApi:
    """`base` is the address of the API. Raises ChannelError, NeedsAdmin where an admin must act."""

    def __init__(self, client: ClientSession, *, base: str, app_secret: str, keeper: TokenKeeper) -> None:
        self._client = client
        self._base = base.rstrip("/")
        self._app_secret = app_secret
        self._keeper = keeper

    async def call(self, path: str, body: dict[str, Any] | None = None, file: File | None = None) -> dict[str, Any]:
        """The body of an answer with error 0. GET without body and file.

        A token may have been renewed by another process, or have died early: one more try with the next one.
        """
        token = await self._keeper.access()
        try:
            return await self._call(path, token, body, file)
        except ChannelError as error:
            if error.code not in STALE_TOKEN:
                raise
            token = await self._keeper.renew(token)
            return await self._call(path, token, body, file)

    async def _call(self, path: str, token: str, body: dict[str, Any] | None, file: File | None) -> dict[str, Any]:
        proof = hmac.new(self._app_secret.encode(), token.encode(), "sha256").hexdigest()
        headers = {"access_token": token, "appsecret_proof": proof}
        method, url = "POST" if body or file else "GET", f"{self._base}/{path}"
        try:
            status, found = await ask(self._client, method, url, seconds=TIMEOUT, body=body, file=file, headers=headers)
        except Unreached as error:
            raise ChannelError(f"{path}: {error}", permanent=False) from None
        if found is None:
            raise ChannelError(f"{path}: HTTP {status}, no JSON", permanent=False)
        code = number_in(found, "error", -1)  # only the number counts, never its words
        if code == 0 and status < 300:
            return dict(found)
        if code in ADMIN:
            raise NeedsAdmin(f"Zalo {code}{meaning(code)} ({path})", code=code)
        lasting = code in UNREACHABLE | OUR_MISTAKE
        raise ChannelError(f"{path}: {code}", permanent=lasting, retry_after=PAUSES.get(code, 0.0), code=code)
