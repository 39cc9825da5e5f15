"""Library -> Rasa training data: every `questions:` of the content, and the names of the catalogue.

Written next to the hand-written data in rasa_project/, never edited by hand, made anew whenever content changes.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.core.library import CATALOGUE, Library

Examples = Mapping[tuple[str, str], Iterable[str]]
NAME_IMPORTANCE = 0.3  # nobody asks in the words of an official name, but its words are a hint
_MARKUP = re.compile(r"[\[\]{}()|\\]")  # means entities to Rasa


def examples_of(library: Library) -> dict[tuple[str, str], list[str]]:
    """(intent, aspect) -> texts, an intent for each entry and flow.

    A catalogue name belongs to the entry that covers its code, else to its topic.
    """
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    talk = {entry.id for entry in library.entries.values() if entry.kind == "talk"}
    for name, _, words in library.asked():
        for aspect, questions in words.questions.items():
            found[name, aspect] += questions
        if name not in talk:
            found[name, "overview"].append(words.title)
    for item in library.catalogue.values():
        if item.replaced_by == "-":
            continue
        code = item.code if item.code in library.entry_of_code else item.replaced_by or item.code
        found[library.entry_of_code.get(code, CATALOGUE + item.topic), "overview"].append(item.name)
    return found


def write(library: Library, project: Path) -> None:
    """Write data/generated/ and domain/generated.yml below `project`. Same content, same bytes."""
    folder = project / "data" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    examples = examples_of(library)
    (folder / "entries.yml").write_text(as_yaml({k: v for k, v in examples.items() if not k[0].startswith(CATALOGUE)}))
    names = {k: v for k, v in examples.items() if k[0].startswith(CATALOGUE)}
    (folder / "catalogue.yml").write_text(as_yaml(names, importance=NAME_IMPORTANCE))
    intents = "".join(f"  - {json.dumps(intent)}\n" for intent in sorted({intent for intent, _ in examples}))
    (project / "domain").mkdir(exist_ok=True)
    (project / "domain" / "generated.yml").write_text(f'version: "3.1"\nintents:\n{intents}')


def as_yaml(examples: Examples, *, importance: float = 1.0) -> str:
    """Rasa's training data format 3.1, the aspect and the examples' importance as metadata of the intent."""
    parts = ['version: "3.1"\nnlu:\n']
    for (intent, aspect), texts in sorted(examples.items()):
        clean = dict.fromkeys(" ".join(_MARKUP.sub(" ", text).split()) for text in texts)
        lines = "".join(f"    - {text}\n" for text in clean if text)
        about = f"    aspect: {aspect}\n" + (f"    importance: {importance}\n" if importance != 1.0 else "")
        parts.append(f"- intent: {json.dumps(intent)}\n  metadata:\n{about}  examples: |\n{lines}")
    return "".join(parts)
