"""Zalo's side of an Official Account: signed events as odd as the real ones, tokens that die, HTTP 200 for every refusal."""

import asyncio
import base64
import hashlib
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.channels.fakes import Fake, Sent, fields_of

OA = "2718281828459045235"
WEEK = 7 * 86400.0
LONGEST = 2000


@dataclass
class FakeZaloOa(Fake):
    """`mode` is the shape of buttons that this OA takes; without a `secret` nothing is signed."""

    app_id: str = "3141592653589793238"
    app_secret: str = "appSecretForTestsOnly"
    mode: str = "none"
    access: str = ""
    refresh: str = ""
    lifetime: float = 90_000.0
    ends: float = 0.0  # by the wall clock: when the access token is no good any more
    within: float = 2.0
    flagged: dict[str, int] = field(default_factory=dict)  # citizens who cannot be reached, and the error
    met: dict[str, float] = field(default_factory=dict)  # when each citizen last did something
    failures: list[int] = field(default_factory=list)  # errors given to the next sends, in turn
    codes: dict[str, str] = field(default_factory=dict)  # code of a consent -> its challenge
    echoes: set["asyncio.Task[int]"] = field(default_factory=set)
    uploads: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # by token
    no_files: int = 0  # what an upload is refused with
    grants: list[Response] = field(default_factory=list)  # given instead of the right answers about tokens, in turn
    renewals: list[str] = field(default_factory=list)  # "ok" or "refused", as they were asked for
    asked: Callable[[], object] = lambda: None  # called when a pair is made or refused, before we hear of it

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v4/oa/permission", self._permission),
                Route("/v4/oa/access_token", self._token, methods=["POST"]),
                Route("/v3.0/oa/message/cs", self._message, methods=["POST"]),
                Route("/v2.0/oa/message", self._message, methods=["POST"]),
                Route("/v2.0/oa/upload/file", self._upload, methods=["POST"]),
                Route("/v2.0/oa/getoa", self._oa),
            ]
        )

    # -- tokens ----------------------------------------------------------------------------------------------------

    def new_pair(self) -> dict[str, str]:
        """The old access token stops working."""
        self.number += 1
        self.ends = time.time() + self.lifetime
        self.access, self.refresh = f"AT-{self.number}", f"RT-{self.number}"
        return {"access_token": self.access, "refresh_token": self.refresh, "expires_in": str(int(self.lifetime))}

    async def _permission(self, request: Request) -> Response:
        """The admin agrees at once."""
        asked = request.query_params
        if asked["app_id"] != self.app_id:
            return JSONResponse({"error": -14002, "error_name": "Invalid app id"})
        code = f"code{len(self.codes)}"
        self.codes[code] = asked["code_challenge"]
        return RedirectResponse(
            f"{asked['redirect_uri']}?{urlencode({'code': code, 'oa_id': OA, 'state': asked['state']})}"
        )

    async def _token(self, request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return JSONResponse({"error": -14001, "error_name": "Invalid request"})
        given = await fields_of(request)
        if request.headers.get("secret_key") != self.app_secret or given.get("app_id") != self.app_id:
            return JSONResponse({"error": -14002, "error_name": "Invalid app"})
        if self.grants:
            return self.grants.pop(0)
        if given.get("grant_type") == "authorization_code":
            challenge = self.codes.pop(str(given.get("code")), None)
            digest = hashlib.sha256(str(given.get("code_verifier")).encode()).digest()
            if challenge is None or challenge != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
                return JSONResponse({"error": -118, "error_name": "Invalid grant"})
            return JSONResponse(self.new_pair())
        good = self.refresh and given.get("refresh_token") == self.refresh
        self.renewals.append("ok" if good else "refused")
        answer = self.new_pair() if good else {"error": -14014, "error_name": "Invalid refresh token."}
        self.asked()
        await asyncio.sleep(random.uniform(0, self.lag))
        return JSONResponse(answer)

    # -- what is sent to citizens ----------------------------------------------------------------------------------

    async def _oa(self, request: Request) -> Response:
        if not self._knows(request):
            return _refusal(-216)
        if self.failures:
            return _refusal(self.failures.pop(0))
        return JSONResponse({"error": 0, "message": "Success", "data": {"oa_id": OA, "name": "UBND xã Ví Dụ"}})

    async def _upload(self, request: Request) -> Response:
        """A document, kept for a week under a token."""
        given = await fields_of(request)
        self.calls.append((request.url.path, {}))
        if not self.access or request.headers.get("access_token") != self.access:
            return _refusal(-216)
        name, content = given["file"]
        if not name.endswith((".pdf", ".doc", ".docx", ".csv")) or not 0 < len(content) <= 5 * 1024 * 1024:
            return _refusal(-201)
        if self.no_files:
            return _refusal(self.no_files)
        self.uploads[f"file{len(self.uploads)}"] = (name, content)
        return JSONResponse({"error": 0, "message": "Success", "data": {"token": f"file{len(self.uploads) - 1}"}})

    async def _message(self, request: Request) -> Response:
        given = json.loads(await request.body())
        self.calls.append((request.url.path, given))
        if not request.headers.get("content-type", "").startswith("application/json"):
            return _refusal(-201)
        if not self._knows(request):
            return _refusal(-216)
        if self.answers:
            return self.answers.popleft()
        recipient, message = given["recipient"], given["message"]
        person = recipient.get("user_id") or f"{recipient['anonymous_id']}:{recipient['conversation_id']}"
        if "user_id" in recipient and request.url.path.startswith("/v2"):
            return _refusal(-240)
        if refusal := self._refused(person, message):
            limited = {"X-RateLimit-Limit": "100", "X-RateLimit-Remain": "0"} if refusal == -32 else {}
            return _refusal(refusal, **limited)
        text, at = message.get("text", ""), asyncio.get_running_loop().time()
        file = self.uploads[message["attachment"]["payload"]["token"]] if _is_file(message) else ("", b"")
        await self.take(Sent(person, text, _buttons(message), file, at))
        if self.webhook:
            said = self._oa_said(person, text)
            echo = asyncio.create_task(self.event("oa_send_file" if _is_file(message) else "oa_send_text", **said))
            self.echoes.add(echo)
            echo.add_done_callback(self.echoes.discard)
        data = {"message_id": f"out{len(self.sent)}", "user_id": person, "sent_time": "1790000001123"}
        return JSONResponse({"error": 0, "message": "Success", "data": data})

    def _knows(self, request: Request) -> bool:
        return bool(self.access) and request.headers.get("access_token") == self.access and time.time() < self.ends

    def _refused(self, person: str, message: dict[str, Any]) -> int:
        """The error number; 0 when the message is good."""
        if self.failures:
            return self.failures.pop(0)
        if person in self.flagged:
            return self.flagged[person]
        if time.time() - self.met.get(person, 0.0) > WEEK:
            return -230
        if _is_file(message):
            return 0 if message["attachment"]["payload"]["token"] in self.uploads else -100
        if not message.get("text", "").strip():
            return -201
        if len(message["text"]) > LONGEST:
            return -210
        if not (attachment := message.get("attachment")):
            return 0
        payload = attachment["payload"]
        shape = "B" if payload.get("template_type") == "list" else "A"
        if shape != self.mode:
            return -233
        elements = payload.get("elements", [])
        if any(not element.get("subtitle") or len(element["title"]) > 100 for element in elements):
            return -201
        buttons = _buttons(message)
        wrong = any(len(label) > 100 or len(text.encode()) > 1000 for label, text in buttons)
        return -201 if wrong or not 1 <= len(buttons) <= 5 else 0

    # -- what citizens and staff do --------------------------------------------------------------------------------

    async def say(self, person: str, text: str = "", *, event: str = "user_send_text", **message: Any) -> int:
        """A citizen writes, or sends what `message` holds."""
        self.number += 1
        body = {"msg_id": f"m{self.number}", **({"text": text} if text else {}), **message}
        return await self.event(event, sender={"id": person}, recipient={"id": OA}, message=body)

    async def send_thing(self, person: str, kind: str, text: str = "", **payload: Any) -> int:
        """A citizen sends a picture, a place, a file …"""
        attachment = {"type": {"business_card": "link"}.get(kind, kind), "payload": payload}
        return await self.say(person, text, event=f"user_send_{kind}", attachments=[attachment])

    async def follow(self, person: str) -> int:
        return await self.event("follow", oa_id=OA, follower={"id": person}, source="oa_profile")

    async def staff(self, person: str, text: str) -> int:
        """A person of the office types in the OA's console."""
        return await self.event("oa_send_text", **self._oa_said(person, text, admin="1414213562373095048"))

    async def withdraw(self, person: str) -> int:
        return await self.event("user_withdraw", oa_id=OA, user_id=person)

    def _oa_said(self, person: str, text: str, *, admin: str = "") -> dict[str, Any]:
        self.number += 1
        sender = {"id": OA} | ({"admin_id": admin} if admin else {})
        return {"sender": sender, "recipient": {"id": person}, "message": {"text": text, "msg_id": f"m{self.number}"}}

    async def event(self, name: str, *, at: float | None = None, **content: Any) -> int:
        """An event of any kind, in a body as Zalo writes it: odd escapes, keys in any order, keys that nobody knows."""
        moment = time.time() if at is None else at
        who = content.get("sender") or content.get("follower") or {"id": content.get("user_id", "")}
        self.met[str(who["id"])] = moment
        if "conversation_id" in content.get("message", {}):
            self.met[f"{who['id']}:{content['message']['conversation_id']}"] = moment
        body = {"event_name": name, "app_id": self.app_id, "user_id_by_app": "5772156649015328606", **content}
        body |= {"timestamp": str(int(moment * 1000)), "a_key_of_tomorrow": {"x": 1}}
        keys = list(body)
        random.Random(self.number).shuffle(keys)
        raw = json.dumps({key: body[key] for key in keys}).replace("/", "\\/").encode()
        return await self.deliver(body, self.signed(raw, body["timestamp"]), raw=raw)

    def signed(self, raw: bytes, timestamp: str) -> dict[str, str]:
        if not self.secret:
            return {}
        digest = hashlib.sha256(self.app_id.encode() + raw + timestamp.encode() + self.secret.encode()).hexdigest()
        return {"X-ZEvent-Signature": f"mac={digest}"}

    def marks(self, number: int) -> dict[str, str]:
        return {"num_retry": str(number)} if number else {}


def _refusal(number: int, **headers: str) -> Response:
    return JSONResponse({"error": number, "message": "refused"}, headers=headers)


def _is_file(message: dict[str, Any]) -> bool:
    return bool(message.get("attachment", {}).get("type") == "file")


def _buttons(message: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    payload = message.get("attachment", {}).get("payload", {})
    found = [*payload.get("buttons", []), *(b for e in payload.get("elements", []) for b in e.get("buttons", []))]
    return tuple((button["title"], button["payload"]) for button in found)
