"""The shipped flows keep what the product promises of them."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from bot.core.answers import read
from bot.core.flow_model import Flow, Step
from bot.core.flows import Place, answered_before, locate
from bot.core.normalise import fold
from bot.loader.load import load
from bot.messages import LANGUAGES, Decision, Language
from bot.pipeline import Brain
from bot.render import Renderer
from bot.store.redis import session_to_json
from bot.training.export import examples_of
from tests.flows.kitchen import NOON, Citizen

LIBRARY = cache(load)(Path(__file__).resolve().parents[2])[0]
FLOWS = list(LIBRARY.flows.values())
MOST_QUESTIONS = {
    "vneid-doctor": 4, "submit-online": 6, "papers-needed": 1, "papers-birth": 2, "papers-marriage": 2,
    "papers-single": 3, "papers-death": 2, "papers-permanent": 1, "papers-temporary": 2, "papers-id-card": 2,
    "papers-certification": 2, "papers-business": 2, "papers-land": 3, "papers-construction": 2,
    "papers-benefit": 2, "pay-online": 4, "digital-team-help": 4, "scam-message": 2, "old-address": 1, "when-ready": 3,
}  # fmt: skip
RENDERER = Renderer(LIBRARY, now=lambda: NOON, days=7)


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
    free = {
        "message": "dangerous secret", "locality": "found x26740", "duration": "3 working_day", "clock": "09:00",
    }  # fmt: skip
    return next(iter(step.next), free.get(step.kind, "2015-03-05"))


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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flow", [flow for flow in FLOWS if flow.papers], ids=lambda flow: flow.id)
def test_answers_lead_to_some_papers_and_place_and_source_of_the_entry(flow: Flow, language: Language) -> None:
    for place in ends(flow, {}):
        if place.step.id not in flow.papers:
            assert flow.related[place.step.id], "who gets no list is led on"
            continue
        entry = LIBRARY.entries[flow.papers[place.step.id].entry]
        facts = {"step": place.step.id, "answers": place.answers, "wrong": ""}
        text = RENDERER.render(Decision("flow", "flow_outcome", flow.id, facts=facts), language).text
        listed = {line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")}
        written = {item for case in entry.words[language].papers for item in case.items}
        assert listed and listed <= written
        assert entry.words[language].answers["where"].split("\n")[0] in text
        assert RENDERER.source(entry.passport, language) in text


def ends(flow: Flow, answers: dict[str, str]) -> list[Place]:
    place = locate(flow, answers, NOON.date(), LIBRARY.calendar)
    if place.done:
        return [place]
    return [end for option in place.step.next for end in ends(flow, {**answers, place.step.id: option})]


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.id)
def test_what_an_option_is_called_is_read_as_it_without_accents_too(flow: Flow) -> None:
    for step in flow.steps.values():
        questions = [words.steps[step.id] for words in flow.words.values() if step.id in words.steps]
        for words in questions:
            for option in step.next:
                for said in (words.options[option], *words.also.get(option, ())):
                    heard = {read(step, questions, typed, NOON.date(), LIBRARY.scam)[0] for typed in (said, fold(said))}
                    assert heard == {option}, said


def test_no_case_of_an_entry_is_left_out_of_its_flow() -> None:
    led = [
        entry for entry in LIBRARY.entries.values() if entry.flow.startswith("papers-") and entry.kind == "procedure"
    ]
    assert len(led) >= 12
    for entry in led:
        mine = [checklist for checklist in LIBRARY.flows[entry.flow].papers.values() if checklist.entry == entry.id]
        named = {case for checklist in mine for case in checklist.cases}
        named |= {case for c in mine for options in c.when.values() for added in options.values() for case in added}
        assert named == {case.id for case in entry.words["vi"].papers}, entry.id


def test_the_entrance_leads_to_every_flow_of_papers() -> None:
    led = {name for related in LIBRARY.flows["papers-needed"].related.values() for name in related}
    assert {flow.id for flow in FLOWS if flow.papers} <= led


def test_every_flow_can_be_started_by_words_or_from_an_entry() -> None:
    examples = examples_of(LIBRARY)
    asked = {name for name, _, _ in LIBRARY.asked()} & LIBRARY.flows.keys()
    led = {entry.flow for entry in LIBRARY.entries.values()}
    assert {flow.id for flow in FLOWS} <= asked | led
    assert all(len(examples[name, "overview"]) >= 10 for name in asked)
    assert {name for name, _ in examples} & LIBRARY.flows.keys() == asked


FRAUD = "Em là Lan bên ngân hàng Sao Đỏ, chị đọc mã OTP gửi về số 0912345678 tại saodo-xacminh.top nhé"


@pytest.mark.parametrize(
    ("asked", "pasted"),
    [
        ("flow:scam-message", FRAUD),
        ("flow:scam-message", "Cô Lan ơi chiều nay bốn giờ họp tổ dân phố ở nhà bác Sao Đỏ nghe cô"),
        ("flow:scam-message", "Cô Lan ơi họp ở nhà bác Sao Đỏ không"),
        ("menu", FRAUD),
    ],
)
async def test_a_message_that_was_judged_is_kept_nowhere(asked: str, pasted: str) -> None:
    citizen = Citizen(Brain(LIBRARY, now=lambda: NOON))
    await citizen.presses(asked)
    turn = await citizen.says(pasted)
    kept = session_to_json(next(iter(citizen.sessions.values()))) + turn.masked_text + turn.reply.text
    for word in ("Lan", "Sao Đỏ", "0912345678", "saodo", "số điện thoại]"):
        assert word not in kept
    assert "không được giữ lại" in turn.masked_text
    after = await citizen.says("giờ làm việc của phường")  # the next words are ordinary ones
    assert after.masked_text == "giờ làm việc của phường"


async def test_an_old_name_that_became_our_own_commune_is_sent_to_our_counter() -> None:
    ours = {
        language: replace(commune, name=name, province=province)
        for (language, commune), name, province in zip(
            LIBRARY.communes.items(),
            ("phường Sài Gòn", "Sài Gòn Ward"),
            ("thành phố Hồ Chí Minh", "Hồ Chí Minh City"),
            strict=True,
        )
    }
    citizen = Citizen(Brain(replace(LIBRARY, communes=ours), now=lambda: NOON))
    for payload in ("x26740", "X26740"):
        counter = await citizen.presses(f"flow:old-address:place:{payload}")
        assert "đến Trung tâm Phục vụ hành chính công phường Bến Mẫu, số 1 đường Bến Sông" in counter.reply.text
    elsewhere = await citizen.says("phường 12 gò vấp", "flow:old-address:place:x26890")
    assert "cổng thông tin điện tử của thành phố Hồ Chí Minh" in elsewhere.reply.text
