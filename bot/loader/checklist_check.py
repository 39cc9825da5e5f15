"""What can be wrong with the papers of an outcome: they are cases of an entry, some of them added by answers."""

from collections.abc import Collection, Iterator, Mapping

from bot.core.flow_model import Step
from bot.core.flows import answered_before
from bot.errors import Problem
from bot.loader.check import Masters
from bot.loader.flow_files import ChecklistFile
from bot.loader.yaml import Document, Loc


def cases(
    document: Document, outcome: str, checklist: ChecklistFile, entries: Masters, translated: Collection[str]
) -> Iterator[Problem]:
    """The papers that an outcome shows are there, in every language that the flow speaks."""
    loc: Loc = ("outcomes", outcome, "papers")
    if checklist.entry not in entries:
        vi = f'không có bài "{checklist.entry}" → sửa id'
        yield document.problem((*loc, "entry"), vi, f'there is no entry "{checklist.entry}" → mend the id')
        return
    if checklist.entry not in translated:
        vi = f'bài "{checklist.entry}" chưa có bản tiếng Anh, luồng nói cả hai thứ tiếng → dịch bài đó'
        en = f'entry "{checklist.entry}" is not translated, a flow speaks every language → translate it'
        yield document.problem((*loc, "entry"), vi, en)
    known = [papers.id for papers in entries[checklist.entry][0].papers]
    named: list[tuple[Loc, str]] = [(("cases", i), case) for i, case in enumerate(checklist.cases)]
    for step, options in checklist.when.items():
        named += [(("when", step, o, i), case) for o, added in options.items() for i, case in enumerate(added)]
    for place, case in named:
        if case not in known:
            vi = f'bài "{checklist.entry}" không có trường hợp "{case}" trong papers → chọn: {", ".join(known)}'
            en = f'entry "{checklist.entry}" has no case "{case}" in its papers → one of: {", ".join(known)}'
            yield document.problem((*loc, *place), vi, en)


def added(document: Document, outcome: str, checklist: ChecklistFile, steps: Mapping[str, Step]) -> Iterator[Problem]:
    """Answers add papers only where the question was asked on every way and has that option."""
    loc: Loc = ("outcomes", outcome, "papers")
    known = answered_before(steps).get(outcome, frozenset())
    for step, options in checklist.when.items():
        if step not in known:
            vi = f'không phải đường nào tới đây cũng hỏi bước "{step}" → sửa tên, hoặc hỏi bước đó trước'
            en = f'step "{step}" is not asked on every way to here → mend the name or ask that step before'
            yield document.problem((*loc, "when", step), vi, en)
            continue
        for option in options.keys() - steps[step].next.keys():
            vi = f'bước "{step}" không có lựa chọn "{option}" → chọn: {", ".join(steps[step].next)}'
            en = f'step "{step}" has no option "{option}" → one of: {", ".join(steps[step].next)}'
            yield document.problem((*loc, "when", step, option), vi, en)
