"""What is asked of the NLU server, and what is remembered of it."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.errors import NluUnavailable
from bot.http import http_client
from bot.processes import free_port
from bot.understanding.rasa import FAILURES_TO_OPEN, SECONDS_REMEMBERED, RasaUnderstander
from tests.channels.fakes import serving


async def test_same_question_within_a_minute_is_asked_once_and_a_new_model_is_heard_after_it() -> None:
    now, asked = 100.0, []

    async def answer(request: Request) -> JSONResponse:
        asked.append((await request.json())["text"])
        ranking = [{"name": f"model-{len(asked)}", "confidence": 0.9}]
        return JSONResponse({"intent_ranking": ranking, "aspect": {"name": "fee", "confidence": 0.8}})

    app = Starlette(routes=[Route("/model/parse", answer, methods=["POST"])])
    async with serving(app, free_port()) as base, http_client() as client:
        nlu = RasaUnderstander(client, base, timeout=5.0, clock=lambda: now)
        first = await nlu.understand("lệ phí khai sinh", "vi")
        assert await nlu.understand("lệ phí khai sinh", "vi") == first
        assert (await nlu.understand("lệ phí khai tử", "vi")).candidates[0].entry == "model-2"
        now += SECONDS_REMEMBERED
        assert (await nlu.understand("lệ phí khai sinh", "vi")).candidates[0].entry == "model-3"
    assert asked == ["lệ phí khai sinh", "lệ phí khai tử", "lệ phí khai sinh"]


async def test_server_that_answers_nonsense_or_nothing_is_left_alone_for_a_while_and_asked_again() -> None:
    """Whatever it does, the citizen's message falls back on the keyword search, and waits no longer than `timeout`."""
    now, asked = 100.0, 0
    ill: list[Response | None] = [
        Response("<html>", 200, media_type="text/html"),
        JSONResponse({"intent_ranking": [{"name": "x"}]}),
        JSONResponse({"status": "failure"}, 500),
        None,
    ]

    async def answer(request: Request) -> Response:
        nonlocal asked
        asked += 1
        if not ill:
            return JSONResponse({"intent_ranking": [{"name": "papers-birth", "confidence": 0.9}]})
        found = ill.pop(0)
        if found is None:
            await asyncio.sleep(3.0)  # longer than anybody waits
        return found or Response()

    app = Starlette(routes=[Route("/model/parse", answer, methods=["POST"])])
    async with serving(app, free_port()) as base, http_client() as client:
        nlu = RasaUnderstander(client, base, timeout=0.5, clock=lambda: now)
        for number in range(2 * FAILURES_TO_OPEN):
            with pytest.raises(NluUnavailable):
                await nlu.understand(f"câu {number}", "vi")
        assert asked == FAILURES_TO_OPEN
        now += 10.0
        with pytest.raises(NluUnavailable):  # the one that never answers
            await nlu.understand("câu khác", "vi")
        assert not ill
        now += 10.0
        assert (await nlu.understand("câu nữa", "vi")).candidates[0].entry == "papers-birth"
