"""What a citizen holds in the hand: the page, the codes on it, and the one SMS."""

import asyncio
import subprocess
import sys
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from bot.channels.web import MAX_PAYLOAD_CHARS
from bot.core.flow_model import Flow
from bot.core.flows import locate
from bot.core.library import Entry
from bot.errors import Busy
from bot.loader.load import load
from bot.messages import ASPECTS, LANGUAGES, Card, Language, Session
from bot.paper.press import MOST_WAITING, file_name, pdf_of, printed
from bot.pipeline import Brain, Pipeline
from bot.render_card import plain
from tests.cards.reading import read
from tests.flows.kitchen import FLOW, NOON, Citizen, build
from tests.flows.test_shipped import ends

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = cache(load)(ROOT)[0]
PUBLIC = "https://hoi.example.gov.vn"
BRAIN = Brain(LIBRARY, now=lambda: datetime(2026, 11, 26, 9, 0), public=PUBLIC)
GSM = set("\n !\"#%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")


def card(subject: str, language: Language = "vi", brain: Brain = BRAIN, session: Session | None = None) -> Card | None:
    decision, _ = brain.decider.on_card(session or Session(), subject, language, brain.now().date())
    return brain.renderer.render(decision, language).card


def held(subject: str, language: Language = "vi") -> Card:
    found = card(subject, language)
    assert found, subject
    return found


def outcomes(flow: Flow) -> list[Session]:
    """A session at each end that options lead to."""
    if any(step.asks and step.kind != "options" for step in flow.steps.values()):
        return []
    return [Session(flow=flow.id, answers=end.answers) for end in ends(flow, {})]


def test_the_papers_of_a_case_stand_on_one_page_with_place_hours_phone_source_and_two_codes() -> None:
    held_card = held("at:papers-birth:baby:note:who:other")
    paper = read(pdf_of(held_card))
    entry, unit = LIBRARY.entries["birth-registration"], LIBRARY.communes["vi"].units["tu-phap"]
    cases = {case.id: case.items for case in entry.words["vi"].papers}
    for item in (*cases["common"], *cases["birth-note"], *cases["authorised"]):
        assert item in paper
    assert all(item not in paper for item in cases["abandoned"])
    assert "Việc cần làm Gom đủ giấy" in paper
    assert "Có giấy chứng sinh; Nhờ người khác đi thay" in paper
    assert "nơi cha hoặc mẹ đang cư trú" in paper and "số 1 đường Bến Sông" in paper
    assert unit.phone in paper and "07:30–11:30" in paper
    assert "Nguồn: dichvucong.gov.vn, kiểm tra ngày 18/07/2026" in paper
    assert "đang mở cửa" not in paper  # true today, not on the day when it is read
    assert (paper.pages, paper.title, paper.language, paper.tagged) == (1, held_card.title, "vi", True)
    assert paper.smallest >= 16
    assert paper.codes == (f"{PUBLIC}/?open=at:papers-birth:baby:note:who:other", entry.passport.source)


def test_a_scanned_code_leads_to_the_same_page() -> None:
    subject = held("at:papers-birth:baby:note:who:other").resume.removeprefix(f"{PUBLIC}/?open=")
    decision, after = BRAIN.decider.on_payload(Session(), subject, "vi", NOON.date())
    assert decision.message == "flow_outcome" and dict(after.answers) == {"baby": "note", "who": "other"}
    decision, after = BRAIN.decider.on_payload(Session(), "at:papers-birth:baby:gone:x", "vi", NOON.date())
    assert decision.message == "flow_question" and not after.answers  # the flow was edited since


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_lists_keep_their_print_and_lose_nothing(language: Language) -> None:
    procedures = [entry for entry in LIBRARY.entries.values() if entry.words["vi"].papers]

    def length(entry: Entry) -> int:
        return len(held(f"entry:{entry.id}:documents", language).body)

    for entry in sorted(procedures, key=length)[-4:]:
        spoken = entry.in_language(language)
        paper = read(pdf_of(held(f"entry:{entry.id}:documents", language)))
        assert paper.pages == 1 and paper.smallest >= 14
        assert paper.language == spoken[1]
        assert all(item in paper for case in spoken[0].papers for item in case.items)


def test_a_short_answer_is_a_small_page_in_large_print_and_what_no_page_holds_goes_on_to_a_second() -> None:
    small = read(pdf_of(held("catalogue:1.001193")))
    assert (small.pages, small.width) == (1, 148) and small.smallest >= 16
    endless = held("entry:birth-registration:documents")
    longer = read(
        pdf_of(Card(**{name: getattr(endless, name) for name in endless.__slots__} | {"body": endless.body * 3}))
    )
    assert longer.pages > 1 and longer.smallest == 14


def test_without_a_public_address_there_is_only_the_official_code_and_without_a_page_none() -> None:
    local = Brain(LIBRARY, now=lambda: NOON)
    found = card("entry:certified-copy:how", brain=local)
    assert found and read(pdf_of(found)).codes == (LIBRARY.entries["certified-copy"].passport.source,)
    contact = card("entry:office-hours:overview", brain=local)
    assert contact and read(pdf_of(contact)).codes == () and "checked on" not in contact.source


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("entry", LIBRARY.entries.values(), ids=lambda entry: entry.id)
def test_every_answer_is_one_sms_that_says_what_and_where(entry: Entry, language: Language) -> None:
    for aspect in ASPECTS:
        found = card(f"entry:{entry.id}:{aspect}", language)
        if entry.act != "answer":
            assert found is None
            continue
        assert found
        words, spoken = entry.in_language(language)
        check_sms(found, words.label, LIBRARY.communes[spoken].units[entry.passport.owner].office, spoken)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flow", LIBRARY.flows.values(), ids=lambda flow: flow.id)
