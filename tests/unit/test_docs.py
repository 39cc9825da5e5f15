"""The documents name what exists: every setting, every command, every make target, every path of the map."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import AliasChoices
from typer import Typer
from typer.main import get_command

from bot.cli import app
from bot.messages import ASPECTS
from bot.metrics import COUNTERS, GAUGES, SECONDS_OF_A_TURN
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
MAP_TITLE = "## Map"
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
_IMAGE = re.compile(r'<img src="([^"]+)"')


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def variables() -> list[str]:
    """The environment variables of every setting."""
    names = []
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        named = (
            [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [f"MOTCUA_{name.upper()}"]
        )
        names += named
    return names


def of_compose() -> set[str]:
    """What docker-compose.yml reads from .env."""
    return set(re.findall(r"\$\{([A-Z_]+)", text_of("docker-compose.yml")))


def example() -> dict[str, str]:
    """The variables of .env.example and their values."""
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text_of(".env.example"), re.MULTILINE))


def commands(typer: Typer) -> Iterator[str]:
    """The full name of every command, such as "motcua content check"."""

    def walk(command: object, name: str) -> Iterator[str]:
        children = getattr(command, "commands", None)
        if children is None:
            yield name
            return
        for word, child in children.items():
            yield from walk(child, f"{name} {word}")

    return walk(get_command(typer), "motcua")


def targets() -> list[str]:
    """The make targets that people may call; empty before there is a Makefile."""
    makefile = ROOT / "Makefile"
    text = makefile.read_text("utf-8") if makefile.is_file() else ""
    phony = re.findall(r"^\.PHONY\s*:(.*(?:\\\n.*)*)", text, re.MULTILINE)
    return sorted({word for line in phony for word in line.replace("\\\n", " ").split()})


def paths_of_map() -> list[str]:
    """The first cell of each row of the README's map."""
    chapter = text_of("README.md").split(f"{MAP_TITLE}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)` \|", chapter, re.MULTILINE)


@pytest.mark.parametrize("variable", variables())
def test_every_setting_is_in_the_operators_table(variable: str) -> None:
    assert f"`{variable}`" in text_of("docs/van-hanh.md")


def test_the_operators_table_has_no_setting_that_is_gone() -> None:
    named = set(re.findall(r"MOTCUA_[A-Z_]+", "".join(path.read_text("utf-8") for path in DOCUMENTS)))
    assert named <= set(variables()) | of_compose()


def test_the_example_of_env_has_all_that_can_be_set_and_no_more() -> None:
    known = set(variables()) | of_compose()
    assert set(example()) | {"MOTCUA_REDIS_URL"} == known


def test_the_example_of_env_says_each_variable_in_two_languages_and_its_default() -> None:
    found = re.findall(r"\n\n((?:# .*\n)+)#([A-Z_]+)=(.*)", text_of(".env.example"))
    assert {variable for _, variable, _ in found} == set(example())
    for comment, variable, value in found:
        assert len(comment.splitlines()) == 2, variable
        name = "redis_url" if variable == "REDIS_URL" else variable.removeprefix("MOTCUA_").lower()
        if variable != "MOTCUA_ROOT" and name in Settings.model_fields:
            assert value == str(Settings.model_fields[name].default), variable


@pytest.mark.parametrize("variable", [name for name in variables() if name != "MOTCUA_ROOT"])
def test_the_operators_table_has_the_right_default(variable: str) -> None:
    name = max((n for n in Settings.model_fields if variable.lower().endswith(n)), key=len)
    default = Settings.model_fields[name].default
    lines = text_of("docs/van-hanh.md").splitlines()
    row = next(line for line in lines if line.startswith("|") and f"`{variable}`" in line)
    spoken = {"trống"} if str(default) == "" else {f"`{default}`", f"`{str(default).removesuffix('.0')}`"}
    assert row.split("|")[2].strip() in spoken


@pytest.mark.parametrize("command", list(commands(app)))
def test_every_command_is_explained(command: str) -> None:
    assert any(re.search(rf"`{command}\b", path.read_text("utf-8")) for path in DOCUMENTS)


def test_no_document_names_a_command_that_is_gone() -> None:
    known = set(commands(app)) | {"motcua content"}
    for path in DOCUMENTS:
        for named in re.findall(r"`(?:\.venv/bin/)?(motcua(?: [a-z]+){1,2})", path.read_text("utf-8")):
            assert named in known or named.rsplit(" ", 1)[0] in known - {"motcua content"}, f"{path.name}: {named}"


@pytest.mark.parametrize("target", targets())
def test_every_make_target_is_explained(target: str) -> None:
    assert f"`make {target}`" in text_of("README.md") + text_of("CONTRIBUTING.md")


def test_no_document_names_a_make_target_that_is_gone() -> None:
    named = {
        t for path in DOCUMENTS for t in re.findall(r"(?:`|^)make ([a-z]+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert named <= set(targets())


@pytest.mark.parametrize("path", paths_of_map())
def test_every_path_of_the_map_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_map_is_found() -> None:
    assert len(paths_of_map()) >= 10


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    for target in (*_LINK.findall(text), *_IMAGE.findall(text)):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_every_file_that_the_reading_order_names_exists() -> None:
    chapter = text_of("README.md").split("## Reading order of `bot/`\n", 1)[1].split("\n## ", 1)[0]
    for name in re.findall(r"`([a-z_/]+(?:\.py|/))`", chapter):
        assert (ROOT / "bot" / name).exists(), name


@pytest.mark.parametrize("aspect", ASPECTS)
def test_every_aspect_is_explained_to_editors(aspect: str) -> None:
    assert f"| `{aspect}` |" in text_of("docs/noi-dung.md")


def test_pictures_are_small() -> None:
    assert all(picture.stat().st_size < 300_000 for picture in (ROOT / "docs" / "images").iterdir())


@pytest.mark.parametrize("metric", [*COUNTERS, SECONDS_OF_A_TURN, *GAUGES])
def test_every_metric_is_explained(metric: str) -> None:
    assert f"`{metric}`" in text_of("docs/van-hanh.md")
