"""The vocabulary that every other module speaks. Frozen data, no I/O, imports nothing of ours.

A citizen's message comes in as `Incoming`; it is understood as `Understanding`; the pure core makes a `Decision` of it;
rendering makes a `Reply`; what must be remembered until the next message is a `Session`.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")

Aspect = Literal[
    "overview",
    "how",
    "documents",
    "fee",
    "time",
    "where",
    "conditions",
    "result",
    "form",
    "status",
    "legal_basis",
]
ASPECTS: Final[tuple[Aspect, ...]] = (
    "overview",
    "how",
    "documents",
    "fee",
    "time",
    "where",
    "conditions",
    "result",
    "form",
    "status",
    "legal_basis",
)

DecisionKind = Literal["answer", "flow", "talk", "clarify", "handover", "fallback"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A button. `payload` is what comes back when it is pressed; it names ids and never goes through NLU."""

    label: str
    payload: str


@dataclass(frozen=True, slots=True)
class Link:
    """An official page, shown as a button that leaves the chat."""

    label: str
    url: str


IncomingKind = Literal[
    "text",
    "image",
    "voice",
    "video",
    "sticker",
    "file",
    "location",
    "contact",
    "long",
    "joined",
    "left",
    "staff",
    "other",
]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of a citizen. `conversation` is unique within `channel`; `payload` is set when a button was pressed.

    `text` is what was written with a picture too; the picture itself is never fetched. `place` is (latitude, longitude) in
    degrees. `masked` names the personal data that was taken out of `text` before it was kept. "joined" opens the
    conversation; "left" ends it, and what is known of it is deleted; "staff": a person of the office wrote to the citizen.
    `at` is when it reached us, in seconds since 1970.
    """

    channel: str
    conversation: str
    message_id: str
    text: str
    payload: str = ""
    kind: IncomingKind = "text"
    place: tuple[float, float] | None = None
    masked: tuple[str, ...] = ()
    at: float = field(default_factory=time.time, compare=False)


@dataclass(frozen=True, slots=True)
class Card:
    """An answer to take home on paper. `body` is text as of a Reply, with "# " before headings, "## " before cases, "[ ] "
    before papers to tick; `short` fits into one SMS.

    `subject` is the payload that shows the answer again; `link`, a public address of the PDF, and `resume`, where the
    conversation goes on, are "" where there is none. No address holds a word or a day that a citizen gave.
    """

    language: Language
    title: str
    body: str
    source: str
    short: str
    subject: str
    link: str = ""
    resume: str = ""
    resume_label: str = ""
    official: str = ""
    official_label: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the citizen gets. Plain text: paragraphs, lines that begin with "- " or "1. ", bare https links."""

    text: str
    language: Language
    choices: tuple[Choice, ...] = ()
    links: tuple[Link, ...] = ()
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry or flow id of the library, or "catalogue:CODE", with a confidence in 0..1."""

    entry: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the words seem to mean. `candidates` best first, at most thirty; `source` is who understood."""

    text: str
    candidates: tuple[Candidate, ...]
    aspect: Aspect = "overview"
    aspect_confidence: float = 0.0
    source: Literal["rasa", "keywords"] = "rasa"


@dataclass(frozen=True, slots=True)
class Session:
    """What a conversation remembers.

    `offered` are the buttons shown last, so that "2" or a label can be the answer. Of a guided flow only its id and the
    `answers` by step id are kept; where the citizen stands is found by replay. Until `silent_until` (seconds since 1970) a
    person of the office talks with the citizen and the assistant is silent.
    """

    language: Language | None = None
    entry: str = ""
    aspect: Aspect = "overview"
    misses: int = 0
    offered: tuple[Choice, ...] = ()
    flow: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    silent_until: float = 0.0
    version: int = 1


@dataclass(frozen=True, slots=True)
class Decision:
    """What to say, before it is put into words.

    `entry` is an entry id, a flow id, "catalogue:CODE" or ""; `topic` and `codes` say what it is about; `message` names a frame of
    messages.yml; `choices` are (entry, aspect) pairs or payloads to show as buttons; `facts` fills the frame.
    """

    kind: DecisionKind
    message: str
    entry: str = ""
    topic: str = ""
    codes: tuple[str, ...] = ()
    aspect: Aspect = "overview"
    confidence: float = 0.0
    payloads: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
