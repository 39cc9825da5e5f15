"""A Zalo Official Account: signed events in, consultation messages (v3 cs) out, taps come back as texts.

Wire facts as of 2026-11; developers.zalo.me names the events and the error numbers, the official SDKs the signature.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import structlog
from aiohttp import ClientSession

from bot.channels.base import Limits, Part, Rule, WebhookRequest
from bot.channels.zalo_tokens import TokenKeeper, ZaloOauth
from bot.channels.zalo_words import meaning
from bot.errors import ChannelError, Malformed, NeedsAdmin, Unauthentic
from bot.http import File, Unreached, ask
from bot.messages import Card, Incoming, IncomingKind
from bot.paper.press import file_name, printed

log = structlog.get_logger()

Buttons = Literal["none", "A", "B"]

TIMEOUT: Final = 15.0
OLDEST: Final = 24 * 3600.0  # seconds; ids are remembered as long, so that an older event can only be a replay
BURST: Final = 20
ANONYMOUS: Final = "anonymous:"  # a visitor of a website with Zalo's chat box: anonymous:PERSON:CONVERSATION
# a tap arrives as the text that the button carried; the colon keeps a citizen's "#khaisinh" a text
TAP: Final = re.compile(r"#([a-z_]+:[\w:.-]*)", re.ASCII)

KINDS: Final[dict[str, IncomingKind]] = {
    "text": "text",
    "link": "other",
    "image": "image",
    "gif": "image",
    "sticker": "sticker",
    "audio": "voice",
    "video": "video",
    "file": "file",
    "location": "location",
    "business_card": "contact",
}
# error numbers of a 200 body, by what is to be done
STALE_TOKEN: Final = frozenset({-216, -220, -124, 216, 401, -401})
ADMIN: Final = frozenset(
    {-209, -212, -219, -221, -223, -224, -204, -205, -242, -240, -248, -320, -321, -118, -14014, -14003, -14002}
)
UNREACHABLE: Final = frozenset({-213, -217, -218, -227, -230, -232, -244})
OUR_MISTAKE: Final = frozenset({-201, -210, -233, -100, -214, -234, -249})
NO_BUTTONS: Final = frozenset({-201, -233})
PAUSES: Final[Mapping[int, float]] = {-32: 30.0, -211: 3600.0}  # seconds: rate limit, quota of the period


class ZaloOa:
    """One OA. `secret` is its OA Secret Key, which is not the App Secret; empty until the console has shown it."""

    name = "zalo-oa"

    def __init__(
        self,
        client: ClientSession,
        *,
        base: str,
        app_id: str,
        app_secret: str,
        secret: str,
        oauth: ZaloOauth,
        keeper: TokenKeeper,
        buttons: Buttons = "none",
        per_minute: int = 100,
        hours: float = 48,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._base = base.rstrip("/")
        self._app_id = app_id
        self._app_secret = app_secret
        self._secret = secret
        self._buttons: Buttons = buttons
        self._late = 3600 * hours
        self._clock = clock
        self.oauth = oauth
        self.keeper = keeper
        burst = min(BURST, max(1, per_minute // 2))
        self.rules = (Rule(seconds=60.0 / max(1, per_minute - burst), burst=burst),)  # no minute has more than allowed

    @property
    def limits(self) -> Limits:
        if self._buttons == "none":
            return Limits(chars=2000, files=True, late=self._late)
        return Limits(chars=2000, buttons=5, label=100, payload=990, files=True, late=self._late)

    # -- in --------------------------------------------------------------------------------------------------------

    def parse(self, request: WebhookRequest) -> list[Incoming]:
        if not self._secret:
            return []  # Zalo tries the address before its console shows the secret: 200, and nothing else
        signature = request.headers.get("x-zevent-signature", "")
        if not signature and not request.body:
            return []  # the same trial, when the address is entered anew
        try:
            event = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise Malformed("not JSON") from error
        if not isinstance(event, dict):
            raise Malformed("not an object")
        self._verify(request.body, event, signature)
        try:
            return self._event(event)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise Malformed(f"{event.get('event_name')} without its fields") from error

    def _verify(self, body: bytes, event: Mapping[str, Any], signature: str) -> None:
        given = signature.strip().lower().removeprefix("mac=").encode()
        moment = str(event.get("timestamp", ""))
        if hmac.compare_digest(given, mac(self._app_id, body, moment, self._secret).encode()):
            return
        oa = str((event.get("recipient") or {}).get("id", "") if isinstance(event.get("recipient"), dict) else "")
        if hmac.compare_digest(given, mac(oa, body, moment, self._secret).encode()):
            log.error("zalo_oa.signed_with_oa_id")  # one source says so; if it is ever seen, the facts must change
        raise Unauthentic("X-ZEvent-Signature")

    def _event(self, event: Mapping[str, Any]) -> list[Incoming]:
        name = str(event["event_name"])
        if self._clock() - int(event["timestamp"]) / 1000 > OLDEST:
            log.warning("zalo_oa.too_old", event_name=name)
            return []
        match name:
            case "follow" | "unfollow":
                person = str(event["follower"]["id"])
                return [self._sign(event, person, "joined" if name == "follow" else "left")]
            case "user_click_chatnow":
                return [self._sign(event, str(event["user_id"]), "joined")]
            case "user_withdraw":
                return [self._sign(event, str(event["user_id"]), "left")]
        origin, _, rest = name.partition("_send_")
        if origin == "oa" and "admin_id" in event["sender"]:  # a person writes in the OA's console; else it is our echo
            return [self._sign(event, str(event["recipient"]["id"]), "staff")]
        if origin in ("user", "anonymous") and rest in KINDS:
            return [self._said(event, origin, KINDS[rest])]
        return []  # seen, received, reactions, shop, groups, what comes later

    def _sign(self, event: Mapping[str, Any], person: str, kind: IncomingKind) -> Incoming:
        """An event without words. Following and "chat now" on one day are one greeting."""
        moment = str(int(event["timestamp"]) // 86_400_000) if kind == "joined" else str(event["timestamp"])
        return Incoming(self.name, _person(person), f"{kind}.{moment}", "", kind=kind)

    def _said(self, event: Mapping[str, Any], origin: str, kind: IncomingKind) -> Incoming:
        message = event["message"]
        conversation = _person(str(event["sender"]["id"]))
        if origin == "anonymous":
            conversation = f"{ANONYMOUS}{conversation}:{message['conversation_id']}"
        number, text = str(message["msg_id"]), message.get("text") or ""
        if not isinstance(text, str) or not number:
            raise ValueError("text and msg_id must be texts")
        if kind == "location":  # its text is the name of the place, not a question
            point = message["attachments"][0]["payload"]["coordinates"]
            place = (float(point["latitude"]), float(point["longitude"]))
            return Incoming(self.name, conversation, number, "", kind=kind, place=place)
        if kind == "other" and not text:
            text = str(message["attachments"][0]["payload"].get("url") or "")
        if kind == "other" and text:
            kind = "text"  # a link, perhaps with words: what it says is a question
        if kind == "text" and (tap := TAP.fullmatch(text.strip())):
            return Incoming(self.name, conversation, number, "", tap[1])
        return Incoming(self.name, conversation, number, text, kind=kind)

    async def notice(self, incoming: Incoming) -> None:
        """Zalo knows neither a typing sign nor a mark that we have read."""

    # -- out -------------------------------------------------------------------------------------------------------

    async def send(self, conversation: str, part: Part) -> None:
        if part.card:
            await self._send_card(conversation, part.card)
            return
        try:
            await self._deliver(conversation, self._message(part))
        except ChannelError as error:
            if not part.choices or error.code not in NO_BUTTONS:
                raise
            log.warning("zalo_oa.no_buttons", code=error.code)  # from here on numbers, until the next start
            self._buttons = "none"
            await self._deliver(conversation, {"text": part.numbered()})

    async def _send_card(self, conversation: str, card: Card) -> None:
        """As a file, uploaded first; where Zalo refuses it, the card's address, if it has one."""
        try:
            if conversation.startswith(ANONYMOUS):
                raise ChannelError("a visitor gets texts only", permanent=True)
            file = (file_name(card), await printed(card), "application/pdf")
            uploaded = await self._with_token("v2.0/oa/upload/file", file=file)
            payload = {"token": str((uploaded.get("data") or {}).get("token", ""))}
            await self._deliver(conversation, {"attachment": {"type": "file", "payload": payload}})
        except ChannelError as error:
            if not error.permanent or error.code in UNREACHABLE:
                raise
            log.warning("zalo_oa.no_file", code=error.code)
            if card.link:
                await self._deliver(conversation, {"text": f"{card.title}: {card.link}"})

    def _message(self, part: Part) -> dict[str, Any]:
        """Two shapes of buttons are told of (A, B); which one an OA takes must be tried, hence the setting."""
        if not part.choices or self._buttons == "none":
            return {"text": part.numbered()}
        buttons = [
            {"title": choice.label, "type": "oa.query.hide", "payload": tap_of(choice.payload)}
            for choice in part.choices
        ]
        payload: dict[str, Any] = {"buttons": buttons}
        if self._buttons == "B":
            title = part.text.split("\n")[0][:100]
            payload = {
                "template_type": "list",
                "elements": [{"title": title, "subtitle": part.hint, "buttons": buttons}],
            }
        return {"text": part.text, "attachment": {"type": "template", "payload": payload}}

    async def _deliver(self, conversation: str, message: dict[str, Any]) -> None:
        if conversation.startswith(ANONYMOUS):
            person, _, thread = conversation.removeprefix(ANONYMOUS).partition(":")
            recipient = {"anonymous_id": person, "conversation_id": thread}
            await self._with_token("v2.0/oa/message", {"recipient": recipient, "message": message})
        else:
            body = {"recipient": {"user_id": conversation}, "message": message}
            await self._with_token("v3.0/oa/message/cs", body)

    async def who(self) -> str:
        """The name of the OA that the token speaks for. Raises NeedsAdmin when there is none, or none that can be renewed."""
        found = await self._with_token("v2.0/oa/getoa")
        return str((found.get("data") or {}).get("name", ""))

    async def _with_token(
        self, path: str, body: dict[str, Any] | None = None, file: File | None = None
    ) -> dict[str, Any]:
        """A token may have been renewed by another process, or have died early: one more try with the next one."""
        token = await self.keeper.access()
        try:
            return await self._call(path, token, body, file)
        except ChannelError as error:
            if error.code not in STALE_TOKEN:
                raise
            token = await self.keeper.renew(token)
            return await self._call(path, token, body, file)

    async def _call(
        self, path: str, token: str, body: dict[str, Any] | None = None, file: File | None = None
    ) -> dict[str, Any]:
        """The body of an answer with error 0. HTTP is 200 whatever happens; only the number counts, never its words."""
        proof = hmac.new(self._app_secret.encode(), token.encode(), "sha256").hexdigest()
        headers = {"access_token": token, "appsecret_proof": proof}
        try:
            method, url = "POST" if body or file else "GET", f"{self._base}/{path}"
            status, found = await ask(self._client, method, url, seconds=TIMEOUT, body=body, file=file, headers=headers)
        except Unreached as error:
            raise ChannelError(f"{path}: {error}", permanent=False) from None
        if found is None:
            raise ChannelError(f"{path}: HTTP {status}, no JSON", permanent=False)
        code = int(found.get("error", 0)) if isinstance(found, dict) else -1
        if code == 0 and status < 300:
            return dict(found)
        if code in ADMIN:
            raise NeedsAdmin(f"Zalo {code}{meaning(code)} ({path})", code=code)
        lasting = code in UNREACHABLE | OUR_MISTAKE
        raise ChannelError(f"{path}: {code}", permanent=lasting, retry_after=PAUSES.get(code, 0.0), code=code)


def mac(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """The signature of an event: plain SHA-256 over the joined pieces, in hex; no HMAC (official Java SDK, MacUtils)."""
    return hashlib.sha256(app_id.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


def tap_of(payload: str) -> str:
    """The text that a tapped button sends."""
    return f"#{payload}" if ":" in payload else f"#{payload}:"


def _person(identity: str) -> str:
    if not identity:
        raise ValueError("a person without an id")
    return identity
