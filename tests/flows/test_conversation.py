"""One conversation inside a flow, without any NLU server: what is typed or pressed, and what comes back."""

from pathlib import Path

import pytest

from bot.messages import Candidate, Choice, Language, Session, Understanding
from bot.pipeline import Brain
from bot.store.redis import session_from_json, session_to_json
from tests.flows.kitchen import FLOW, Citizen, brain_of, build


@pytest.fixture
def root(tmp_path: Path) -> Path:
    build(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def brain(tmp_path_factory: pytest.TempPathFactory) -> Brain:
    """Of content that nobody edits."""
    build(folder := tmp_path_factory.mktemp("kitchen"))
    return brain_of(folder)


class Sure:
    """An NLU server that is sure of one entry, whatever was typed."""

    def __init__(self, entry: str, confidence: float = 0.9) -> None:
        self._heard = (Candidate(entry, confidence),)

    async def understand(self, text: str, language: Language) -> Understanding:
        return Understanding(text, self._heard, "time", 0.9)


async def test_free_words_start_a_flow_and_every_question_says_how_to_leave(brain: Brain) -> None:
    turn = await Citizen(brain).says("dan toi lam tung buoc")
    assert (turn.decision.kind, turn.decision.entry) == ("flow", FLOW)
    assert "Anh/chị làm cho ai?" in turn.reply.text
    assert [c.label for c in turn.reply.choices] == ["Cho tôi", "Cho con cháu", "Cho cơ quan", "Thoát"]


async def test_a_way_to_the_end_by_button_number_label_words_and_date(brain: Brain) -> None:
    citizen = Citizen(brain)
    await citizen.presses(f"flow:{FLOW}")
    assert "giấy gì" in (await citizen.says("1")).reply.text
    assert "ngày nào" in (await citizen.says("Trích lục khai sinh")).reply.text
    asked = await citizen.says("ngày mai")
    assert "Trích lục khai sinh, đến ngày 24/11/2026" in asked.reply.text
    end = await citizen.says("du roi a")
    assert "Việc cần làm: Mang giấy tờ đến quầy." in end.reply.text
    assert "Bộ phận Tư pháp – Hộ tịch, điện thoại 0000 100 111" in end.reply.text
    assert "Nguồn: dichvucong.gov.vn, kiểm tra ngày 18/07/2026." in end.reply.text
    assert [link.url for link in end.reply.links] == ["https://dichvucong.gov.vn/thu-tuc"]


async def test_a_rule_leads_a_child_to_its_parents_in_english_too(brain: Brain) -> None:
    citizen = Citizen(brain)
    await citizen.says("/english")
    await citizen.presses(f"flow:{FLOW}")
    assert "When was the child born?" in (await citizen.says("it is for my daughter")).reply.text
    end = await citizen.says("5 March 2015")
    assert "born on 5 March 2015 and is under 14" in end.reply.text
    assert "Trial registration" in [c.label for c in end.reply.choices]


async def test_the_papers_of_an_outcome_are_those_of_the_entry_with_its_source(brain: Brain, root: Path) -> None:
    citizen = Citizen(brain)
    child = f"flow:{FLOW}:who:child"
    await citizen.presses(child)
    end = await citizen.says("5/3/2015")
    assert (
        "Giấy tờ cần có:\n- Tờ khai\n- Giấy khai sinh của cháu\n\nNộp ở đâu: Bộ phận một cửa.\n\nViệc cần làm:"
        in end.reply.text
    )
    for language, old, new in (("vi", "- Tờ khai", "- Tờ khai mẫu mới"), ("en", "- The form", "- The new form")):
        path = root / f"content/{language}/procedures/khai-thu.yml"
        path.write_text(path.read_text("utf-8").replace(old, new).replace("2026-07-18", "2026-11-01"), "utf-8")
    citizen.brain = brain_of(root)
    changed = await citizen.presses(child)
    assert "- Tờ khai mẫu mới\n" in changed.reply.text and "kiểm tra ngày 01/11/2026" in changed.reply.text
    await citizen.says("/english")
    assert "Papers you need:\n- The new form\n" in (await citizen.presses(child)).reply.text


async def test_the_same_question_comes_again_gently_and_a_person_the_second_time(brain: Brain) -> None:
    citizen = Citizen(brain)
    await citizen.presses(f"flow:{FLOW}:who:child")
    future = await citizen.says("01/01/2030")
    assert "Ngày này còn chưa tới" in future.reply.text and "Cháu sinh ngày nào?" in future.reply.text
    again = await citizen.says("hổng nhớ")
    assert "chưa đọc được ngày" in again.reply.text
    assert "Hỏi cán bộ" in [c.label for c in again.reply.choices]
    assert "chưa đủ 14 tuổi" in (await citizen.says("5/3/2015")).reply.text


async def test_back_restart_and_stop_work_by_words_and_by_button(brain: Brain) -> None:
    citizen = Citizen(brain)
    await citizen.presses(f"flow:{FLOW}:who:me")
    await citizen.says("giấy khai sinh")
    assert "giấy gì" in (await citizen.says("quay lai")).reply.text
    assert "làm cho ai" in (await citizen.presses("back")).reply.text
    assert "làm cho ai" in (await citizen.says("back")).reply.text  # there is nothing before the first
    await citizen.says("bản thân")
    assert "làm cho ai" in (await citizen.says("LÀM LẠI")).reply.text
    stopped = await citizen.says("thoát")
    assert stopped.decision.message == "flow_stopped"
    assert (await citizen.says("1")).decision.message == "flow_question"  # the button that begins anew
    await citizen.presses("stop")
    assert (await citizen.says("quay lại")).decision.kind != "flow"


async def test_back_from_an_outcome_asks_the_last_question_again(brain: Brain) -> None:
    citizen = Citizen(brain)
    end = await citizen.presses(f"flow:{FLOW}:who:office")
    assert end.decision.message == "flow_outcome"
    assert "làm cho ai" in (await citizen.says("quay lại")).reply.text


async def test_another_question_is_answered_and_a_button_leads_back(brain: Brain) -> None:
    citizen = Citizen(brain, Sure("noi-tiep-dan"))
    await citizen.presses(f"flow:{FLOW}:who:child")
    other = await citizen.says("phường mình ở đâu vậy")
    assert (other.decision.kind, other.decision.entry) == ("answer", "noi-tiep-dan")
    assert other.reply.choices[-1] == Choice("Quay lại: Luồng thử", f"resume:{FLOW}")
    assert "Cháu sinh ngày nào?" in (await citizen.says("quay lại")).reply.text
    menu = await citizen.says("/menu")
    assert "Cháu sinh ngày nào?" in (await citizen.says(str(len(menu.reply.choices)))).reply.text


async def test_an_answer_is_an_answer_even_when_the_nlu_is_sure_of_something_else(brain: Brain) -> None:
    citizen = Citizen(brain, Sure("noi-tiep-dan"))
    await citizen.presses(f"flow:{FLOW}")
    assert "sinh ngày nào" in (await citizen.says("làm cho con tôi ạ")).reply.text


async def test_doubt_is_no_reason_to_leave(brain: Brain) -> None:
    citizen = Citizen(brain, Sure("noi-tiep-dan", 0.4))
    await citizen.presses(f"flow:{FLOW}")
    again = await citizen.says("ừm để coi đã")
    assert again.decision.kind == "flow" and "chưa rõ ý" in again.reply.text


async def test_what_is_doubtful_twice_may_be_another_question(brain: Brain) -> None:
    citizen = Citizen(brain, Sure("noi-tiep-dan", 0.4))
    await citizen.presses(f"flow:{FLOW}")
    assert "entry:noi-tiep-dan" not in (await citizen.says("ừm để coi đã")).decision.payloads
    again = await citizen.says("chỗ phường ấy")
    assert again.decision.kind == "flow" and again.decision.payloads[-1] == "entry:noi-tiep-dan"


async def test_a_question_without_subject_is_not_about_what_came_before_the_flow(brain: Brain) -> None:
    citizen = Citizen(brain, Sure("gone"))  # the NLU knows no subject, as for "bao lâu?"
    await citizen.presses("entry:khai-thu:fee")
    assert (await citizen.says("bao lâu vậy")).decision.entry == "khai-thu"
    await citizen.presses(f"flow:{FLOW}:who:office")
    assert (await citizen.says("bao lâu vậy")).decision.kind == "fallback"


async def test_a_question_without_subject_after_a_list_of_papers_is_about_their_entry(brain: Brain) -> None:
    citizen = Citizen(brain, Sure("gone"))
    await citizen.presses(f"flow:{FLOW}:who:child")
    await citizen.says("5/3/2015")
    later = await citizen.says("bao lâu vậy")
    assert (later.decision.entry, later.decision.aspect) == ("khai-thu", "time")


async def test_what_is_typed_after_leaving_is_no_answer(brain: Brain) -> None:
    citizen = Citizen(brain, Sure("noi-tiep-dan"))
    await citizen.presses(f"flow:{FLOW}:who:me")  # a question that any text would answer
    await citizen.says("phường ở đâu?")
    assert (await citizen.says("giờ mở cửa")).decision.kind == "answer"
    assert "giấy gì" in (await citizen.says("tiếp tục")).reply.text


async def test_who_does_not_know_stays_and_is_offered_a_person(brain: Brain) -> None:
    citizen = Citizen(brain, Sure("noi-tiep-dan"))
    await citizen.presses(f"flow:{FLOW}:who:child")
    for said in ("dạ em không nhớ ạ", "ko rõ", "sao cũng được", "i don't know"):
        again = await citizen.says(said)
        assert again.decision.facts["step"] == "born", said
        assert "person" in again.decision.payloads, said


async def test_an_answer_that_comes_late_is_still_one_when_it_says_nothing_else(brain: Brain) -> None:
    citizen = Citizen(brain)
    await citizen.presses(f"flow:{FLOW}:who:child")
    assert (await citizen.presses("entry:noi-tiep-dan")).decision.kind == "answer"
    assert "chưa đủ 14 tuổi" in (await citizen.says("5/3/2015")).reply.text


async def test_who_goes_back_outside_of_a_flow_comes_to_the_menu(brain: Brain) -> None:
    citizen = Citizen(brain)
    for said in ("quay lại", "tiếp tục", "làm lại từ đầu", "back"):
        assert (await citizen.says(said)).decision.message == "menu", said


async def test_a_button_of_an_earlier_message_answers_that_question_anew(brain: Brain) -> None:
    citizen = Citizen(brain)
    await citizen.presses(f"flow:{FLOW}:who:me")
    await citizen.says("giấy khai sinh")
    assert "sinh ngày nào" in (await citizen.presses(f"flow:{FLOW}:who:child")).reply.text


@pytest.mark.parametrize("payload", [f"flow:{FLOW}:gone:me", f"flow:{FLOW}:who:gone", f"flow:{FLOW}:born:nonsense"])
async def test_a_button_that_names_nothing_any_more_asks_where_one_stands(brain: Brain, payload: str) -> None:
    citizen = Citizen(brain)
    await citizen.presses(f"flow:{FLOW}:who:child")
    turn = await citizen.presses(payload)
    assert turn.decision.message == "flow_question"


async def test_an_edited_flow_strands_nobody(brain: Brain, root: Path) -> None:
    citizen = Citizen(brain)
    await citizen.presses(f"flow:{FLOW}:who:child")
    for path in root.rglob("kitchen-sink.yml"):
        text = path.read_text("utf-8").replace("child", "kid")
        path.write_text(text, "utf-8")
    citizen.brain = brain_of(root)
    asked = await citizen.says("05/03/2015")
    assert asked.decision.message == "flow_question" and "làm cho ai" in asked.reply.text


async def test_a_flow_that_is_gone_strands_nobody(brain: Brain, root: Path) -> None:
    citizen = Citizen(brain)
    await citizen.presses(f"flow:{FLOW}")
    for path in root.rglob("kitchen-sink.yml"):
        path.unlink()
    citizen.brain = brain_of(root)
    assert (await citizen.says("khai thử")).decision.entry == "khai-thu"
    gone = await citizen.presses(f"flow:{FLOW}:who:me")
    assert "sắp xếp lại" in gone.reply.text and gone.reply.choices


async def test_an_entry_and_the_menu_offer_the_flow(brain: Brain, root: Path) -> None:
    entry, menu = root / "content/vi/procedures/khai-thu.yml", root / "content/menu.yml"
    entry.write_text(entry.read_text("utf-8") + f"flow: {FLOW}\n", "utf-8")
    menu.write_text(menu.read_text("utf-8") + f"    - {FLOW}\n", "utf-8")
    citizen = Citizen(brain_of(root))
    answer = await citizen.presses("entry:khai-thu")
    assert answer.reply.choices[0] == Choice("Làm từng bước", f"steps:{FLOW}")
    assert "làm cho ai" in (await citizen.says("làm từng bước")).reply.text
    assert Choice("Luồng thử", f"flow:{FLOW}") in (await citizen.presses("menu:all")).reply.choices


async def test_only_the_answers_are_kept_and_an_old_session_is_still_read(brain: Brain) -> None:
    citizen = Citizen(brain)
    await citizen.presses(f"flow:{FLOW}:who:child")
    session = citizen.sessions["test", "one"]
    assert (session.flow, session.answers) == (FLOW, {"who": "child"})
    assert session_from_json(session_to_json(session)) == session
    old = '{"language":"vi","entry":"khai-thu","aspect":"fee","misses":1,"offered":[],"version":1}'
    assert session_from_json(old) == Session(language="vi", entry="khai-thu", aspect="fee", misses=1)
    assert session_from_json(old.replace('"misses"', '"answers":{"who":1},"misses"')) == Session()


async def test_a_draft_leads_nobody(root: Path) -> None:
    path = root / "flows/kitchen-sink.yml"
    path.write_text(path.read_text("utf-8").replace("status: published", "status: draft"), "utf-8")
    (root / "content/en/flows/kitchen-sink.yml").unlink()  # unfinished, and yet the rest can be published
    citizen = Citizen(brain_of(root))
    assert (await citizen.presses(f"flow:{FLOW}")).decision.message == "flow_gone"
