"""The command `motcua`. Thin: every command calls one function elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from bot.settings import Settings

app = typer.Typer(
    name="motcua",
    help="Một Cửa: trợ lý thủ tục của xã, phường / the commune's assistant.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
content = typer.Typer(help="Kiểm tra và tạo bài / check and create content.", no_args_is_help=True)
app.add_typer(content, name="content")

RootOption = Annotated[Path | None, typer.Option("--root", help="thư mục có content/ / folder that holds content/")]


@content.command("check")
def content_check(root: RootOption = None) -> None:
    """Báo mọi lỗi của mọi tệp nội dung / report every mistake in every content file."""
    from bot.errors import ContentError
    from bot.loader.load import load

    folder = (root or Settings().root).resolve()
    try:
        library, warnings = load(folder)
    except ContentError as error:
        for problem in error.problems:
            typer.echo(problem)
        wrong = sum(not p.warning for p in error.problems)
        typer.echo(f"\n{wrong} lỗi, {len(error.problems) - wrong} cảnh báo / {wrong} errors")
        raise typer.Exit(1) from None
    for problem in warnings:
        typer.echo(problem)
    typer.echo(f"Nội dung tốt: {len(library.entries)} bài / content is good, {len(warnings)} cảnh báo/warnings")


def main() -> None:
    """Entry point of the command `motcua`."""
    app()
