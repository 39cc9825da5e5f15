"""Whatever is typed or pressed at whatever step, somebody stands at a step that can be said in both languages."""

import asyncio
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.flow_model import Flow
from bot.core.flows import locate
from bot.core.library import Library
from bot.loader.load import load
from bot.messages import LANGUAGES, Decision
from bot.pipeline import Brain
from bot.render import Renderer
from tests.flows.kitchen import FLOW, NOON, SINK, Citizen, brain_of, build
from tests.properties.test_properties import ANYTHING

ROOT = Path(__file__).resolve().parents[2]


@cache
def kitchen() -> Brain:
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        return brain_of(Path(folder))


@cache
def shipped() -> Library:
    return load(ROOT)[0]


def flows() -> list[tuple[Library, Flow]]:
    return [(library, flow) for library in (kitchen().library, shipped()) for flow in library.flows.values()]


@cache
def renderer(library_version: str) -> Renderer:
    library = next(one for one, _ in flows() if one.version == library_version)
    return Renderer(library, now=lambda: NOON, days=7)


@settings(max_examples=300)
@given(st.data())
def test_random_answers_land_on_a_step_that_renders(data: st.DataObject) -> None:
    library, flow = data.draw(st.sampled_from(flows()))
    some = st.one_of(
        st.sampled_from(sorted({option for step in flow.steps.values() for option in step.next} | {""})),
        st.dates().map(str),
        st.sampled_from(["dangerous secret hurry", "suspicious shortener", "nothing", "official", "dangerous gone"]),
        st.sampled_from(
            [
                "found x1",
                "split x2",
                "open x1 x3",
                "open h1",
                "today X1",
                "province t1",
                "found gone",
                "open",
                "likely x2",
                "3 working_day",
                "10",
                "same_day",
                "2 hour",
                "2026-02-13 morning",
                "2026-11-20 16:05",
                "09:00",
            ],
        ),
        st.text(max_size=20),
    )
    answers = data.draw(st.dictionaries(st.sampled_from([*flow.steps, "gone"]), some))
    place = locate(flow, answers, NOON.date(), library.calendar)
    for language in LANGUAGES:
        facts = {"step": place.step.id, "answers": place.kept, "wrong": ""}
        message = "flow_outcome" if place.done else "flow_question"
        reply = renderer(library.version).render(Decision("flow", message, flow.id, facts=facts), language)
        assert reply.text.strip()


SAID = st.one_of(
    ANYTHING,
    st.sampled_from(
        [
            "1",
            "2",
            "4",
            "back",
            "thoát",
            "quay lại",
            "tiếp tục",
            "05/03/2015",
            "01/01/2030",
            "hôm qua",
            "khai thử",
            "/menu",
        ]
    ),
)
PRESSED = st.sampled_from(
    ["", "", f"flow:{FLOW}", f"flow:{FLOW}:who:me", f"flow:{FLOW}:who:child", f"flow:{FLOW}:born:2015-01-01", "back",
     "restart", "stop", f"resume:{FLOW}", f"steps:{FLOW}", f"flow:{FLOW}:x:y:z", "flow::::", "resume:", "entry:khai-thu"]
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.tuples(SAID, PRESSED), min_size=1, max_size=8))
def test_any_conversation_goes_on(turns: list[tuple[str, str]]) -> None:
    citizen = Citizen(kitchen())

    async def talk() -> None:
        for text, payload in turns:
            turn = await citizen.says(text, payload)
            assert turn.reply.text.strip()
            labels = [choice.label for choice in turn.reply.choices]
            assert all(label.strip() for label in labels)
            assert turn.decision.kind != "flow" or len(labels) == len(set(labels))

    asyncio.run(talk())


def test_every_kind_of_step_is_in_the_kitchen_sink() -> None:
    assert (SINK / "flows" / f"{FLOW}.yml").is_file()
    kinds = {step.kind for step in kitchen().library.flows[FLOW].steps.values()}
    assert kinds == {
        "options",
        "date",
        "past-date",
        "text",
        "message",
        "locality",
        "duration",
        "received",
        "clock",
        "fork",
        "outcome",
    }
