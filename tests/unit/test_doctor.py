"""The doctor finds what is wrong and names the cure; it changes nothing."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from bot import doctor
from bot.processes import free_port
from bot.settings import Settings
from bot.store.keys import SET_ASIDE
from bot.supervisor import parts_of
from tests.content import minimal


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation with content and a Rasa that says its version, and no model."""
    minimal.build(tmp_path)
    (tmp_path / "rasa_project").mkdir()
    return Settings(
        root=tmp_path,
        rasa_python=str(says(tmp_path, "3.6.21")),
        port=free_port(),
        nlu_port=free_port(),
        redis_port=free_port(),
        REDIS_URL="",
    )


def says(folder: Path, version: str) -> Path:
    fake = folder / f"python-{version}"
    fake.write_text(f"#!/bin/sh\necho {version}\n")
    fake.chmod(0o755)
    return fake


@contextmanager
def listening() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def bad(settings: Settings) -> list[str]:
    return [str(finding) for finding in doctor.findings(settings) if not finding.good]


def test_a_missing_model_is_the_only_fault_of_a_new_installation(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.doctor(settings) == 1
    said = capsys.readouterr().out
    assert said.count("!!") == 1
    assert "there is no model\n      → motcua train" in said


def test_all_is_well_elsewhere_when_nlu_is_somebody_elses(settings: Settings, redis_url: str) -> None:
    with listening() as closed_soon:
        pass
    there = settings.model_copy(update={"redis_url": redis_url, "nlu_url": f"http://127.0.0.1:{closed_soon}"})
    assert [line for line in bad(there) if "NLU" not in line] == []
    assert "MOTCUA_NLU_URL" in bad(there)[0]


def test_a_used_port_is_named_with_its_setting(settings: Settings) -> None:
    with listening() as port:
        found = bad(settings.model_copy(update={"port": port}))
    assert any(f"{port} (MOTCUA_PORT)" in line and "MOTCUA_PORT=…" in line for line in found)


def test_a_silent_redis_is_named(settings: Settings) -> None:
    found = bad(settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{free_port()}/0"}))
    assert any("REDIS_URL" in line and "nobody listens there" in line for line in found)


def test_another_rasa_will_not_do(settings: Settings) -> None:
    other = settings.model_copy(update={"rasa_python": str(says(settings.root, "3.5.0"))})
    assert any("Rasa 3.5.0" in line and "3.6.21" in line and "make setup" in line for line in bad(other))
    none = settings.model_copy(update={"rasa_python": str(settings.root / "nowhere")})
    assert any("no Rasa environment" in line for line in bad(none))


def test_broken_content_is_counted_and_leads_to_the_checker(settings: Settings) -> None:
    (settings.root / minimal.CONTACT_FILE).write_text("id: [\n", "utf-8")
    assert any("motcua content check" in line for line in bad(settings))


@pytest.mark.parametrize(("version", "good"), [((3, 11, 9), False), ((3, 12, 0), True), ((3, 14, 1), True)])
def test_python_versions(version: tuple[int, ...], good: bool) -> None:
    assert doctor.python_version(version).good is good


def test_a_redis_url_of_no_known_form_is_refused_with_what_to_write(settings: Settings) -> None:
    wrong = settings.model_copy(update={"redis_url": "redis+sentinel://:geheim@a:26379"})
    (found,) = [line for line in bad(wrong) if "REDIS_URL" in line]
    problems = parts_of(wrong)[1]
    assert found.removeprefix("!!  ") in problems and "thiếu tên nhóm" in found and "geheim" not in found


def test_messages_that_broke_the_assistant_are_named_without_their_words(settings: Settings, redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        redis.lpush(SET_ASIDE, json.dumps({"channel": "telegram", "message": "u7", "kind": "text"}))
    elsewhere = settings.model_copy(update={"redis_url": redis_url})
    (said,) = [finding for finding in bad(elsewhere) if "worker.turn_failed" in finding]
    assert "telegram u7 (text)" in said
