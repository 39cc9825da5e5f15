"""Citizens who keep asking: a closed loop (each asks again when answered) and a steady pace, with every turn timed."""

import asyncio
import json
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from bot.channels.web import COOKIE, new_session_id

EXAM = Path(__file__).parents[1] / "nlu" / "questions.jsonl"
PATIENCE = (
    300.0  # seconds to wait for one answer: who cannot keep the pace lets a queue grow, and shall be measured too
)
Ask = Callable[[str], Awaitable[None]]  # returns when the answer is there


def questions() -> list[str]:
    """What they ask."""
    return [json.loads(line)["text"] for line in EXAM.read_text("utf-8").splitlines()]


@dataclass(frozen=True)
class Times:
    """Milliseconds of each turn, and how long all of them took (seconds)."""

    turns: Sequence[float]
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.turns) / self.seconds

    def percentile(self, share: int) -> float:
        return statistics.quantiles(self.turns, n=100, method="inclusive")[share - 1]


@asynccontextmanager
async def web_citizens(base: str, number: int) -> AsyncIterator[list[Ask]]:
    """People with our web page open: a turn is the POST until the answer's event has come down."""
    async with AsyncExitStack() as stack:
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
        client = await stack.enter_async_context(httpx2.AsyncClient(base_url=base, timeout=PATIENCE, limits=limits))
        yield [await stack.enter_async_context(_web_citizen(client)) for _ in range(number)]


@asynccontextmanager
async def _web_citizen(client: httpx2.AsyncClient) -> AsyncIterator[Ask]:
    headers = {"Cookie": f"{COOKIE}={new_session_id()}"}
    waiting: dict[str, asyncio.Event] = {}
    listening = asyncio.Event()

    async def listen() -> None:
        async with client.stream("GET", "/chat/events", headers=headers, timeout=None) as stream:
            async for line in stream.aiter_lines():
                if line == "event: synced":
                    listening.set()
                if line.startswith('data: {"sender":"assistant"'):
                    waiting[json.loads(line.removeprefix("data: "))["cid"]].set()

    async def ask(text: str) -> None:
        cid = uuid.uuid4().hex
        here = waiting[cid] = asyncio.Event()
        answer = await client.post("/chat/messages", json={"cid": cid, "text": text}, headers=headers)
        answer.raise_for_status()
        await asyncio.wait_for(here.wait(), PATIENCE)
        del waiting[cid]

    task = asyncio.create_task(listen())
    try:
        await asyncio.wait_for(listening.wait(), PATIENCE)
        yield ask
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def rest_citizens(base: str, number: int) -> AsyncIterator[list[Ask]]:
    """People on a stock Rasa's REST channel: the answer is the response."""
    async with httpx2.AsyncClient(base_url=base, timeout=PATIENCE) as client:

        def citizen() -> Ask:
            sender = uuid.uuid4().hex

            async def ask(text: str) -> None:
                answer = await client.post("/webhooks/rest/webhook", json={"sender": sender, "message": text})
                if not answer.raise_for_status().json():
                    raise RuntimeError("no answer")

            return ask

        yield [citizen() for _ in range(number)]


async def as_fast_as_it_goes(citizens: Sequence[Ask], texts: Sequence[str], *, seconds: float) -> Times:
    """Everybody asks again as soon as they are answered."""
    turns: list[float] = []
    start = time.perf_counter()

    async def keep_asking(ask: Ask, number: int) -> None:
        while time.perf_counter() - start < seconds:
            turns.append(await _timed(ask, texts[number % len(texts)]))
            number += len(citizens)

    await asyncio.gather(*(keep_asking(ask, number) for number, ask in enumerate(citizens)))
    return Times(turns, time.perf_counter() - start)


async def at_a_pace(citizens: Sequence[Ask], texts: Sequence[str], *, per_second: float, seconds: float) -> Times:
    """A question every 1/per_second, whether or not the last one is answered; citizens take turns."""
    start = time.perf_counter()

    async def at(moment: float, ask: Ask, text: str) -> float:
        await asyncio.sleep(start + moment - time.perf_counter())
        return await _timed(ask, text)

    turns = await asyncio.gather(
        *(
            at(n / per_second, citizens[n % len(citizens)], texts[n % len(texts)])
            for n in range(int(per_second * seconds))
        )
    )
    return Times(turns, time.perf_counter() - start)


async def _timed(ask: Ask, text: str) -> float:
    start = time.perf_counter()
    await ask(text)
    return 1000 * (time.perf_counter() - start)
