"""Where the platforms post: verify, read, keep in the mailbox, and only then 200."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Final

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from bot.channels.base import Channel, WebhookRequest
from bot.channels.body import TooLarge, TooSlow, read
from bot.core.shield import shield, visible
from bot.errors import Busy, Malformed, StoreUnavailable, Unauthentic, where
from bot.messages import Incoming
from bot.metrics import Tally
from bot.store.mailbox import Mailboxes

log = structlog.get_logger()

MAX_BODY_BYTES: Final = 512 * 1024


class Webhooks:
    """POST /webhook/{channel}. A platform that gets no 200 brings the message again."""

    def __init__(
        self, channels: Mapping[str, Channel], mailboxes: Mailboxes, *, longest: int, tally: Tally | None = None
    ) -> None:
        self._channels = channels
        self._mailboxes = mailboxes
        self._longest = longest
        self._tally = tally or Tally()

    async def receive(self, request: Request) -> Response:
        channel = self._channels.get(request.path_params["channel"])
        if channel is None:
            return PlainTextResponse("Not found", 404)
        if request.method != "POST":  # a platform or an admin looks whether there is something at the address
            return PlainTextResponse("ok")
        response = await self._take(channel, request)
        self._tally.add("motcua_events", channel.name, str(response.status_code))
        return response

    async def _take(self, channel: Channel, request: Request) -> Response:
        try:
            body = await read(request.stream(), request.headers, most=MAX_BODY_BYTES)
            for incoming in channel.parse(WebhookRequest(dict(request.headers), body)):
                await self.keep(incoming)
        except Unauthentic as error:
            log.warning("webhook.unauthentic", channel=channel.name, header=str(error))
            return PlainTextResponse("Forbidden", 403)
        except Malformed as error:
            log.warning("webhook.malformed", channel=channel.name, error=str(error))
            return PlainTextResponse("Bad request", 400)
        except TooLarge:
            return PlainTextResponse("Too large", 413)
        except TooSlow:
            return PlainTextResponse("Too slow", 408)
        except ClientDisconnect:
            return Response(status_code=400)
        except (StoreUnavailable, Busy) as error:
            log.warning("webhook.not_kept", channel=channel.name, error=str(error))
            return PlainTextResponse("Try again", 503, headers={"Retry-After": "3"})
        except Exception as error:  # uvicorn would log its message too
            log.error("webhook.failed", channel=channel.name, error=type(error).__name__, where=where(error))
            return PlainTextResponse("Failed", 500)
        return PlainTextResponse("ok")

    async def keep(self, incoming: Incoming) -> None:
        """Put one message where a worker finds it. Raises StoreUnavailable or Busy."""
        incoming = replace(
            incoming,
            conversation=_whole(incoming.conversation),
            message_id=_whole(incoming.message_id),
            text=visible(_whole(incoming.text)),
            payload=_whole(incoming.payload),
        )
        if len(incoming.text) > self._longest:
            incoming = replace(incoming, text="", kind="long")
        shielded = shield(incoming.text)  # it may wait here for long, and Redis writes it to disk
        incoming = replace(incoming, text=shielded.text, masked=shielded.found)
        box = (incoming.channel, incoming.conversation, incoming.message_id)
        await self._mailboxes.put(*box, asdict(incoming), forget=incoming.at if incoming.kind == "left" else 0.0)


def _whole(text: str) -> str:
    """Half of a surrogate pair, which JSON can hold and Redis cannot, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()
