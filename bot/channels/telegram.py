"""Telegram, through python-telegram-bot: its objects read and write the wire, the conversation is ours.

Texts go out plain: no markup means nothing to escape and nothing that Telegram can refuse to parse; links are clickable.
"""

import hmac
import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

os.environ.setdefault("PTB_TIMEDELTA", "true")  # before the import: durations as timedelta, as PTB 23 will have them

import structlog
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, Message, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.channels.base import Limits, Part, Rule, WebhookRequest, place_of
from bot.core.guide import OPENS
from bot.core.speak import shorten
from bot.errors import ChannelError, Malformed, NeedsAdmin, Unauthentic
from bot.messages import Card, Incoming, IncomingKind
from bot.paper.press import file_name, printed

log = structlog.get_logger()
# it would write down answers that it cannot read, with the citizens' words in them
logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)

UPDATES: Final = ["message", "edited_message", "callback_query", "my_chat_member"]
COMMANDS: Final = {
    "vi": {
        "start": "Bắt đầu",
        "menu": "Danh mục",
        "canbo": "Gặp cán bộ",
        "in": "In ra, mang theo",
        "english": "English",
        "xoa": "Xóa hội thoại",
    },
    "en": {
        "start": "Start",
        "menu": "Topics",
        "canbo": "Talk to an officer",
        "print": "Print the answer",
        "tiengviet": "Tiếng Việt",
        "xoa": "Erase all",
    },
}
POLL_SECONDS: Final = 30
JOINT: Final = "__"  # stands for a colon in t.me/our_bot?start=…
START: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")  # what may stand there
LONGEST_CAPTION: Final = 1024
# what python-telegram-bot stumbles over where something is not as the Bot API says; OSError: a date that no clock can tell
UNREADABLE: Final = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, OSError, RecursionError)
PRESSED: Final = "press-"  # begins the message id of a pressed button, whose rest is the id that Telegram waits for


class Deeds(HTTPXRequest):
    """What Telegram has done is done, even if python-telegram-bot cannot read the message that it shows of it: told again, a
    citizen would have it twice. Only of a bot (getMe) we need to know more."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        answer = HTTPXRequest.parse_json_payload(payload)
        if not isinstance(answer, dict) or not answer.get("ok"):
            return answer
        result = answer.get("result")
        known = isinstance(result, dict) and "is_bot" in result
        return answer if known else answer | {"result": True}


class News(HTTPXRequest):
    """Of an update that nobody can read its number is left: else python-telegram-bot would throw away the whole batch, and
    Telegram would give it again for ever."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        answer = HTTPXRequest.parse_json_payload(payload)
        if isinstance(answer, dict) and isinstance(updates := answer.get("result"), list):
            answer["result"] = [_readable(update) for update in updates]
        return answer


def _readable(update: dict[str, Any]) -> dict[str, Any]:
    try:
        incoming_of(Update.de_json(update, None))
    except UNREADABLE as error:
        log.warning("telegram.unreadable", error=type(error).__name__)
        return {"update_id": update["update_id"]}
    return update


class Telegram:
    """Private chats only. Buttons below the last message of a reply, one in a row: labels stay readable on a phone."""

    name = "telegram"
    limits = Limits(chars=4096, buttons=20, label=60, payload=64, link_buttons=True, files=True)
    rules = (Rule(seconds=1 / 30, burst=30), Rule(seconds=1.0, burst=3, each=True))

    def __init__(self, *, base: str, token: str, secret: str) -> None:
        def request(how: type[HTTPXRequest], seconds: float) -> HTTPXRequest:
            return how(
                connection_pool_size=64, read_timeout=seconds, connect_timeout=5.0, httpx_kwargs={"trust_env": False}
            )

        root = base.rstrip("/")
        self.bot = Bot(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=request(Deeds, 15.0),
            get_updates_request=request(News, POLL_SECONDS + 15.0),
        )
        self._secret = secret
        self._offset = 0
        self._me = ""  # known from the first card on that needs it

    def parse(self, request: WebhookRequest) -> list[Incoming]:
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not self._secret or not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise Unauthentic("X-Telegram-Bot-Api-Secret-Token")
        try:
            return incoming_of(Update.de_json(json.loads(request.body), self.bot))
        except UNREADABLE as error:
            raise Malformed("not an update") from error

    async def notice(self, incoming: Incoming) -> None:
        if incoming.message_id.startswith(PRESSED):  # else the button keeps spinning
            with suppress(TelegramError, *UNREADABLE):
                await self.bot.answer_callback_query(incoming.message_id.removeprefix(PRESSED))

    async def send(self, conversation: str, part: Part) -> None:
        with _as_channel_error():
            try:
                await self._send(conversation, part)
            except ChatMigrated as moved:
                await self._send(str(moved.new_chat_id), part)

    async def _send(self, conversation: str, part: Part) -> None:
        if part.card:
            card = replace(part.card, resume=part.card.resume or await self._deep_link(part.card))
            file = InputFile(await printed(card), filename=file_name(card))
            await self.bot.send_document(conversation, file, caption=shorten(card.title, LONGEST_CAPTION))
            return
        rows = [[InlineKeyboardButton(c.label, callback_data=c.payload)] for c in part.choices]
        rows += [[InlineKeyboardButton(link.label, url=link.url)] for link in part.links]
        try:
            await self._write(conversation, part.text, InlineKeyboardMarkup(rows) if rows else None)
        except BadRequest:
            if not rows:
                raise
            log.warning("telegram.no_buttons")  # one of them may be at fault: all that is said shall arrive
            await self._write(conversation, part.numbered(), None)

    async def _write(self, conversation: str, text: str, buttons: InlineKeyboardMarkup | None) -> None:
        plain = LinkPreviewOptions(is_disabled=True)
        await self.bot.send_message(conversation, text, reply_markup=buttons, link_preview_options=plain)

    async def _deep_link(self, card: Card) -> str:
        """Where there is no public page, a scanned card leads back to this bot: to the answer, else to the beginning of the
        flow; "" for what its address cannot carry.
        """
        beginning = re.sub(r"^at:([^:]+):.*", r"flow:\1", card.subject)
        starts = (subject.replace(":", JOINT) for subject in (card.subject, beginning))
        start = next((start for start in starts if START.fullmatch(start)), "")
        if not start:
            return ""
        self._me = self._me or (await self.who()).removeprefix("@")
        return f"https://t.me/{self._me}?start={start}"

    async def who(self) -> str:
        """The bot's name, as people search for it."""
        with _as_channel_error():
            return f"@{(await self.bot.get_me()).username}"

    async def set_webhook(self, url: str) -> None:
        """Let Telegram post to `url`, and show our commands in its menu."""
        with _as_channel_error():
            await self.bot.set_webhook(url, secret_token=self._secret, allowed_updates=UPDATES, max_connections=40)
            await self._set_commands()

    async def delete_webhook(self) -> None:
        """Before polling: Telegram does only one of both. Shows our commands too."""
        with _as_channel_error():
            await self.bot.delete_webhook()
            await self._set_commands()

    async def _set_commands(self) -> None:
        for language, commands in COMMANDS.items():
            await self.bot.set_my_commands(list(commands.items()), language_code=language)
        await self.bot.set_my_commands(list(COMMANDS["vi"].items()))

    async def poll(self) -> list[Incoming]:
        """What came since the last call, which is thereby confirmed; waits up to half a minute."""
        with _as_channel_error():
            updates = await self.bot.get_updates(self._offset or None, timeout=POLL_SECONDS, allowed_updates=UPDATES)
        if updates:
            self._offset = updates[-1].update_id + 1
        return [incoming for update in updates for incoming in incoming_of(update)]


