"""What is asked of the NLU server, and what is remembered of it."""

import json

import httpx2

from bot.understanding.rasa import SECONDS_REMEMBERED, RasaUnderstander


async def test_same_question_within_a_minute_is_asked_once_and_a_new_model_is_heard_after_it() -> None:
    now, asked = 100.0, []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(json.loads(request.content)["text"])
        ranking = [{"name": f"model-{len(asked)}", "confidence": 0.9}]
        return httpx2.Response(200, json={"intent_ranking": ranking, "aspect": {"name": "fee", "confidence": 0.8}})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as client:
        nlu = RasaUnderstander(client, "http://nlu", timeout=1.0, clock=lambda: now)
        first = await nlu.understand("lệ phí khai sinh", "vi")
        assert await nlu.understand("lệ phí khai sinh", "vi") == first
        assert (await nlu.understand("lệ phí khai tử", "vi")).candidates[0].entry == "model-2"
        now += SECONDS_REMEMBERED
        assert (await nlu.understand("lệ phí khai sinh", "vi")).candidates[0].entry == "model-3"
    assert asked == ["lệ phí khai sinh", "lệ phí khai tử", "lệ phí khai sinh"]
