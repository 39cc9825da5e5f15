"""A Zalo Official Account: signed events in, consultation messages (v3 cs) out, taps come back as texts.

Wire facts as of 2026-11; developers.zalo.me names the events and the error numbers, the official SDKs the signature.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

import structlog

from bot.channels.base import Limits, Part, Rule, WebhookRequest, place_of
from bot.channels.zalo_api import NO_BUTTONS, NO_FILES, UNREACHABLE, ZaloApi
from bot.channels.zalo_tokens import TokenKeeper, ZaloOauth
from bot.errors import ChannelError, Malformed, Unauthentic
from bot.messages import Card, Incoming, IncomingKind
from bot.paper.press import file_name, printed

log = structlog.get_logger()

Buttons = Literal["none", "A", "B"]

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


class ZaloOa:
    """One OA. `secret` is its OA Secret Key, which is not the App Secret; empty until the console has shown it."""

    name = "zalo-oa"

    def __init__(
        self,
        api: ZaloApi,
        *,
        app_id: str,
        secret: str,
        oauth: ZaloOauth,
        keeper: TokenKeeper,
        buttons: Buttons = "none",
        per_minute: int = 100,
        hours: float = 48,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._api = api
        self._app_id = app_id
        self._secret = secret
        self._buttons: Buttons = buttons
        self._late = 3600 * hours
        self._clock = clock
        self._newest, self._newest_at = 0.0, 0.0  # by Zalo's clock, and when it reached us by ours
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
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            # Zalo repeats what gets no 200 for an hour, then switches the webhook off: what it signed is taken
            log.warning("zalo_oa.unreadable", event_name=str(event.get("event_name"))[:40], error=type(error).__name__)
            return []

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
        if self._replayed(int(event["timestamp"]) / 1000):
            log.warning("zalo_oa.too_old", event_name=name)
            return []
        match name:
            case "follow" | "unfollow":
                person = str(event["follower"]["id"])
                return [self._sign(event, person, "joined" if name == "follow" else "left")]
            case "user_click_chatnow":
                return [self._sign(event, str(event["user_id"]), "joined")]
            case "user_withdraw":  # sources differ in where the person stands
                return [self._sign(event, str(event.get("user_id") or event["sender"]["id"]), "left")]
        origin, _, rest = name.partition("_send_")
        if origin == "oa":  # a person writes in the OA's console; without admin_id it is our echo
            if not (event.get("sender") or {}).get("admin_id"):
                return []
            person = _conversation(event["recipient"], event.get("message"), visitor=rest.startswith("anonymous_"))
            return [self._sign(event, person, "staff")]
        if origin in ("user", "anonymous") and rest in KINDS:
            return [self._said(event, origin, KINDS[rest])]
        return []  # seen, received, reactions, shop, groups, what comes later

    def _replayed(self, moment: float) -> bool:
        """Whether the event is older than our memory of ids. Zalo's own clock counts: the newest moment that it has signed,
        where that is not beyond all reason. A wrong clock of ours must not make us deaf.
        """
        now = self._clock()
        if (newest := min(moment, now + OLDEST / 2)) > self._newest:
            self._newest, self._newest_at = newest, now
        return self._newest - moment > OLDEST

    def _sign(self, event: Mapping[str, Any], person: str, kind: IncomingKind) -> Incoming:
        """An event without words. Following and "chat now" on one day are one greeting."""
        moment = str(int(event["timestamp"]) // 86_400_000) if kind == "joined" else str(event["timestamp"])
        said = Incoming(self.name, _person(person), f"{kind}.{moment}", "", kind=kind)
        # it may come late, after questions of who came back meanwhile
        at = self._newest_at - self._newest + int(event["timestamp"]) / 1000
        return replace(said, at=at) if kind == "left" else said

    def _said(self, event: Mapping[str, Any], origin: str, kind: IncomingKind) -> Incoming:
        message = event["message"]
        conversation = _conversation(event["sender"], message, visitor=origin == "anonymous")
        number, text = str(message["msg_id"]), message.get("text") or ""
        if not isinstance(text, str) or not number:
            raise ValueError("text and msg_id must be texts")
        payload = ((message.get("attachments") or [{}])[0]).get("payload") or {}
        if kind == "location":  # its text is the name of the place, not a question
            point = payload.get("coordinates") or {}
            place = place_of(point.get("latitude"), point.get("longitude"))
            return Incoming(self.name, conversation, number, "", kind=kind, place=place)
        if kind == "other" and not text:
            text = str(payload.get("url") or "")
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
            uploaded = await self._api.call("v2.0/oa/upload/file", file=file)
            payload = {"token": str((uploaded.get("data") or {}).get("token", ""))}
            await self._deliver(conversation, {"attachment": {"type": "file", "payload": payload}})
        except ChannelError as error:
            if error.code in UNREACHABLE or not (error.permanent or error.code in NO_FILES):
                raise  # should Zalo refuse all of this OA, it refuses the address too
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
            await self._api.call("v2.0/oa/message", {"recipient": recipient, "message": message})
        else:
            body = {"recipient": {"user_id": conversation}, "message": message}
            await self._api.call("v3.0/oa/message/cs", body)

    async def who(self) -> str:
        """The name of the OA that the token speaks for. Raises NeedsAdmin when there is none, or none that can be renewed."""
        found = await self._api.call("v2.0/oa/getoa")
        return str((found.get("data") or {}).get("name", ""))


def mac(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """The signature of an event: plain SHA-256 over the joined pieces, in hex; no HMAC (official Java SDK, MacUtils)."""
    pieces = app_id.encode("utf-8", "replace") + body + timestamp.encode("utf-8", "replace") + secret.encode()
    return hashlib.sha256(pieces).hexdigest()


def tap_of(payload: str) -> str:
    """The text that a tapped button sends."""
    return f"#{payload}" if ":" in payload else f"#{payload}:"


def _conversation(person: Mapping[str, Any], message: Any, *, visitor: bool) -> str:
    """A visitor's stands in the message; what was said is of no matter here, and an officer's event may lack it."""
    name = _person(str(person["id"]))
    return f"{ANONYMOUS}{name}:{message['conversation_id']}" if visitor else name


def _person(identity: str) -> str:
    if not identity:
        raise ValueError("a person without an id")
    return identity