@contextmanager
def _as_channel_error() -> Iterator[None]:
    """What Telegram refuses becomes a ChannelError, without PTB's words: they may hold the address with the token."""
    try:
        yield
    except RetryAfter as error:
        wait = error.retry_after.total_seconds() if isinstance(error.retry_after, timedelta) else error.retry_after
        raise ChannelError("RetryAfter", permanent=False, retry_after=float(wait), code=429) from None
    except InvalidToken:  # one that was renewed with @BotFather: answers wait until we are given the new one
        cure = "mã sai hoặc đã đổi → MOTCUA_TELEGRAM_TOKEN, chạy lại trợ lý / wrong or renewed token"
        raise NeedsAdmin(f"InvalidToken: {cure}", code=401) from None
    except (Forbidden, BadRequest, ChatMigrated) as error:  # BadRequest is a NetworkError too: it must stand first
        raise ChannelError(type(error).__name__, permanent=True) from None
    except (TelegramError, *UNREADABLE) as error:
        raise ChannelError(type(error).__name__, permanent=False) from None


def incoming_of(update: Update) -> list[Incoming]:
    """What a citizen said or did; nothing for groups, other bots and what we do not answer."""
    if update.my_chat_member and update.my_chat_member.chat.type == ChatType.PRIVATE:
        member = update.my_chat_member
        left = member.new_chat_member.status == ChatMemberStatus.BANNED  # "kicked": the citizen blocked us
        chat = str(member.chat.id)
        return [Incoming("telegram", chat, f"u{update.update_id}", "", kind="left")] if left else []
    query = update.callback_query
    if query and query.data and query.message and query.message.chat.type == ChatType.PRIVATE:
        return [Incoming("telegram", str(query.message.chat.id), PRESSED + query.id, "", query.data)]
    message = update.message or update.edited_message
    if update.edited_message and update.edited_message.location:  # a live one, which moves every few seconds
        return []
    if message is None or message.chat.type != ChatType.PRIVATE or (message.from_user and message.from_user.is_bot):
        return []
    return _of_message(message, f"u{update.update_id}")


def _of_message(message: Message, number: str) -> list[Incoming]:
    chat = str(message.chat.id)
    if message.text:
        command, _, started_with = message.text.partition(" ")
        if command == "/start" and started_with:  # t.me/our_bot?start=birth-registration, or a card's subject
            payload = started_with.replace(JOINT, ":") if JOINT in started_with else f"entry:{started_with}"
            return [Incoming("telegram", chat, number, "", payload if OPENS.fullmatch(payload) else "menu")]
        return [Incoming("telegram", chat, number, message.text)]
    if message.location:
        place = place_of(message.location.latitude, message.location.longitude)
        return [Incoming("telegram", chat, number, "", kind="location", place=place)]
    kinds: dict[IncomingKind, object] = {
        "image": message.photo,
        "voice": message.voice or message.audio or message.video_note,
        "video": message.video or message.animation,
        "sticker": message.sticker,
        "file": message.document,
        "contact": message.contact,
    }
    kind = next((kind for kind, found in kinds.items() if found), None)
    if kind is None:  # a pinned message, a changed photo: nobody said anything
        return []
    if message.media_group_id and not message.caption:  # an album comes as many messages: it is answered once
        number = f"album-{message.media_group_id}"
    return [Incoming("telegram", chat, number, message.caption or "", kind=kind)]
