"""What lies in mailboxes, as text: messages of citizens, and parts that they still have to be told."""

import json
import math
from dataclasses import asdict, fields

from bot.channels.base import Part
from bot.messages import Card, Choice, Incoming, Link

_FIELDS = frozenset(field.name for field in fields(Incoming))


def item_of(name: str, part: Part, asked: float, tries: int = 0) -> str:
    """A part that must be told; as `read_item` reads it."""
    item = {"name": name, "tries": tries, "asked": asked, **asdict(part)}
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"))


def read_item(item: str) -> tuple[str, Part, int, float]:
    """Its name, what to tell, how often that was tried, and when it was asked."""
    data = json.loads(item)
    choices = tuple(Choice(**choice) for choice in data["choices"])
    links = tuple(Link(**link) for link in data["links"])
    card = Card(**data["card"]) if data.get("card") else None
    part = Part(data["text"], choices, links, data.get("hint", ""), card)
    return data["name"], part, data["tries"], data.get("asked", math.inf)


def incoming_of(message: str) -> Incoming:
    """A message as `Mailboxes.put` keeps it. What a newer version wrote beside it is passed over: versions may be mixed."""
    data = {key: value for key, value in json.loads(message).items() if key in _FIELDS}
    place = tuple(data["place"]) if data["place"] else None
    return Incoming(**{**data, "place": place, "masked": tuple(data["masked"])})
