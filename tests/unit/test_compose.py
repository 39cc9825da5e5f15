"""What docker-compose.yml promises: nothing but the proxy is reachable, and no part may do more than it must."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from bot.processes import GRACE
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
each_service = pytest.mark.parametrize("name", SERVICES)


def seconds(text: str) -> int:
    assert text.endswith("s")
    return int(text[:-1])


def test_the_parts_are_known() -> None:
    assert set(SERVICES) == {"proxy", "web", "worker", "nlu", "redis"}


@each_service
def test_a_part_may_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert str(service["user"]).split(":", 1)[0] not in {"0", "root"}
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert not {"privileged", "pid", "ipc", "network_mode", "devices"} & set(service)


@each_service
def test_a_part_is_watched_started_again_and_keeps_its_log_short(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}


@pytest.mark.parametrize("name", ["web", "worker"])
def test_the_bot_is_given_the_time_that_it_needs_to_stop(name: str) -> None:
    assert seconds(SERVICES[name]["stop_grace_period"]) > GRACE


def test_only_the_proxy_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    networks = {name: set(service["networks"]) for name, service in SERVICES.items()}
    inside = {name for name, network in COMPOSE["networks"].items() if network.get("internal")}
    assert networks["nlu"] <= inside and networks["redis"] <= inside
    assert not networks["nlu"] & networks["redis"], "Rasa is old: it must not reach what is kept"
    assert not networks["proxy"] & inside


@each_service
def test_an_image_is_pinned_or_built_from_here(name: str) -> None:
    service = SERVICES[name]
    if "build" in service:
        stages = re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
        assert service["build"]["target"] in stages
    else:
        assert re.search(r":\d+\.\d+", service["image"])


def test_the_base_images_are_pinned() -> None:
    bases = re.findall(r"^FROM (\S+:\S+|\S+) AS", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    stages = re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert all(re.search(r":\d+\.\d+", base) for base in set(bases) - set(stages))


def test_no_secret_is_given_as_a_variable() -> None:
    secret = {
        f"MOTCUA_{name.upper()}" for name, field in Settings.model_fields.items() if field.annotation is SecretStr
    }
    assert secret
    for service in SERVICES.values():
        assert not secret & set(service.get("environment", {}))


def test_a_secret_in_a_file_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "motcua_telegram_token").write_text("123:of-a-file\n")
    (tmp_path / "redis_url").write_text("redis://:word@elsewhere:6379/0")
    monkeypatch.setenv("REDIS_URL", "redis://redis:6379/0")
    settings = Settings(_secrets_dir=tmp_path)
    assert settings.telegram_token.get_secret_value() == "123:of-a-file"
    assert settings.redis_url == "redis://:word@elsewhere:6379/0"
