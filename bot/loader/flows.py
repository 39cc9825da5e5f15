"""The files of all flows, read and checked together. Problems of a draft are only warnings, and nobody is led through it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.core.flow_model import Flow
from bot.core.normalise import fold
from bot.errors import Problem
from bot.loader import check, flow_check
from bot.loader.flow_files import FlowFile, FlowWordsFile, OutcomeFile, RoutingFile, build_flow, build_steps
from bot.loader.reading import Reading
from bot.loader.schema import CommuneFile, MenuFile
from bot.loader.yaml import Document
from bot.messages import LANGUAGES, Language


@dataclass
class Source:
    """The files of one flow that could be read, with what is wrong in them."""

    routing: RoutingFile
    document: Document
    words: dict[Language, tuple[FlowWordsFile, Document]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def draft(self) -> bool:
        return self.routing.status == "draft"

    @property
    def whole(self) -> bool:
        return len(self.words) == len(LANGUAGES) and not any(not p.warning for p in self.problems)

    def related(self) -> Iterator[str]:
        for file, _ in self.words.values():
            for outcome in file.outcomes.values():
                yield from outcome.related if isinstance(outcome, OutcomeFile) else ()

    def asked(self) -> Iterator[tuple[str, check.Questions, Document]]:
        for file, document in self.words.values():
            yield self.routing.id, file.questions, document

    def told(self) -> list[Problem]:
        """The problems as they count: a draft may be unfinished."""
        return [replace(p, warning=True) for p in self.problems] if self.draft else self.problems


def flow_files(root: Path) -> list[Path]:
    """Every file that flows are made of, in a fixed order."""
    files = sorted((root / "flows").glob("*.y*ml"))
    for language in LANGUAGES:
        files += sorted((root / "content" / language / "flows").glob("*.y*ml"))
    return files


def read_flows(reading: Reading, official: check.Official) -> dict[str, Source]:
    """Id -> source of all flows whose routing can be read."""
    sources: dict[str, Source] = {}
    names = set()
    for path in sorted((reading.root / "flows").glob("*.y*ml")):
        names.add(path.name)
        document = reading.document(path)
        file = reading.valid(document, RoutingFile)
        if file is not None:
            sources[path.stem] = _read_words(reading.root, path.name, Source(file, document), official)
    for path in flow_files(reading.root):
        if path.parent != reading.root / "flows" and path.name not in names:
            vi = f"không có flows/{path.name} → tạo tệp đó, hoặc xóa tệp này"
            en = f"there is no flows/{path.name} → write it or delete this file"
            reading.problems.append(reading.document(path).problem((), vi, en))
    return sources


def _read_words(root: Path, name: str, source: Source, official: check.Official) -> Source:
    """Add the wording of every language and all that can be checked without the rest of the content."""
    source.problems += flow_check.routing(source.document, source.routing)
    steps = build_steps(source.routing)
    for language in LANGUAGES:
        path = root / "content" / language / "flows" / name
        own = Reading(root)
        document = own.document(path) if path.is_file() else None
        file = own.valid(document, FlowFile if language == "vi" else FlowWordsFile) if document else None
        source.problems += own.problems
        if document is None or file is None:
            source.problems += flow_check.missing(source.document, source.routing.id, language)
            continue
        source.words[language] = (file, document)
        source.problems += flow_check.words(document, file, steps, official)
    return source


def check_links(
    sources: Mapping[str, Source],
    *,
    entries: check.Masters,
    translated: Collection[str],
    menu: Mapping[str, MenuFile],
    topics: Mapping[str, object],
    commune: CommuneFile,
) -> None:
    """Add to each source what does not fit the rest of the content."""
    units = sorted(unit.id for unit in commune.units)
    taken = {fold(entry.label): entry.id for entry, _ in entries.values()}
    led_to = {entry.flow for entry, _ in entries.values()} | {name for s in menu.values() for name in s.entries}
    led_to |= {name for source in sources.values() for name in source.related()}
    for source in sources.values():
        source.problems += _asked(source, led_to)
        if source.routing.owner not in units:
            vi = f'đơn vị "{source.routing.owner}" không có trong content/commune.yml → chọn: {", ".join(units)}'
            en = f'unit "{source.routing.owner}" is not in content/commune.yml → one of: {", ".join(units)}'
            source.problems.append(source.document.problem(("owner",), vi, en))
        for file, document in source.words.values():
            if isinstance(file, FlowFile):
                source.problems += flow_check.links(
                    document,
                    file,
                    steps=build_steps(source.routing),
                    entries=entries,
                    translated=translated,
                    flows=sources,
                    topics=topics,
                    commune=commune,
                )
                if (other := taken.setdefault(fold(file.label), file.id)) != file.id:
                    vi = f'nút "{file.label}" trùng với bài {other} → đặt tên khác'
                    en = f'button "{file.label}" is also used by {other} → choose another'
                    source.problems.append(document.problem(("label",), vi, en))


def _asked(source: Source, led_to: Collection[str | None]) -> Iterator[Problem]:
    """Citizens start a flow in words of every language; or, when nobody asks for it in words, by a button somewhere."""
    silent = [document for file, document in source.words.values() if not file.questions]
    if len(silent) < len(LANGUAGES):
        for document in silent:
            yield from check.questions(document, {})
    elif source.routing.id not in led_to:
        yield from flow_check.unasked(source.document, source.routing.id)


def build_flows(sources: Mapping[str, Source], *, drafts: bool) -> dict[str, Flow]:
    """The flows that may be led through; with `drafts` also those drafts that are whole."""
    built = {}
    for name, source in sources.items():
        vi, en = source.words.get("vi"), source.words.get("en")
        if source.whole and (drafts or not source.draft) and vi and en and isinstance(vi[0], FlowFile):
            built[name] = build_flow(source.routing, vi[0], en[0])
    return built
