"""What is said to a picture, a voice message, a place on the map: politely, and without having looked at it."""

from collections.abc import Sequence
from math import asin, cos, radians, sin, sqrt

from bot.core.library import Office
from bot.messages import Decision, Incoming

EARTH_KM = 6371.0
NEAR_KM = 100.0  # somebody farther away does not ask for the way
_WORDS = {
    "image": "media_image",
    "video": "media_image",
    "voice": "media_voice",
    "sticker": "media_sticker",
    "signs": "media_sticker",
    "file": "media_file",
    "contact": "media_contact",
    "long": "too_long",
}


def on_media(incoming: Incoming, offices: Sequence[Office]) -> Decision:
    """The decision for a message without words; one of signs alone, such as a thumb or "?", says as much as a sticker."""
    if incoming.kind == "location" and incoming.place:
        near = nearest(incoming.place, offices)
        return Decision("talk", "location", topic="commune_info", payloads=("menu",), facts={"near": near})
    kind = "signs" if incoming.kind == "text" and incoming.text.strip() else incoming.kind
    return Decision("talk", _WORDS.get(kind, "media_other"), topic="bot_capability", payloads=("menu", "person"))


def nearest(place: tuple[float, float], offices: Sequence[Office]) -> tuple[str, float] | None:
    """(office id, kilometres as the crow flies) of the nearest office whose place is known; None when none is near."""
    known = [(distance(place, office.place), office.id) for office in offices if office.place]
    if not known or min(known)[0] > NEAR_KM:
        return None
    kilometres, office = min(known)
    return office, kilometres


def distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Kilometres between two points of latitude and longitude in degrees (haversine formula)."""
    (lat1, lon1), (lat2, lon2) = [tuple(map(radians, point)) for point in (a, b)]
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))
