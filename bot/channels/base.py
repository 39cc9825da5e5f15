"""What every channel can do, in three verbs, and how a reply is cut to what a channel can show."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bot.core.speak import shorten
from bot.messages import Card, Choice, Incoming, Link, Reply


@dataclass(frozen=True, slots=True)
class Limits:
    """What fits into one message of a platform: characters, buttons, characters of a label, bytes of a payload.

    `late`: seconds after a citizen's message when the platform takes no answer to it any more, or not for nothing.
    """

    chars: int
    buttons: int = 0  # none: choices become numbered lines
    label: int = 0
    payload: int = 0
    link_buttons: bool = False
    files: bool = False  # a card goes as a file; else its address is told, if it has one
    late: float = math.inf


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `burst` messages at once and one every `seconds` in the long run; `each`: for every conversation alone."""

    seconds: float
    burst: int
    each: bool = False


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """What a platform posted: header names in lower case, the body byte for byte (signatures are over these)."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """One message as a platform takes it: a text, or a card, which becomes a file only when it is sent.

    `hint` says how to choose by number, should the buttons be refused.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    links: tuple[Link, ...] = ()
    hint: str = ""
    card: Card | None = None

    def numbered(self) -> str:
        """The text, with links and numbered choices as lines below it."""
        links = [f"{link.label}: {link.url}" for link in self.links]
        choices = [f"{number}. {choice.label}" for number, choice in enumerate(self.choices, start=1)]
        return "\n".join([self.text, *(["", *links] if links else []), *(["", *choices, self.hint] if choices else [])])


class Channel(Protocol):
    """A platform. Everything richer than these verbs degrades (`cut`)."""

    @property
    def name(self) -> str: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def rules(self) -> Sequence[Rule]: ...

    def parse(self, request: WebhookRequest) -> list[Incoming]:
        """What citizens said. Pure. Raises Unauthentic for a forged request and Malformed for one that nobody can read."""
        ...

    async def notice(self, incoming: Incoming) -> None:
        """Let go of what waits for us, such as a pressed button. Never fails."""
        ...

    async def send(self, conversation: str, part: Part) -> None:
        """Tell the citizen. Raises ChannelError."""
        ...


def number_in(answer: object, key: str, otherwise: int) -> int:
    """A number of a platform's answer, which may be written as a text; `otherwise` where there is none."""
    try:
        return int(answer[key])  # type: ignore[index]
    except (LookupError, TypeError, ValueError, OverflowError):
        return otherwise


def place_of(latitude: Any, longitude: Any) -> tuple[float, float] | None:
    """Degrees, which may be written as texts; None for what is no place on Earth."""
    try:
        place = float(latitude), float(longitude)
    except (TypeError, ValueError, OverflowError):
        return None
    return place if abs(place[0]) <= 90 and abs(place[1]) <= 180 else None


def cut(reply: Reply, limits: Limits, *, number_hint: str) -> tuple[Part, ...]:
    """The reply as messages that the platform takes. Choices stand on the last; `number_hint` says how to choose by number."""
    text, links, card = reply.text, reply.links, reply.card
    if card and card.link and not limits.files:
        links = (*links, Link(card.title, card.link))
    file = (Part("", card=card),) if card and limits.files else ()
    if links and not limits.link_buttons:
        text, links = Part(text, links=links).numbered(), ()
    choices = reply.choices
    if choices and not _fit(choices, limits):
        text, choices = Part(text, choices, hint=number_hint).numbered(), ()
    short = tuple(replace(choice, label=shorten(choice.label, limits.label)) for choice in choices)
    hint = number_hint if short else ""
    *before, last = split(text, limits.chars)
    room = limits.chars - len(Part("", short, links, hint).numbered())
    if len(last) > room > 0:  # buttons may be refused, and become lines
        *more, last = split(last, room)
        before += more
    return (*file, *(Part(piece) for piece in before), Part(last, short, links, hint))


def _fit(choices: Sequence[Choice], limits: Limits) -> bool:
    return len(choices) <= limits.buttons and all(len(c.payload.encode()) <= limits.payload for c in choices)


_JOINTS = ("\n\n", "\n", ". ", " ")


def split(text: str, most: int) -> list[str]:
    """Pieces of at most `most` characters, cut between paragraphs, else lines, sentences, words; nothing is left out."""
    pieces = []
    rest = text.strip()
    while len(rest) > most:
        window = rest[: most + 1]
        places = (
            window.rfind(joint, most // 4) + len(joint.rstrip(" ")) for joint in _JOINTS if joint in window[most // 4 :]
        )
        place = next((p for p in places if 0 < p <= most), most)
        pieces.append(rest[:place].rstrip())
        rest = re.sub(r"^\s+", "", rest[place:])
    return [*pieces, rest]
