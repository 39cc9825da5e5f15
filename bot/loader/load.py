"""All content files -> one frozen Library, or ContentError with every problem of every file at once."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.core.library import CatalogueItem, Library, MenuSection
from bot.errors import ContentError, Problem
from bot.loader import check, explain, templates
from bot.loader.build import build_communes, build_entry
from bot.loader.schema import CommuneFile, EntryFile, MenuFile, TopicFile, TranslationFile
from bot.loader.yaml import Document, read
from bot.messages import LANGUAGES, Language

FOLDERS = ("procedures", "faq", "contacts", "talk")
KIND_OF_FOLDER = {"procedures": "procedure", "faq": "faq", "contacts": "contact", "talk": "talk"}
TOPICS = TypeAdapter(dict[str, TopicFile])
MENU = TypeAdapter(dict[str, MenuFile])
MESSAGES = TypeAdapter(dict[str, str])
T = TypeVar("T")


def content_files(root: Path) -> list[Path]:
    """Every file that content is made of, in a fixed order."""
    content = root / "content"
    files = [content / "commune.yml", content / "topics.yml", content / "menu.yml"]
    files += [content / "catalogue.tsv"]
    files += [content / language / "messages.yml" for language in LANGUAGES]
    for language in LANGUAGES:
        for folder in FOLDERS:
            files += sorted((content / language / folder).glob("*.y*ml"))
    return files


def fingerprint(root: Path) -> str:
    """A hash of all content files: the same content gives the same value on any machine."""
    digest = hashlib.sha256()
    for path in content_files(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()[:16]


class _Reading:
    """What has been read so far and what was wrong with it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []

    def document(self, path: Path) -> Document:
        document = read(path, path.relative_to(self.root).as_posix())
        self.problems += document.problems
        return document

    def valid(self, document: Document, schema: type[BaseModel] | TypeAdapter[T]) -> Any:
        """The validated model, or None after its problems were noted."""
        if document.problems and document.data is None:
            return None
        adapter: TypeAdapter[Any] = schema if isinstance(schema, TypeAdapter) else TypeAdapter(schema)
        try:
            return adapter.validate_python(document.data if document.data is not None else {})
        except ValidationError as error:
            self.problems += explain.problems(document, error)
            return None

    def entries(self, language: Language) -> Iterator[tuple[str, Document]]:
        for folder in FOLDERS:
            base = self.root / "content" / language / folder
            for path in sorted(base.glob("*.y*ml")):
                yield folder, self.document(path)


def load(root: Path) -> tuple[Library, tuple[Problem, ...]]:
    """Read, check and link everything below `root`/content.

    Returns the library and its warnings. Raises ContentError with all problems, warnings included.
    """
    reading = _Reading(root)
    version = fingerprint(root)
    commune = reading.valid(commune_file := reading.document(root / "content" / "commune.yml"), CommuneFile)
    topics = reading.valid(reading.document(root / "content" / "topics.yml"), TOPICS) or {}
    menu = reading.valid(menu_file := reading.document(root / "content" / "menu.yml"), MENU) or {}
    message_files = {language: reading.document(root / "content" / language / "messages.yml") for language in LANGUAGES}
    messages = {language: reading.valid(document, MESSAGES) or {} for language, document in message_files.items()}
    masters: dict[str, tuple[EntryFile, Document]] = {}
    for folder, document in reading.entries("vi"):
        entry = reading.valid(document, EntryFile)
        if entry is not None:
            reading.problems += check.entry(document, entry, folder=KIND_OF_FOLDER[folder])
            masters[entry.id] = (entry, document)
    translations: dict[str, tuple[TranslationFile, Document]] = {}
    for folder, document in reading.entries("en"):
        words = reading.valid(document, TranslationFile)
        if words is not None:
            reading.problems += check.translation(document, words, masters.get(words.id), folder=folder)
            translations[words.id] = (words, document)
    catalogue = _catalogue(reading, root / "content" / "catalogue.tsv")
    if commune is not None:
        reading.problems += check.commune(commune_file, commune)
        reading.problems += check.links(masters, topics, commune, catalogue)
        reading.problems += check.menu(menu_file, menu, masters)
    reading.problems += check.shared_questions(masters, translations)
    reading.problems += check.messages(message_files, messages)
    if commune is None or any(not p.warning for p in reading.problems):
        raise ContentError(tuple(sorted(set(reading.problems))))
    built = {
        i: build_entry(entry, translations[i][0] if i in translations else None) for i, (entry, _) in masters.items()
    }
    entry_of_code: dict[str, str] = {}
    for e in built.values():
        for code in e.codes:
            entry_of_code.setdefault(code, e.id)
    library = Library(
        version=version,
        entries=built,
        topics={slug: {"vi": t.vi, "en": t.en} for slug, t in topics.items()},
        menu={i: MenuSection(labels={"vi": m.vi, "en": m.en}, entries=m.entries) for i, m in menu.items()},
        messages=messages,
        communes=build_communes(commune),
        catalogue=catalogue,
        entry_of_code=entry_of_code,
    )
    documents: dict[str, dict[Language, Document]] = {i: {"vi": document} for i, (_, document) in masters.items()}
    for i, (_, document) in translations.items():
        documents[i]["en"] = document
    if problems := tuple(templates.problems(library, documents, message_files)):
        raise ContentError(tuple(sorted({*reading.problems, *problems})))
    return library, tuple(sorted(set(reading.problems)))


def _catalogue(reading: _Reading, path: Path) -> dict[str, CatalogueItem]:
    """catalogue.tsv: code, topic, level, agency, page, name, replaced by; one procedure a line."""
    name = path.relative_to(reading.root).as_posix()
    items: dict[str, CatalogueItem] = {}
    if not path.is_file():
        return items
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 7:
            vi = f"dòng có {len(cells)} cột, cần 7 cột cách nhau bằng phím Tab → thêm hoặc bớt cột"
            en = f"{len(cells)} columns, 7 are needed, separated by tabs → add or remove columns"
            reading.problems.append(Problem(name, number, 1, vi, en))
            continue
        code, topic, level, agency, url, title, replaced = cells
        items[code] = CatalogueItem(
            code=code, name=title, topic=topic, level=level, agency=agency, url=url, replaced_by=replaced
        )
    return items


def json_schemas() -> dict[str, str]:
    """File name -> JSON Schema, for editors that complete and check while one types."""
    models: dict[str, type[BaseModel]] = {"entry": EntryFile, "translation": TranslationFile, "commune": CommuneFile}
    schemas: dict[str, Any] = {name: model.model_json_schema() for name, model in models.items()}
    schemas["topics"] = TOPICS.json_schema()
    schemas["menu"] = MENU.json_schema()
    schemas["messages"] = MESSAGES.json_schema()
    return {f"{name}.schema.json": json.dumps(s, ensure_ascii=False, indent=1) + "\n" for name, s in schemas.items()}
