"""What can be wrong in content/scam.yml although it is well-formed."""

from collections.abc import Iterator

from bot.core.addresses import below
from bot.errors import Problem
from bot.loader.schema import ScamFile
from bot.loader.yaml import Document

# Second-level endings that VNNIC registers names below.
_SHARED = ("com", "net", "org", "edu", "biz", "info", "name", "pro", "io", "id", "ai", "ac", "int", "health")


def lists(document: Document, file: ScamFile) -> Iterator[Problem]:
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
