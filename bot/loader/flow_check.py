"""What can be wrong in a flow although every file is well-formed. Each check yields problems at the line that is to be mended."""

import inspect
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from bot.core.flow_model import Step
from bot.core.flows import answered_before
from bot.core.normalise import fold
from bot.core.rules import RULES
from bot.errors import Problem
from bot.loader import check, checklist_check
from bot.loader.flow_files import (
    FlowFile,
    FlowWordsFile,
    OutcomeFile,
    RoutingFile,
    StepFile,
    build_steps,
)
from bot.loader.schema import CommuneFile
from bot.loader.yaml import Document, Loc
from bot.messages import Language

PAYLOAD = 64  # bytes of a button on Telegram
LONGEST = 160  # words of a text
_PHONE = re.compile(r"(?<![\d.])(?:(?:\+?84|0)(?:[ .]?\d){8,}|1[89]00(?:[ .]?\d){4,})")


def routing(document: Document, file: RoutingFile) -> Iterator[Problem]:
    """flows/<id>.yml by itself: every way from the first step ends, and every step is on one."""
    yield from check.file_name(document, file.id)
    steps = build_steps(file)
    for i, step in enumerate(file.steps):
        if step.id in (other.id for other in file.steps[:i]):
            vi = f'hai bước cùng tên "{step.id}" → đặt tên khác'
            yield document.problem(("steps", i, "id"), vi, f'two steps are called "{step.id}" → rename one')
        yield from _shape(document, i, step)
        yield from _options(document, i, step, file.id)
        for loc, target in _targets(i, step):
            if target not in steps:
                vi = f'không có bước "{target}" → sửa tên, hoặc thêm bước đó'
                yield document.problem(loc, vi, f'there is no step "{target}" → mend the name or add the step')
    yield from _reachable(document, file, steps)
    yield from _cycles(document, file, steps)
    yield from _rules(document, file, steps)


def _targets(i: int, step: StepFile) -> Iterator[tuple[Loc, str]]:
    """Every step named by a step, with its place in the file."""
    for option, target in step.next.items():
        yield ("steps", i, "next", option), target
    for n, when in enumerate(step.when):
        yield ("steps", i, "when", n, "go"), when.go
    if step.go:
        yield ("steps", i, "go"), step.go


def _shape(document: Document, i: int, step: StepFile) -> Iterator[Problem]:
    """A step is a question with options, a question with a free answer, a fork or an outcome, and nothing between."""
    if isinstance(step.ask, tuple):
        if step.go or step.when:
            vi = "câu hỏi có lựa chọn thì mỗi lựa chọn dẫn đi bằng next → bỏ go, when"
            yield document.problem(("steps", i), vi, "a question with options leads on by next → remove go and when")
    elif step.next:
        vi = "có next mà ask không có lựa chọn → thêm lựa chọn vào ask, hoặc dùng go"
        yield document.problem(("steps", i, "next"), vi, "next without options in ask → add options, or use go")
    if isinstance(step.ask, str) and step.when:
        vi = "hỏi và rẽ nhánh trong một bước → để when ở bước sau, dẫn tới bằng go"
        yield document.problem(("steps", i, "when"), vi, "asks and forks in one step → move when to a step of its own")
    if (isinstance(step.ask, str) or step.when) and not step.go:
        vi = "ngõ cụt: không biết đi tiếp đâu → thêm go"
        yield document.problem(("steps", i), vi, "dead end: nowhere to go on to → add go")


def _options(document: Document, i: int, step: StepFile, flow: str) -> Iterator[Problem]:
    options = step.ask if isinstance(step.ask, tuple) else ()
    for n, option in enumerate(options):
        if option in options[:n]:
            vi = f'lựa chọn "{option}" ghi hai lần → bỏ một'
            yield document.problem(("steps", i, "ask", n), vi, f'option "{option}" stands twice → remove one')
        if option not in step.next:
            vi = f'lựa chọn "{option}" không dẫn đi đâu → thêm "{option}: <bước>" vào next'
            yield document.problem(("steps", i, "ask", n), vi, f'option "{option}" leads nowhere → add it to next')
        if len(f"flow:{flow}:{step.id}:{option}".encode()) > PAYLOAD:
            vi = f"tên luồng, bước và lựa chọn cộng lại quá {PAYLOAD} ký tự → rút ngắn"
            en = f"the names of flow, step and option together pass {PAYLOAD} characters → shorten them"
            yield document.problem(("steps", i, "ask", n), vi, en)
    for option in step.next.keys() - set(options) if options else ():
        vi = f'next có "{option}" nhưng ask không có → thêm vào ask, hoặc bỏ'
        yield document.problem(
            ("steps", i, "next", option), vi, f'"{option}" is in next, not in ask → add or remove it'
        )


