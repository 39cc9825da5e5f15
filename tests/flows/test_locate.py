"""The place in a flow is found by replay: also when the flow was edited between two messages."""

from datetime import date

from bot.core.flow_model import Flow, Passport, Step
from bot.core.flows import answered_before, locate, without_last
from bot.core.library import Calendar

TODAY = date(2026, 3, 10)


def flow(*steps: Step) -> Flow:
    passport = Passport("tu-phap", TODAY, TODAY)
    return Flow("f", "topic", passport, {step.id: step for step in steps}, {}, {})


WHO = Step("who", "options", {"me": "end", "child": "born"})
BORN = Step("born", "past-date", go="fork")
FORK = Step("fork", "fork", when=(("under_14", "parent"),), go="end")
END, PARENT = Step("end", "outcome"), Step("parent", "outcome")
FLOW = flow(WHO, BORN, FORK, END, PARENT)


def test_nothing_answered_is_the_first_question() -> None:
    place = locate(FLOW, {}, TODAY, Calendar())
    assert (place.step, place.answers, place.done) == (WHO, {}, False)


def test_answers_lead_on_and_a_rule_decides() -> None:
    assert locate(FLOW, {"who": "child"}, TODAY, Calendar()).step == BORN
    assert locate(FLOW, {"who": "child", "born": "2020-01-01"}, TODAY, Calendar()).step == PARENT
    assert locate(FLOW, {"who": "child", "born": "2000-01-01"}, TODAY, Calendar()).step == END
    assert locate(FLOW, {"who": "me"}, TODAY, Calendar()).done


def test_answers_beside_the_way_are_left_out() -> None:
    assert locate(FLOW, {"who": "me", "born": "2020-01-01"}, TODAY, Calendar()).answers == {"who": "me"}


def test_one_back_is_the_last_question_asked_in_the_order_of_the_way() -> None:
    place = locate(FLOW, {"born": "2020-01-01", "who": "child"}, TODAY, Calendar())
    assert without_last(place.answers) == {"who": "child"}
    assert without_last({}) == {}


def test_an_option_that_was_removed_is_asked_again() -> None:
    edited = flow(Step("who", "options", {"me": "end", "other": "end"}), END)
    assert locate(edited, {"who": "child", "born": "2020-01-01"}, TODAY, Calendar()).step.id == "who"


def test_a_renamed_step_is_asked_and_nothing_before_it() -> None:
    edited = flow(
        Step("who", "options", {"me": "end", "child": "birthday"}), Step("birthday", "past-date", go="end"), END
    )
    place = locate(edited, {"who": "child", "born": "2020-01-01"}, TODAY, Calendar())
    assert (place.step.id, place.answers) == ("birthday", {"who": "child"})


def test_a_question_of_another_kind_is_asked_again() -> None:
    edited = flow(WHO, Step("born", "options", {"young": "parent", "old": "end"}), END, PARENT)
    assert locate(edited, {"who": "child", "born": "2020-01-01"}, TODAY, Calendar()).step.id == "born"


def test_a_new_question_before_an_old_one_keeps_the_old_answer() -> None:
    edited = flow(Step("new", "options", {"a": "who", "b": "who"}), WHO, BORN, FORK, END, PARENT)
    assert locate(edited, {"who": "me"}, TODAY, Calendar()).step.id == "new"
    assert locate(edited, {"who": "me", "new": "a"}, TODAY, Calendar()).done


def test_what_is_known_at_a_step_is_what_every_way_to_it_has_asked() -> None:
    known = answered_before(FLOW.steps)
    assert known["fork"] == {"who", "born"}
    assert known["end"] == {"who"}  # also reached without the birthday
