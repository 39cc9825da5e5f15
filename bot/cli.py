"""The command `motcua`. Thin: every command calls one function elsewhere, imported only when it is used."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from bot.settings import Settings, explained

app = typer.Typer(
    name="motcua",
    help="Một Cửa: trợ lý thủ tục của xã, phường / the commune's assistant.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
content = typer.Typer(help="Kiểm tra và tạo bài / check and create content.", no_args_is_help=True)
app.add_typer(content, name="content")
flows = typer.Typer(help="Luồng hướng dẫn từng bước / guided flows.", no_args_is_help=True)
app.add_typer(flows, name="flows")

RootOption = Annotated[Path | None, typer.Option("--root", help="thư mục có content/ / folder that holds content/")]


@app.command()
def run() -> None:
    """Chạy cả trợ lý: Redis, NLU, trang web / run the whole assistant until Ctrl-C."""
    from bot.supervisor import run as supervise

    raise typer.Exit(supervise(Settings()))


@app.command()
def train(
    force: Annotated[
        bool, typer.Option("--force", help="luyện lại dù không có gì đổi / even if nothing changed")
    ] = False,
) -> None:
    """Luyện mô hình nếu nội dung đã đổi / train the model if content changed."""
    from bot.errors import ContentError, TrainingFailed
    from bot.training.train import train as train_model

    try:
        train_model(Settings(), force=force)
    except ContentError as error:
        _show_problems(error)
    except TrainingFailed as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@app.command()
def fake(
    platform: Annotated[str, typer.Argument(help="telegram | zalo-bot | zalo-oa")],
    port: Annotated[int, typer.Option(help="cổng của nền tảng giả / port of the fake")] = 7700,
) -> None:
    """Tập dượt với nền tảng giả, không cần tài khoản / rehearse with a fake platform, no account needed."""
    sys.path.insert(0, str(Settings().root))  # the fakes lie with the tests
    try:
        from tests.channels.rehearse import FAKES, rehearse
    except ImportError:
        typer.echo("Cần thư mục tests/ của mã nguồn / needs the folder tests/ of the source", err=True)
        raise typer.Exit(1) from None
    if platform not in FAKES:
        typer.echo(f"Chọn một trong / choose one of: {', '.join(FAKES)}", err=True)
        raise typer.Exit(2)
    asyncio.run(rehearse(platform, port))


@app.command()
def setup(
    platform: Annotated[str, typer.Argument(help="telegram | zalo-oa | zalo-bot")],
) -> None:
    """Nối với một nền tảng: thử mã, đăng ký, chỉ chỗ bấm / connect a platform: check, register, say what to click."""
    from bot.setup import SETUPS
    from bot.setup import setup as connect_platform

    if platform not in SETUPS:
        typer.echo(f"Chọn một trong / choose one of: {', '.join(SETUPS)}", err=True)
        raise typer.Exit(2)
    raise typer.Exit(asyncio.run(connect_platform(Settings(), platform)))


@app.command()
def alive() -> None:
    """Có tiến trình trả lời nào của máy này đang sống không / whether a worker of this machine lives."""
    from bot.errors import StoreUnavailable, WrongAddress
    from bot.store.presence import worker_name, workers_alive

    try:
        names = asyncio.run(workers_alive(Settings().redis_address))
    except (StoreUnavailable, WrongAddress) as error:
        typer.echo(f"Redis: {error}", err=True)
        raise typer.Exit(1) from None
    here = [name for name in names if name.startswith(worker_name(""))]
    typer.echo(", ".join(here) or "không có / none")
    raise typer.Exit(0 if here else 1)


@app.command()
def doctor() -> None:
    """Tìm chỗ hỏng và cách sửa / find what is wrong and how to mend it."""
    from bot.doctor import doctor as examine

    raise typer.Exit(examine(Settings()))


@app.command()
def chat(
    lang: Annotated[str, typer.Option("--lang", help="vi | en")] = "vi",
    keywords: Annotated[bool, typer.Option("--keywords", help="không dùng NLU / without the NLU server")] = False,
) -> None:
    """Nói chuyện trong cửa sổ lệnh / talk in the terminal."""
    from bot.channels.console import talk

    asyncio.run(talk(Settings(), "en" if lang == "en" else "vi", rasa=not keywords))


@app.command()
def card(
    words: Annotated[
        list[str],
        typer.Argument(metavar="ENTRY [ASPECT] | FLOW OPTION…", help="birth-registration | papers-birth note parent"),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="tệp .pdf sẽ ghi / the .pdf file to write")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="vi | en")] = "vi",
) -> None:
    """In một câu trả lời, hay giấy tờ của một trường hợp, cho người dân mang về / print an answer to take home."""
    from bot.card_command import NotPrintable, print_card
    from bot.errors import ContentError

    try:
        asyncio.run(print_card(Settings(), words, "en" if lang == "en" else "vi", output))
    except ContentError as error:
        _show_problems(error)
    except NotPrintable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="một câu hỏi / one question")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="trả lời dạng JSON / answer as JSON")] = False,
    batch: Annotated[bool, typer.Option("--batch", help='đọc từng dòng {"id","text"} / read JSON lines')] = False,
    follow: Annotated[bool, typer.Option("--follow", help="cả tệp là một cuộc trò chuyện / one conversation")] = False,
    keywords: Annotated[bool, typer.Option("--keywords", help="không dùng NLU / without the NLU server")] = False,
) -> None:
    """Hỏi một câu, hoặc nhiều câu từ bàn phím hay tệp / ask one question, or many from standard input."""
    from bot.ask import print_answers, read_lines

    if not batch and not question:
        typer.echo('Thiếu câu hỏi: motcua ask "…" / a question is missing', err=True)
        raise typer.Exit(2)
    try:
        lines = read_lines(sys.stdin.read()) if batch else [{"id": 1, "text": question}]
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    asyncio.run(print_answers(Settings(), lines, as_json=as_json or batch, follow=follow, rasa=not keywords))


@app.command("eval")
def evaluate(
    files: Annotated[list[Path], typer.Argument(help="câu hỏi có nhãn / labelled questions, JSON lines")],
    keywords: Annotated[bool, typer.Option("--keywords", help="không dùng NLU / without the NLU server")] = False,
) -> None:
    """Chấm điểm trợ lý trên câu hỏi có nhãn / score the assistant on labelled questions."""
    from bot.training.evaluate import print_table

    asyncio.run(print_table(Settings(), files, rasa=not keywords))


@content.command("check")
def content_check(root: RootOption = None) -> None:
    """Báo mọi lỗi của mọi tệp nội dung / report every mistake in every content file."""
    from bot.errors import ContentError
    from bot.loader.load import load

    try:
        library, warnings = load((root or Settings().root).resolve())
    except ContentError as error:
        _show_problems(error)
        return
    for problem in warnings:
        typer.echo(problem)
    good = f"Nội dung tốt: {len(library.entries)} bài, {len(library.flows)} luồng / content is good"
    typer.echo(f"{good}, {len(warnings)} cảnh báo/warnings")


@content.command("new")
def content_new(
    kind: Annotated[str, typer.Argument(help="procedure | faq | contact | talk | flow")],
    entry: Annotated[str, typer.Argument(metavar="ID", help="ví dụ / for example: tree-cutting-permit")],
    root: RootOption = None,
) -> None:
    """Tạo khung bài hay luồng mới bằng hai thứ tiếng / write a skeleton in both languages."""
    from bot.loader.skeleton import write_skeleton

    try:
        written = write_skeleton((root or Settings().root).resolve(), kind, entry)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    for path in written:
        typer.echo(f"đã tạo / written: {path}")


@content.command("schema")
def content_schema(
    folder: Annotated[Path, typer.Argument(help="nơi ghi / where to write")] = Path("content/.schema"),
) -> None:
    """Ghi JSON Schema cho trình soạn thảo / write JSON Schemas for editors."""
    from bot.loader.load import json_schemas

    folder.mkdir(parents=True, exist_ok=True)
    for name, text in json_schemas().items():
        (folder / name).write_text(text, "utf-8")
        typer.echo(folder / name)


@content.command("export")
def content_export() -> None:
    """Ghi dữ liệu luyện cho Rasa / write the training data for Rasa."""
    from bot.loader.load import load
    from bot.training.export import write

    settings = Settings()
    library, _ = load(settings.root)
    write(library, settings.rasa_project)
    typer.echo(settings.rasa_project / "data" / "generated")


@flows.command("graph")
def flows_graph(
    flow: Annotated[str, typer.Argument(metavar="ID", help="ví dụ / for example: vneid-doctor")],
    output: Annotated[Path | None, typer.Option(help="tệp .svg sẽ ghi / the .svg file to write")] = None,
    root: RootOption = None,
) -> None:
    """Vẽ một luồng thành hình SVG, cả bản nháp / draw a flow as SVG, drafts too."""
    from bot.errors import ContentError
    from bot.flow_picture import picture
    from bot.loader.load import load

    try:
        library, _ = load((root or Settings().root).resolve(), drafts=True)
    except ContentError as error:
        _show_problems(error)
        return
    if flow not in library.flows:
        known = ", ".join(library.flows)
        typer.echo(f"Không có luồng này, hoặc bản nháp còn lỗi. Có / no such flow; there are: {known}", err=True)
        raise typer.Exit(2)
    path = output or Path(f"{flow}.svg")
    path.write_text(picture(library.flows[flow], library), "utf-8")
    typer.echo(f"đã vẽ / drawn: {path}")


def _show_problems(error: Exception) -> None:
    problems = getattr(error, "problems", ())
    for problem in problems:
        typer.echo(problem)
    wrong = sum(not p.warning for p in problems)
    typer.echo(f"\n{wrong} lỗi, {len(problems) - wrong} cảnh báo / {wrong} errors")
    raise typer.Exit(1)


def main() -> None:
    """Entry point of the command `motcua`."""
    try:
        app()
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        sys.exit(explained(error))
