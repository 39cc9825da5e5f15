"""The Zalo Bot Platform: a token like Telegram's, no buttons, bodies flat or wrapped.

Wire facts as of 2026-11: https://docs.zaloplatforms.com/docs/BOT; the base URL is a setting because two hosts are in use.
"""

import hmac
import json
from typing import Any, Final

import structlog
from aiohttp import ClientSession

from bot.channels.base import Limits, Part, Rule, WebhookRequest, number_in
from bot.errors import ChannelError, Malformed, NeedsAdmin, Unauthentic
from bot.http import Unreached, ask
from bot.messages import Incoming, IncomingKind

log = structlog.get_logger()

KINDS: Final[dict[str, IncomingKind]] = {
    "message.text.received": "text",
    "message.image.received": "image",
    "message.sticker.received": "sticker",
    "message.voice.received": "voice",
    "message.unsupported.received": "other",
}
TIMEOUT: Final = 15.0
POLL_SECONDS: Final = 30
# 403 is described as "internal server error" and 429 as the quota: both may pass
LASTING: Final = frozenset({400, 404})


class ZaloBot:
    """Private chats only. Texts of at most 2,000 characters, choices as numbers."""

    name = "zalo-bot"
    limits = Limits(chars=2000)
    rules = (Rule(seconds=0.05, burst=20), Rule(seconds=1.0, burst=3, each=True))

    def __init__(self, client: ClientSession, *, base: str, token: str, secret: str) -> None:
        self._client = client
        self._address = f"{base.rstrip('/')}/bot{token}"
        self._secret = secret

    def parse(self, request: WebhookRequest) -> list[Incoming]:
        given = request.headers.get("x-bot-api-secret-token", "")
        if not self._secret or not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise Unauthentic("X-Bot-Api-Secret-Token")
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise Malformed("not JSON") from error
        return self._event(body)

    def _event(self, body: Any) -> list[Incoming]:
        """The event of a webhook body or of getUpdates."""
        if not isinstance(body, dict):
            raise Malformed("not an object")
        event = body["result"] if isinstance(body.get("result"), dict) else body
        kind = KINDS.get(str(event.get("event_name")))
        if kind is None:  # reactions, joins, what comes later
            return []
        try:
            message = event["message"]
            chat, author = message["chat"], message.get("from") or {}
            alone = chat["chat_type"] == "PRIVATE" if "chat_type" in chat else chat["id"] == author.get("id")
            if not alone or author.get("is_bot"):
                return []
            text = message.get("text" if kind == "text" else "caption") or ""
            conversation, number = str(chat["id"] or ""), str(message["message_id"] or "")
        except (LookupError, TypeError, AttributeError) as error:
            raise Malformed(f"{event.get('event_name')} without its fields") from error
        if not conversation or not number or not isinstance(text, str):
            raise Malformed("no ids, or a text that is none")
        return [Incoming(self.name, conversation, number, text, kind=kind)]

    async def notice(self, incoming: Incoming) -> None:
        """Nothing to release; a typing sign would outlast the few milliseconds that an answer takes."""

    async def send(self, conversation: str, part: Part) -> None:
        await self._call("sendMessage", chat_id=conversation, text=part.text)

    async def who(self) -> str:
        """The bot's name."""
        return str((await self._call("getMe")).get("account_name", ""))

    async def set_webhook(self, url: str) -> None:
        await self._call("setWebhook", url=url, secret_token=self._secret)

    async def delete_webhook(self) -> None:
        await self._call("deleteWebhook")

    async def poll(self) -> list[Incoming]:
        """What came since the last call; waits up to half a minute."""
        try:
            found = await self._call("getUpdates", timeout=str(POLL_SECONDS), patience=POLL_SECONDS + TIMEOUT)
        except ChannelError as error:
            if error.code == 408:  # nothing came
                return []
            raise
        updates = found if isinstance(found, list) else [found]
        return [incoming for update in updates if update for incoming in self._asked(update)]

    def _asked(self, update: Any) -> list[Incoming]:
        """An event that nobody can read is gone, those beside it are not."""
        try:
            return self._event(update)
        except Malformed as error:
            log.warning("zalo_bot.unreadable", error=str(error))
            return []

    async def _call(self, method: str, *, patience: float = TIMEOUT, **fields: str) -> Any:
        """The result. Raises ChannelError, whose message never names the token (it stands in the URL)."""
        try:
            status, body = await ask(self._client, "POST", f"{self._address}/{method}", seconds=patience, body=fields)
        except Unreached as error:
            raise ChannelError(f"{method}: {error}", permanent=False) from None
        if body is None:
            raise ChannelError(f"{method}: HTTP {status}, no JSON", permanent=False, code=status)
        if isinstance(body, dict) and body.get("ok"):
            return body.get("result")
        code = number_in(body, "error_code", status)
        if code == 401:  # one that was renewed: answers wait until we are given the new one
            cure = "mã sai hoặc đã đổi → MOTCUA_ZALO_BOT_TOKEN, chạy lại trợ lý / wrong or renewed token"
            raise NeedsAdmin(f"{method} 401: {cure}", code=code)
        raise ChannelError(f"{method}: {code}", permanent=code in LASTING, code=code)
