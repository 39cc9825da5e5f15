"""All content files -> one frozen Library, or ContentError with every problem of every file at once."""

import hashlib
import json
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter

from bot.core.library import CatalogueItem, Library, MenuSection
from bot.errors import ContentError, Problem
from bot.loader import calendar_check, check, flow_check, templates
from bot.loader.build import build_calendar, build_communes, build_entry
from bot.loader.flow_files import FlowFile, FlowWordsFile, RoutingFile
from bot.loader.flows import build_flows, check_links, flow_files, read_flows
from bot.loader.localities import read_localities
from bot.loader.reading import FOLDERS, Reading
from bot.loader.scam import read_scam
from bot.loader.schema import CommuneFile, EntryFile, MenuFile, ScamFile, TopicFile, TranslationFile
from bot.loader.yaml import Document
from bot.messages import LANGUAGES, Language

KIND_OF_FOLDER = {"procedures": "procedure", "faq": "faq", "contacts": "contact", "talk": "talk"}
LOCALITIES = "localities.tsv"
TOPICS = TypeAdapter(dict[str, TopicFile])
MENU = TypeAdapter(dict[str, MenuFile])
MESSAGES = TypeAdapter(dict[str, str])


def content_files(root: Path) -> list[Path]:
    """Every file that content is made of, in a fixed order."""
    content = root / "content"
    files = [content / "commune.yml", content / "topics.yml", content / "menu.yml"]
    files += [content / "scam.yml", content / "scam_examples.yml", content / "catalogue.tsv", content / LOCALITIES]
    files += [content / language / "messages.yml" for language in LANGUAGES]
    for language in LANGUAGES:
        for folder in FOLDERS:
            files += sorted((content / language / folder).glob("*.y*ml"))
    return files + flow_files(root)


def fingerprint(root: Path) -> str:
    """A hash of all content files: the same content gives the same value on any machine."""
    digest = hashlib.sha256()
    for path in content_files(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()[:16]


def load(root: Path, *, drafts: bool = False) -> tuple[Library, tuple[Problem, ...]]:
    """Read, check and link everything below `root`/content and `root`/flows; drafts of flows only where they are wanted.

    Returns the library and its warnings. Raises ContentError with all problems, warnings included.
    """
    reading = Reading(root)
    version = fingerprint(root)
    commune = reading.valid(commune_file := reading.document(root / "content" / "commune.yml"), CommuneFile)
    topics = reading.valid(reading.document(root / "content" / "topics.yml"), TOPICS) or {}
    menu = reading.valid(menu_file := reading.document(root / "content" / "menu.yml"), MENU) or {}
    scam = read_scam(reading)
    official = scam.official if scam else None
    message_files = {language: reading.document(root / "content" / language / "messages.yml") for language in LANGUAGES}
    messages = {language: reading.valid(document, MESSAGES) or {} for language, document in message_files.items()}
    masters: dict[str, tuple[EntryFile, Document]] = {}
    for folder, document in reading.entries("vi"):
        entry = reading.valid(document, EntryFile)
        if entry is not None:
            reading.problems += check.entry(document, entry, folder=KIND_OF_FOLDER[folder], official=official)
            masters[entry.id] = (entry, document)
    translations: dict[str, tuple[TranslationFile, Document]] = {}
    for folder, document in reading.entries("en"):
        words = reading.valid(document, TranslationFile)
        if words is not None:
            reading.problems += check.translation(document, words, masters.get(words.id), folder=folder)
            translations[words.id] = (words, document)
    flows = read_flows(reading, official)
    catalogue = _catalogue(reading, root / "content" / "catalogue.tsv")
    localities, wrong = read_localities(root / "content" / LOCALITIES, f"content/{LOCALITIES}")
    reading.problems += wrong
    if commune is not None:
        reading.problems += check.commune(commune_file, commune)
        reading.problems += calendar_check.days(commune_file, commune)
        reading.problems += check.links(masters, topics, commune, catalogue, flows)
        reading.problems += check.menu(menu_file, menu, masters.keys() | flows.keys())
        check_links(flows, entries=masters, translated=translations, menu=menu, topics=topics, commune=commune)
    reading.problems += chain.from_iterable(source.told() for source in flows.values())
    reading.problems += flow_check.unused_rules([source.routing for source in flows.values()]) if flows else ()
    files = (*masters.values(), *translations.values())
    asked = chain(((f.id, f.questions, document) for f, document in files), *(s.asked() for s in flows.values()))
    reading.problems += check.shared_questions(asked)
    reading.problems += check.messages(message_files, messages)
    if commune is None or scam is None or any(not p.warning for p in reading.problems):
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
        calendar=build_calendar(commune),
        scam=scam,
        flows=build_flows(flows, drafts=drafts),
        localities=localities,
    )
    documents: dict[str, dict[Language, Document]] = {i: {"vi": document} for i, (_, document) in masters.items()}
    for i, (_, document) in translations.items():
        documents[i]["en"] = document
    for i, source in flows.items():
        documents[i] = {language: document for language, (_, document) in source.words.items()}
    if problems := tuple(templates.problems(library, documents, message_files)):
        raise ContentError(tuple(sorted({*reading.problems, *problems})))
    return library, tuple(sorted(set(reading.problems)))


def _catalogue(reading: Reading, path: Path) -> dict[str, CatalogueItem]:
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
    models["scam"] = ScamFile
    models |= {"flow": RoutingFile, "flow-words": FlowFile, "flow-translation": FlowWordsFile}
    schemas: dict[str, Any] = {name: model.model_json_schema() for name, model in models.items()}
    schemas["topics"] = TOPICS.json_schema()
    schemas["menu"] = MENU.json_schema()
    schemas["messages"] = MESSAGES.json_schema()
    return {f"{name}.schema.json": json.dumps(s, ensure_ascii=False, indent=1) + "\n" for name, s in schemas.items()}
