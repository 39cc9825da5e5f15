"""What a schema cannot say: do the files agree with one another and with the rules of content? Each check yields problems."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from bot.core.addresses import below
from bot.core.library import CatalogueItem
from bot.core.normalise import content_canonical, fold
from bot.errors import Problem
from bot.loader.schema import (
    CommuneFile,
    EntryFile,
    MenuFile,
    PassportFile,
    TopicFile,
    TranslationFile,
    WordsFile,
)
from bot.loader.yaml import Document, Loc
from bot.messages import LANGUAGES, Aspect, Language

Masters = Mapping[str, tuple[EntryFile, Document]]
Questions = Mapping[Aspect, tuple[str, ...]]
Official = Collection[str] | None  # domains that texts may lead to; None while nobody knows them

FEWEST_QUESTIONS = 8
NEEDED_BY_PROCEDURES: tuple[Aspect, ...] = ("overview", "how", "where", "conditions", "result")
_ABOLISHED = {
    "cấp huyện": "bỏ từ 01/07/2025, việc về xã hoặc tỉnh/abolished on 1 July 2025",
    "ủy ban nhân dân huyện": "bỏ từ 01/07/2025, việc về xã hoặc tỉnh/abolished on 1 July 2025",
    "sổ tạm trú": "bỏ từ 01/01/2023/abolished on 1 January 2023",
}
_SAYS_GONE = (
    "không còn",
    "đã bỏ",
    "bãi bỏ",
    "trước đây",
    "thay cho",
    "thay thế",
    "hết hiệu lực",
    "nay là",
    "cũ",
    "không cần",
)
_URL = re.compile(r"https?://[^\s)>,;]+")


def file_name(document: Document, name: str) -> Iterator[Problem]:
    """A file is called like the id in it."""
    stem = document.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    if name != stem:
        vi = f'id là "{name}" nhưng tệp tên "{stem}" → đặt hai tên giống nhau'
        yield document.problem(("id",), vi, f'id is "{name}" but the file is "{stem}" → make both the same')


def validity(document: Document, passport: PassportFile) -> Iterator[Problem]:
    """The days of a passport."""
    if passport.expires <= passport.checked:
        vi = "ngày hết hạn phải sau ngày kiểm tra → sửa expires"
        yield document.problem(("passport", "expires"), vi, "expires must be after checked → mend expires")
    elif passport.expires - passport.checked > timedelta(days=731):
        vi = "hạn dài quá hai năm → đặt hạn sớm hơn để còn kiểm tra lại"
        yield document.problem(("passport", "expires"), vi, "valid for over two years → set an earlier date")


def entry(document: Document, file: EntryFile, *, folder: str, official: Official) -> Iterator[Problem]:
    """One Vietnamese file by itself."""
    yield from file_name(document, file.id)
    if file.kind != folder:
        vi = f'kind là "{file.kind}" nhưng thư mục dành cho "{folder}" → sửa kind hoặc chuyển tệp'
        yield document.problem(("kind",), vi, f'kind is "{file.kind}" in a folder for "{folder}" → mend or move it')
    yield from validity(document, file.passport)
    if file.kind in ("procedure", "faq") and not file.passport.source:
        vi, en = "thiếu nguồn → thêm source: https://…", "no source → add source: https://…"
        yield document.problem(("passport",), vi, en, warning=file.kind == "faq")
    yield from _answers(document, file)
    if file.kind == "procedure":
        yield from _procedure(document, file)
    yield from _facts(document, file)
    yield from questions(document, file.questions)
    texts: list[tuple[Loc, str]] = [(("title",), file.title), (("label",), file.label)]
    yield from wording(
        document, [*texts, *((("answers", aspect), text) for aspect, text in file.answers.items())], official
    )


def _answers(document: Document, file: WordsFile) -> Iterator[Problem]:
    if "overview" not in file.answers:
        vi = "answers: thiếu overview, câu trả lời chung → thêm overview"
        yield document.problem(("answers",), vi, "answers: overview, the general answer, is missing → add it")
    for aspect, text in file.answers.items():
        if len(text.split()) > 160:
            vi = f"{aspect}: dài {len(text.split())} chữ → rút còn dưới 160 chữ"
            yield document.problem(("answers", aspect), vi, f"{aspect}: {len(text.split())} words → at most 160")


def _procedure(document: Document, file: EntryFile) -> Iterator[Problem]:
    missing = [aspect for aspect in NEEDED_BY_PROCEDURES if aspect not in file.answers]
    if missing:
        vi = f"answers: thủ tục cần thêm {', '.join(missing)} → viết các phần này"
        yield document.problem(("answers",), vi, f"answers: a procedure also needs {', '.join(missing)} → write them")
    for name, value in (("codes", file.codes), ("online", file.online), ("agency", file.agency)):
        if not value:
            yield document.problem((), f"thủ tục thiếu {name} → thêm {name}", f"a procedure needs {name} → add it")
    for name, present in (("fees", file.fees), ("times", file.times), ("papers", file.papers)):
        if not present and {"fees": "fee", "times": "time", "papers": "documents"}[name] not in file.answers:
            vi = f"thủ tục thiếu {name} → thêm, hoặc ghi “chưa rõ”"
            yield document.problem((), vi, f'a procedure needs {name} → add it, or write "chưa rõ"')


def _facts(document: Document, file: EntryFile) -> Iterator[Problem]:
    lists = {
        "fees": [f.id for f in file.fees],
        "times": [t.id for t in file.times],
        "papers": [p.id for p in file.papers],
    }
    for name, ids in lists.items():
        for i, row_id in enumerate(ids):
            if row_id in ids[:i]:
                vi = f'{name}: id "{row_id}" dùng hai lần → đặt id khác nhau'
                yield document.problem((name, i, "id"), vi, f'{name}: id "{row_id}" is used twice → use another')
    for i, row_ in enumerate(file.times):
        if row_.value != "chưa rõ" and row_.unit is None:
            vi = "có số mà thiếu đơn vị → thêm unit: ngày làm việc, ngày, giờ hoặc tháng"
            yield document.problem(("times", i), vi, "a number without a unit → add unit")
    for i, fee in enumerate(file.fees):
        if fee.amount == "miễn phí" and not fee.words:
            vi = "miễn phí cho ai, trường hợp nào? → thêm words"
            yield document.problem(("fees", i), vi, "free for whom, in which case? → add words")


def questions(document: Document, asked: Questions) -> Iterator[Problem]:
    """Enough ways of asking, each once."""
    number = sum(len(group) for group in asked.values())
    if number < FEWEST_QUESTIONS:
        vi = f"mới có {number} câu hỏi mẫu → viết ít nhất {FEWEST_QUESTIONS} câu theo cách người dân hỏi"
        yield document.problem(
            ("questions",), vi, f"only {number} example questions → write at least {FEWEST_QUESTIONS}"
        )
    seen: dict[str, tuple[str, int]] = {}
    for aspect, group in asked.items():
        for i, question in enumerate(group):
            if (key := content_canonical(question).rstrip("?!. ")) in seen:
                vi = f'câu "{question}" viết hai lần → bỏ một câu'
                yield document.problem(("questions", aspect, i), vi, f'"{question}" stands twice → remove one')
            seen[key] = (aspect, i)


def wording(document: Document, texts: Iterable[tuple[Loc, str]], official: Official) -> Iterator[Problem]:
    """Links lead to official sites only, and what was abolished is not spoken of as if it were there."""
    for loc, text in texts:
        for url in _URL.findall(text):
            host = urlsplit(url).hostname or ""
            if official is not None and not below(host, official):
                vi = f"{host} không thuộc các trang chính thức (content/scam.yml) → chỉ dẫn tới các trang đó"
                en = f"{host} is not on the list of official sites (content/scam.yml) → link to these only"
                yield document.problem(loc, vi, en)
        low = text.lower()
        for word, why in _ABOLISHED.items():
            sentence = next((s for s in re.split(r"[.\n]", low) if word in s), "")
            if sentence and not any(gone in sentence for gone in _SAYS_GONE):
                vi, _, en = why.partition("/")
                found = f'nhắc đến "{word}" ({why.rpartition("/")[0] or vi}) → viết lại theo quy định hiện hành'
                yield document.problem(
                    loc, found, f'mentions "{word}" ({en.rpartition("/")[2]}) → rewrite', warning=True
                )


def translation(
    document: Document, file: TranslationFile, master: tuple[EntryFile, Document] | None, *, folder: str
) -> Iterator[Problem]:
    """One file of another language against its Vietnamese master."""
    yield from file_name(document, file.id)
    if master is None:
        vi = f"không có bài tiếng Việt hợp lệ content/vi/{folder}/{file.id}.yml → tạo hoặc sửa bài đó trước"
        yield document.problem(
            ("id",), vi, f"there is no valid content/vi/{folder}/{file.id}.yml → make or mend that first"
        )
        return
    original = master[0]
    yield from questions(document, file.questions)
    for aspect in original.answers.keys() - file.answers.keys():
        vi = f"answers: thiếu {aspect} → dịch thêm phần này"
        yield document.problem(("answers",), vi, f"answers: {aspect} is missing → translate it")
    for aspect in file.answers.keys() - original.answers.keys():
        vi = f"answers.{aspect}: bài tiếng Việt không có → thêm bên tiếng Việt hoặc bỏ ở đây"
        yield document.problem(("answers", aspect), vi, f"answers.{aspect}: not in the Vietnamese file → add or remove")
    pairs = (
        ("fees", {f.id for f in original.fees if f.words}, set(file.fees)),
        ("times", {t.id for t in original.times if t.words}, set(file.times)),
        ("papers", {p.id for p in original.papers}, set(file.papers)),
    )
    for name, wanted, given in pairs:
        for missing in sorted(wanted - given):
            vi, en = f'{name}: thiếu "{missing}" → dịch thêm', f'{name}: "{missing}" is missing → translate it'
            yield document.problem((name,), vi, en)
        for extra in sorted(given - wanted):
            vi = f'{name}: "{extra}" không có trong bài tiếng Việt → sửa id hoặc bỏ'
            yield document.problem((name, extra), vi, f'{name}: "{extra}" is not in the Vietnamese file → mend its id')
    for papers in original.papers:
        words = file.papers.get(papers.id)
        if words and len(words.items) != len(papers.items):
            vi = (
                f"papers.{papers.id}: {len(words.items)} giấy tờ, bài tiếng Việt có {len(papers.items)} → cho bằng nhau"
            )
            en = f"papers.{papers.id}: {len(words.items)} items, the Vietnamese file has {len(papers.items)} → make equal"
            yield document.problem(("papers", papers.id), vi, en)


def shared_questions(files: Iterable[tuple[str, Questions, Document]]) -> Iterator[Problem]:
    """An example that stands in two entries or flows teaches the NLU nothing but doubt."""
    seen: dict[str, str] = {}
    for name, asked, document in files:
        for aspect, group in asked.items():
            for i, question in enumerate(group):
                key = content_canonical(question).rstrip("?!. ")
                if seen.setdefault(key, name) != name:
                    vi = f'câu "{question}" cũng có trong bài {seen[key]} → chỉ để ở một bài'
                    en = f'"{question}" also stands in {seen[key]} → keep it in one entry'
                    yield document.problem(("questions", aspect, i), vi, en)


def links(
    masters: Masters,
    topics_: Mapping[str, TopicFile],
    commune_: CommuneFile,
    catalogue: Mapping[str, CatalogueItem],
    flows: Collection[str],
) -> Iterator[Problem]:
    """Ids that entries name must exist; buttons must not look alike."""
    units = {unit.id for unit in commune_.units}
    labels: dict[str, str] = {}
    for file, document in masters.values():
        if file.topic not in topics_:
            vi = f'chủ đề "{file.topic}" không có trong content/topics.yml → thêm ở đó hoặc sửa tên'
            yield document.problem(
                ("topic",), vi, f'topic "{file.topic}" is not in content/topics.yml → add or mend it'
            )
        if file.passport.owner not in units:
            vi = f'đơn vị "{file.passport.owner}" không có trong content/commune.yml → chọn: {", ".join(sorted(units))}'
            en = f'unit "{file.passport.owner}" is not in content/commune.yml → one of: {", ".join(sorted(units))}'
            yield document.problem(("passport", "owner"), vi, en)
        for i, related in enumerate(file.related):
            if related not in masters:
                vi = f'không có bài "{related}" → sửa id hoặc bỏ dòng'
                yield document.problem(("related", i), vi, f'there is no entry "{related}" → mend the id or remove it')
        if file.flow and file.flow not in flows:
            vi = f"không có luồng flows/{file.flow}.yml → sửa id hoặc bỏ dòng"
            yield document.problem(("flow",), vi, f"there is no flows/{file.flow}.yml → mend the id or remove it")
        for i, code in enumerate(file.codes):
            if catalogue and code not in catalogue:
                vi = f"mã {code} không có trong content/catalogue.tsv → kiểm tra lại mã"
                yield document.problem(
                    ("codes", i), vi, f"code {code} is not in content/catalogue.tsv → check it", warning=True
                )
        if labels.setdefault(fold(file.label), file.id) != file.id:
            vi = f'nút "{file.label}" trùng với bài {labels[fold(file.label)]} → đặt tên khác'
            en = f'button "{file.label}" is also used by {labels[fold(file.label)]} → choose another'
            yield document.problem(("label",), vi, en)


def menu(document: Document, sections: Mapping[str, MenuFile], known: Collection[str]) -> Iterator[Problem]:
    """The menu leads only to entries and flows that exist."""
    for name, section in sections.items():
        for i, entry_id in enumerate(section.entries):
            if entry_id not in known:
                vi = f'không có bài "{entry_id}" → sửa id hoặc bỏ dòng'
                en = f'there is no entry "{entry_id}" → mend the id or remove it'
                yield document.problem((name, "entries", i), vi, en)


def commune(document: Document, file: CommuneFile) -> Iterator[Problem]:
    """Units sit in offices, officials in units, and offices close after they open."""
    offices, units = {o.id for o in file.offices}, {u.id for u in file.units}
    for i, unit in enumerate(file.units):
        if unit.office not in offices:
            vi = f'không có trụ sở "{unit.office}" → chọn: {", ".join(sorted(offices))}'
            yield document.problem(("units", i, "office"), vi, f'there is no office "{unit.office}" → mend it')
    for i, official in enumerate(file.officials):
        if official.unit not in units:
            vi = f'không có đơn vị "{official.unit}" → chọn: {", ".join(sorted(units))}'
            yield document.problem(("officials", i, "unit"), vi, f'there is no unit "{official.unit}" → mend it')
    for i, office in enumerate(file.offices):
        for j, hours in enumerate(office.hours):
            if hours.closes <= hours.opens:
                vi = f"giờ đóng cửa {hours.closes:%H:%M} không sau giờ mở {hours.opens:%H:%M} → sửa from hoặc to"
                en = f"closes {hours.closes:%H:%M}, not after it opens {hours.opens:%H:%M} → mend from or to"
                yield document.problem(("offices", i, "hours", j), vi, en)


def messages(files: Mapping[Language, Document], words: Mapping[Language, Mapping[str, str]]) -> Iterator[Problem]:
    """Every language says the same things."""
    for language in LANGUAGES[1:]:
        for key in sorted(words["vi"].keys() - words[language].keys()):
            yield files[language].problem((), f'thiếu câu "{key}" → dịch thêm', f'"{key}" is missing → translate it')
        for key in sorted(words[language].keys() - words["vi"].keys()):
            vi = f'câu "{key}" không có trong tiếng Việt → bỏ hoặc thêm bên tiếng Việt'
            yield files[language].problem((key,), vi, f'"{key}" is not in Vietnamese → remove it or add it there')
