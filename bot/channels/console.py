"""The terminal as a channel: replies as plain text, choices as numbers. Tests talk through it too."""

import asyncio
import sys
from pathlib import Path

from bot.ask import opened
from bot.messages import Card, Incoming, Language, Reply
from bot.paper.press import file_name, printed
from bot.settings import Settings

LEAVE = ("/thoat", "/quit", "/exit")
HELLO = {
    "vi": "Gõ câu hỏi rồi Enter; gõ số để chọn; /thoat để nghỉ.",
    "en": "Type a question and Enter; type a number to choose; /quit to leave.",
}

FILED = {"vi": "Đã ghi tờ để in: {}", "en": "The page to print: {}"}


async def talk(settings: Settings, language: Language, *, rasa: bool) -> None:
    """One conversation on standard input and output, until end of file or /thoat."""
    async with opened(settings, rasa=rasa) as (talks, _):
        print(HELLO[language])
        command = "/english" if language == "en" else "/tiengviet"
        await talks.handle(Incoming("console", "me", "0", command))
        welcome = await talks.handle(Incoming("console", "me", "1", "/start"))
        print(as_text(welcome.reply), flush=True)
        number = 1
        while line := await asyncio.to_thread(_read_line):
            if line.strip().lower() in LEAVE:
                return
            if line.strip():
                number += 1
                turn = await talks.handle(Incoming("console", "me", str(number), line.strip()))
                print("\n" + as_text(turn.reply) + "\n", flush=True)
                if turn.reply.card:
                    print(FILED[turn.reply.language].format(await keep(turn.reply.card)) + "\n", flush=True)


async def keep(card: Card, path: Path | None = None) -> Path:
    """Write the card as a PDF to `path`, else into the working directory."""
    path = path or Path(file_name(card))
    path.write_bytes(await printed(card))
    return path.resolve()


def _read_line() -> str:
    """The next line, "" at the end of input."""
    if sys.stdin.isatty():
        print("> ", end="", flush=True)
    return sys.stdin.readline()


def as_text(reply: Reply) -> str:
    """What the terminal shows: the text, links written out, numbered choices."""
    parts = [reply.text]
    parts += [f"{link.label}: {link.url}" for link in reply.links]
    if reply.choices:
        parts.append("\n".join(f"  {i}. {choice.label}" for i, choice in enumerate(reply.choices, start=1)))
    return "\n\n".join(parts)