def _reachable(document: Document, file: RoutingFile, steps: Mapping[str, Step]) -> Iterator[Problem]:
    reached = answered_before(steps)
    for i, step in enumerate(file.steps):
        if step.id not in reached:
            vi = f'không có đường nào tới bước "{step.id}" → dẫn tới nó, hoặc bỏ'
            yield document.problem(
                ("steps", i, "id"), vi, f'no way leads to step "{step.id}" → lead there or remove it'
            )


def _cycles(document: Document, file: RoutingFile, steps: Mapping[str, Step]) -> Iterator[Problem]:
    """One problem for each way back: the line that leads back is to be changed."""
    places = {step.id: i for i, step in reversed(list(enumerate(file.steps)))}
    done: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> Iterator[Problem]:
        for loc, target in _targets(places[name], file.steps[places[name]]):
            if target in way:
                ring = " → ".join((*way[way.index(target) :], target))
                vi = f"đi vòng tròn {ring} → dẫn tới bước khác"
                yield document.problem(loc, vi, f"goes in a circle {ring} → lead to another step")
            elif target in places and target not in done:
                yield from walk(target, (*way, target))
        done.add(name)

    yield from walk(file.steps[0].id, (file.steps[0].id,))


def _rules(document: Document, file: RoutingFile, steps: Mapping[str, Step]) -> Iterator[Problem]:
    known = answered_before(steps)
    for i, step in enumerate(file.steps):
        for n, when in enumerate(step.when):
            loc: Loc = ("steps", i, "when", n, "rule")
            if when.rule not in RULES:
                vi = f'không có luật "{when.rule}" → chọn: {", ".join(sorted(RULES))}'
                yield document.problem(loc, vi, f'there is no rule "{when.rule}" → one of: {", ".join(sorted(RULES))}')
                continue
            for read in RULES[when.rule].reads:
                if step.id in known and read not in known[step.id]:
                    vi = f'luật "{when.rule}" cần câu trả lời "{read}" → hỏi bước "{read}" trước trên mọi đường tới đây'
                    en = f'rule "{when.rule}" needs the answer to "{read}" → ask that step before, on every way to here'
                    yield document.problem(loc, vi, en)


def unused_rules(files: Iterable[RoutingFile]) -> Iterator[Problem]:
    """A rule that no flow uses is code that nobody needs. Its place is in the program, so that is no error of an editor."""
    used = {when.rule for file in files for step in file.steps for when in step.when}
    for name in sorted(RULES.keys() - used):
        line = inspect.getsourcelines(RULES[name].holds)[1]
        vi = f'luật "{name}" không luồng nào dùng → dùng hoặc bỏ'
        yield Problem("bot/core/rules.py", line, 1, vi, f'no flow uses the rule "{name}" → use or remove it', True)


def words(
    document: Document, file: FlowWordsFile, steps: Mapping[str, Step], official: check.Official
) -> Iterator[Problem]:
    """The wording of one language against the steps."""
    yield from check.file_name(document, file.id)
    if file.questions:
        yield from check.questions(document, file.questions)
    asked = {name for name, step in steps.items() if step.asks}
    ends = {name for name, step in steps.items() if step.kind == "outcome"}
    for part, wanted, given in (("steps", asked, file.steps), ("outcomes", ends, file.outcomes)):
        for name in sorted(wanted - given.keys()):
            vi = f'{part}: bước "{name}" chưa có chữ → viết thêm, không thì bà con gặp ngõ cụt'
            yield document.problem((part,), vi, f'{part}: step "{name}" has no words, a dead end → write them')
        for name in sorted(given.keys() - wanted):
            vi = f'{part}: flows/{file.id}.yml không có bước "{name}" như vậy → bỏ, hoặc sửa tên'
            en = f'{part}: flows/{file.id}.yml has no such step "{name}" → remove it or mend the name'
            yield document.problem((part, name), vi, en)
    for name in sorted(asked & file.steps.keys()):
        yield from _labels(document, file, steps[name])
    for name in sorted(ends & file.outcomes.keys()):
        outcome = file.outcomes[name]
        loc: Loc = ("outcomes", name)
        if not outcome.action:
            vi = f'kết cục "{name}" không nói phải làm gì tiếp → thêm action'
            yield document.problem(loc, vi, f'outcome "{name}" does not say what to do next → add action')
        if isinstance(outcome, OutcomeFile) and not outcome.contact:
            vi = f'kết cục "{name}" không có nơi để hỏi → thêm contact: id đơn vị trong content/commune.yml'
            yield document.problem(loc, vi, f'outcome "{name}" names nobody to turn to → add contact: a unit')
    yield from _texts(document, file, official)


