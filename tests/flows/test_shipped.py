"""The shipped flows keep what the product promises of them."""

from functools import cache
from pathlib import Path

import pytest

from bot.core.flows import answered_before
from bot.core.library import Flow, Step
from bot.loader.load import load
from bot.messages import LANGUAGES, Decision, Language
from bot.pipeline import Brain
from bot.render import Renderer
from bot.store.redis import session_to_json
from bot.training.export import examples_of
from tests.flows.kitchen import NOON, Citizen

LIBRARY = cache(load)(Path(__file__).resolve().parents[2])[0]
FLOWS = list(LIBRARY.flows.values())
MOST_QUESTIONS = {"vneid-doctor": 4, "submit-online": 6, "scam-message": 2}
RENDERER = Renderer(LIBRARY, now=lambda: NOON, holidays=(), days=7)


def ways(flow: Flow) -> list[tuple[str, ...]]:
    """Every way from the first step to an outcome, as ids of steps."""

    def on(way: tuple[str, ...]) -> list[tuple[str, ...]]:
        targets = dict.fromkeys(flow.steps[way[-1]].targets)
        return [longer for target in targets for longer in on((*way, target))] or [way]

    return on((next(iter(flow.steps)),))


def test_the_flows_of_the_product_are_there() -> None:
    assert set(MOST_QUESTIONS) == {flow.id for flow in FLOWS}


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.id)
def test_nobody_is_asked_for_long(flow: Flow) -> None:
    longest = max(sum(flow.steps[step].asks for step in way) for way in ways(flow))
    assert longest <= MOST_QUESTIONS[flow.id]


def test_the_doctor_knows_at_least_ten_ailments() -> None:
    assert len(ways(LIBRARY.flows["vneid-doctor"])) >= 25
    assert len(LIBRARY.flows["vneid-doctor"].contacts) >= 10


def sample(step: Step) -> str:
    return next(iter(step.next), "dangerous secret" if step.kind == "message" else "2015-03-05")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.id)
def test_every_outcome_says_what_to_do_whom_to_ask_and_where_it_is_from(flow: Flow, language: Language) -> None:
    known = answered_before(flow.steps)
    for name, contact in flow.contacts.items():
        answers = {step: sample(flow.steps[step]) for step in known[name]}
        facts = {"step": name, "answers": answers, "wrong": ""}
        text = RENDERER.render(Decision("flow", "flow_outcome", flow.id, facts=facts), language).text
        assert LIBRARY.communes[language].units[contact].phone in text
        assert flow.words[language].outcomes[name].action.split(".")[0][:40] in text
        assert ("kiểm tra ngày" if language == "vi" else "checked") in text


def test_the_nlu_learns_to_start_them() -> None:
    examples = examples_of(LIBRARY)
    for flow in FLOWS:
        assert len(examples[flow.id, "overview"]) >= 10


@pytest.mark.parametrize(
    "pasted",
    [
        "Em là Lan bên ngân hàng Sao Đỏ, chị đọc mã OTP gửi về số 0912345678 tại saodo-xacminh.top nhé",
        "Cô Lan ơi chiều nay bốn giờ họp tổ dân phố ở nhà bác Sao Đỏ nghe cô",
    ],
)
async def test_a_message_that_was_judged_is_kept_nowhere(pasted: str) -> None:
    citizen = Citizen(Brain(LIBRARY, now=lambda: NOON))
    await citizen.presses("flow:scam-message")
    turn = await citizen.says(pasted)
    kept = session_to_json(await citizen.sessions.load("test", "one")) + turn.masked_text + turn.reply.text
    for word in ("Lan", "Sao Đỏ", "0912345678", "saodo", "số điện thoại]"):
        assert word not in kept
    assert "không được giữ lại" in turn.masked_text
    after = await citizen.says("giờ làm việc của phường")  # the next words are ordinary ones
    assert after.masked_text == "giờ làm việc của phường"
