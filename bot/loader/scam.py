"""content/scam.yml and content/scam_examples.yml -> what the scam check knows, and what is wrong in them."""

from collections.abc import Iterator
from functools import lru_cache

from bot.core.addresses import ScamLists, below, without_addresses
from bot.core.normalise import fold
from bot.core.scam_examples import Likeness
from bot.errors import Problem
from bot.loader.reading import Reading
from bot.loader.schema import ScamExamplesFile, ScamFile
from bot.loader.yaml import Document

# Second-level endings that VNNIC registers names below.
_SHARED = ("com", "net", "org", "edu", "biz", "info", "name", "pro", "io", "id", "ai", "ac", "int", "health")


def read_scam(reading: Reading) -> ScamLists | None:
    """None where a file is not well-formed; every problem is noted in `reading`."""
    lists_file, examples_file = (
        reading.document(reading.root / "content" / f"{n}.yml") for n in ("scam", "scam_examples")
    )
    lists: ScamFile | None = reading.valid(lists_file, ScamFile)
    examples: ScamExamplesFile | None = reading.valid(examples_file, ScamExamplesFile)
    if lists is None or examples is None:
        return None
    reading.problems += (*_lists(lists_file, lists), *_examples(examples_file, examples))
    likeness = _learnt(examples.scam, examples.harmless)
    return ScamLists(**{part: frozenset(names) for part, names in lists}, likeness=likeness)


@lru_cache(maxsize=1)  # other files change oftener
def _learnt(scam: tuple[str, ...], harmless: tuple[str, ...]) -> Likeness:
    return Likeness.learnt(map(without_addresses, scam), map(without_addresses, harmless))


def _lists(document: Document, file: ScamFile) -> Iterator[Problem]:
    """Every name once, in one list; and nothing called official that many can have."""
    seen: dict[str, str] = {}
    for part in ("official", "stores", "open", "shorteners"):
        for i, domain in enumerate(getattr(file, part)):
            if part == "official" and domain in [f"{ending}.vn" for ending in _SHARED]:
                vi = f'"{domain}" là đuôi chung của nhiều trang → ghi đủ tên trang'
                yield document.problem((part, i), vi, f'many sites share "{domain}" → write the whole name of one')
            if twin := next(
                (d for d, list_ in seen.items() if d == domain or (list_ == part and below(domain, [d]))), ""
            ):
                vi = f'"{domain}" đã nằm trong "{twin}" ở mục {seen[twin]} → bỏ một dòng'
                yield document.problem((part, i), vi, f'"{domain}" is within "{twin}" of {seen[twin]} → remove one')
            seen.setdefault(domain, part)
    for i, name in enumerate(file.names):
        if name in file.names[:i]:
            yield document.problem(
                ("names", i), f'"{name}" viết hai lần → bỏ một', f'"{name}" stands twice → remove one'
            )


def _examples(document: Document, file: ScamExamplesFile) -> Iterator[Problem]:
    """No message twice: as both kinds it would teach nothing, twice as one too much."""
    seen: dict[str, str] = {}
    for kind, texts in file:
        for i, text in enumerate(texts):
            if (twin := seen.setdefault(fold(text), f"{kind} {i + 1}")) != f"{kind} {i + 1}":
                vi = f"tin này giống hệt tin {twin} → bỏ một"
                yield document.problem((kind, i), vi, f"the same message as {twin} → remove one")