def _labels(document: Document, file: FlowWordsFile, step: Step) -> Iterator[Problem]:
    given = file.steps[step.id]
    loc: Loc = ("steps", step.id)
    for option in step.next:
        if option not in given.options:
            vi = f'lựa chọn "{option}" chưa có chữ trên nút → thêm vào options'
            yield document.problem((*loc, "options"), vi, f'option "{option}" has no label → add it to options')
    for part, names in (("options", given.options.keys()), ("also", given.also.keys())):
        for option in sorted(names - step.next.keys()):
            vi = f'{part}: bước này không có lựa chọn "{option}" → bỏ, hoặc sửa tên'
            en = f'{part}: this step has no option "{option}" → remove it or mend the name'
            yield document.problem((*loc, part, option), vi, en)
    seen: dict[str, str] = {}
    for option, label in given.options.items():
        for phrase in (label, *given.also.get(option, ())):
            if seen.setdefault(fold(phrase), option) != option:
                vi = f'"{phrase}" là của cả hai lựa chọn {seen[fold(phrase)]} và {option} → viết khác đi'
                en = f'"{phrase}" means both {seen[fold(phrase)]} and {option} → use other words'
                yield document.problem((*loc, "options", option), vi, en)


def _texts(document: Document, file: FlowWordsFile, official: check.Official) -> Iterator[Problem]:
    texts: list[tuple[Loc, str]] = [(("title",), file.title), (("label",), file.label)]
    for name, step in file.steps.items():
        texts += [(("steps", name, "text"), step.text), (("steps", name, "hint"), step.hint or "")]
    for name, end in file.outcomes.items():
        texts += [(("outcomes", name, "text"), end.text), (("outcomes", name, "action"), end.action or "")]
    yield from check.wording(document, texts, official)
    for loc, text in texts:
        if len(text.split()) > LONGEST:
            vi = f"dài {len(text.split())} chữ → rút còn dưới {LONGEST} chữ"
            yield document.problem(loc, vi, f"{len(text.split())} words → at most {LONGEST}")
        if found := _PHONE.search(text):
            vi = f"số điện thoại {found[0]} viết thẳng trong bài → dùng contact, hoặc {{{{ commune.hotline }}}}"
            en = f"the phone number {found[0]} is written out → use contact, or {{{{ commune.hotline }}}}"
            yield document.problem(loc, vi, en)


def links(
    document: Document,
    file: FlowFile,
    *,
    steps: Mapping[str, Step],
    entries: check.Masters,
    translated: Collection[str],
    flows: Collection[str],
    topics: Collection[str],
    commune: CommuneFile,
) -> Iterator[Problem]:
    """The Vietnamese file against the rest of the content."""
    yield from check.validity(document, file.passport)
    units = sorted(unit.id for unit in commune.units)
    if file.id in entries:
        vi = f'đã có bài "{file.id}" → đặt tên khác cho luồng'
        yield document.problem(("id",), vi, f'there is an entry "{file.id}" already → rename the flow')
    if file.topic not in topics:
        vi = f'chủ đề "{file.topic}" không có trong content/topics.yml → thêm ở đó hoặc sửa tên'
        yield document.problem(("topic",), vi, f'topic "{file.topic}" is not in content/topics.yml → add or mend it')
    for name, outcome in file.outcomes.items():
        if outcome.contact and outcome.contact not in units:
            vi = f'đơn vị "{outcome.contact}" không có trong content/commune.yml → chọn: {", ".join(units)}'
            en = f'unit "{outcome.contact}" is not in content/commune.yml → one of: {", ".join(units)}'
            yield document.problem(("outcomes", name, "contact"), vi, en)
        if outcome.papers:
            yield from checklist_check.cases(document, name, outcome.papers, entries, translated)
            yield from checklist_check.added(document, name, outcome.papers, steps)
        for i, related in enumerate(outcome.related):
            if related not in entries and related not in flows:
                vi = f'không có bài "{related}" → sửa id hoặc bỏ dòng'
                en = f'there is no entry "{related}" → mend the id or remove it'
                yield document.problem(("outcomes", name, "related", i), vi, en)


def unasked(document: Document, flow: str) -> Iterator[Problem]:
    """A flow that nobody can start."""
    vi = f"không có câu hỏi mẫu, cũng không bài, danh mục hay luồng nào dẫn tới → viết questions, hoặc flow: {flow} ở một bài"
    en = f"no questions, and no entry, menu or flow leads here → write questions, or flow: {flow} in an entry"
    yield document.problem((), vi, en)


def missing(document: Document, flow: str, language: Language) -> Iterator[Problem]:
    """A flow speaks every language, or it is not published."""
    vi = f"thiếu content/{language}/flows/{flow}.yml, hoặc tệp ấy sai → viết hoặc sửa tệp đó"
    yield document.problem((), vi, f"content/{language}/flows/{flow}.yml is missing or wrong → write or mend it")
