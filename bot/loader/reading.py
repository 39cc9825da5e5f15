"""Files -> validated models, with every problem that was met on the way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.errors import Problem
from bot.loader import explain
from bot.loader.yaml import Document, read
from bot.messages import Language

FOLDERS = ("procedures", "faq", "contacts", "talk")
T = TypeVar("T")


class Reading:
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