def test_every_outcome_is_one_sms_too(flow: Flow, language: Language) -> None:
    for session in outcomes(flow):
        step = locate(flow, session.answers, NOON.date(), LIBRARY.calendar).step.id
        found = card(f"flow:{flow.id}", language, session=session)
        assert found and found.subject.startswith(f"at:{flow.id}:") and len(found.subject) <= MAX_PAYLOAD_CHARS
        unit = LIBRARY.communes[language].units[flow.contacts[step]]
        check_sms(found, flow.words[language].label, unit.office, language)
        assert unit.phone in found.short


def check_sms(found: Card, label: str, office_id: str, language: Language) -> None:
    office = next(o for o in LIBRARY.communes[language].offices if o.id == office_id)
    assert len(found.short) <= 160 and set(found.short) <= GSM, found.short
    assert plain(label)[:20] in found.short
    assert plain(office.address) in found.short


def test_an_sms_never_holds_some_of_the_papers() -> None:
    for flow in LIBRARY.flows.values():
        for session in outcomes(flow):
            found = card(f"flow:{flow.id}", session=session)
            assert found
            items = [plain(line.removeprefix("[ ] ")) for line in found.body.split("\n") if line.startswith("[ ] ")]
            if items:
                assert f"Can {len(items)} loai giay" in found.short or all(item in found.short for item in items)


async def test_days_and_words_of_a_citizen_stand_on_the_page_and_in_no_address(tmp_path: Path) -> None:
    build(tmp_path)
    brain = Brain(load(tmp_path)[0], now=lambda: NOON, public=PUBLIC)
    citizen = Citizen(brain)
    await citizen.presses(f"flow:{FLOW}")
    for _ in range(12):
        session = next(iter(citizen.sessions.values()))
        place = locate(brain.library.flows[FLOW], session.answers, NOON.date(), brain.library.calendar)
        if place.done:
            break
        given = {"options": "1", "date": "24/12/2026", "past-date": "05/03/2015", "text": "Hoa Mai"}
        await citizen.says(
            given.get(place.step.kind, "Chúc mừng bạn trúng thưởng, đọc mã OTP cho em nhé, bấm bit.ly/x")
        )
    assert place.done
    found = (await citizen.says("/in")).reply.card
    assert found and found.subject == f"flow:{FLOW}" and found.link == ""
    assert found.resume == f"{PUBLIC}/?open=flow:{FLOW}"
    for address in (found.resume, found.official):
        assert "2015" not in address and "Mai" not in address and "dangerous" not in address


async def test_a_citizen_asks_for_it_in_words_and_gets_what_was_spoken_of_last() -> None:
    citizen = Citizen(BRAIN)
    assert (await citizen.says("/in")).decision.message == "card_nothing"
    answer = await citizen.presses("entry:certified-copy:how")
    button = next(choice for choice in answer.reply.choices if choice.label == "In ra, mang theo")
    printed = [await citizen.says(words) for words in (button.label, "/in", "cho toi ban in", "In ra", "/print")]
    assert {turn.reply.card and turn.reply.card.subject for turn in printed} == {"entry:certified-copy:how"}
    assert printed[0].reply.card and printed[0].reply.card.short in printed[0].reply.text
    await citizen.presses("flow:papers-birth:baby:abandoned")
    flow = await citizen.says("in ra")
    assert flow.reply.card and flow.reply.card.subject == "at:papers-birth:baby:abandoned"
    again = await citizen.presses("card:entry:certified-copy:how")  # an old button names what stood above it
    assert again.reply.card and again.reply.card.subject == "entry:certified-copy:how"


def test_payloads_of_the_buttons_fit_a_telegram_button() -> None:
    for entry in LIBRARY.entries.values():
        for aspect in ASPECTS:
            decision, _ = BRAIN.decider.on_payload(Session(), f"entry:{entry.id}:{aspect}", "vi", NOON.date())
            assert all(len(payload.encode()) <= 64 for payload in decision.payloads), entry.id


def test_an_address_that_names_nothing_makes_no_card() -> None:
    pipeline = Pipeline(brain=lambda: BRAIN, understander=None)  # type: ignore[arg-type]
    for subject in (
        "",
        "card",
        "entry:gone",
        "entry:greet",
        "flow:papers-birth",
        "at:papers-birth",
        "at:gone:x",
        "forget",
    ):
        assert pipeline.card(subject, Session(), "vi") is None, subject


def test_file_names_are_plain() -> None:
    assert file_name(held("entry:birth-registration:documents")) == "dang-ky-khai-sinh-cho-tre-moi-sinh.pdf"


async def test_a_crowd_is_served_beside_everything_else_and_who_is_too_many_is_told_to_come_back() -> None:
    small = held("catalogue:1.001193")
    crowd = asyncio.gather(*(printed(small) for _ in range(MOST_WAITING + 10)), return_exceptions=True)
    turns = 0
    while not crowd.done():  # the event loop goes on
        turns += 1
        await asyncio.sleep(0.001)
    served = [one for one in await crowd if isinstance(one, bytes)]
    refused = [one for one in await crowd if isinstance(one, Busy)]
    assert (len(served), len(refused)) == (MOST_WAITING, 10) and turns > MOST_WAITING
    assert read(await printed(small)).pages == 1


def test_a_process_that_prints_nothing_does_not_load_the_printer() -> None:
    code = "import sys, bot.serve; sys.exit(bool({'typst', 'segno'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0
