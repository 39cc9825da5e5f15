"""What an operator writes into .env: found from anywhere in the folder, and a slip is named with its setting."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.content import minimal

ROOT = Path(__file__).resolve().parents[2]


def motcua(folder: Path, *words: str, **variables: str) -> tuple[int, str]:
    """The exit code of the command, and all that it said."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MOTCUA_", "REDIS_"))}
    command = [sys.executable, "-c", "from bot.cli import main; main()", *words]
    env = clean | {"PYTHONPATH": str(ROOT)} | variables
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_env_file_is_found_from_a_folder_below(tmp_path: Path) -> None:
    minimal.build(tmp_path)
    (tmp_path / ".env").write_text("MOTCUA_PORT=8099\n")
    assert "8099 (MOTCUA_PORT)" in motcua(tmp_path / "content", "doctor")[1]


@pytest.mark.parametrize(
    ("variable", "value", "cure"),
    [
        ("MOTCUA_PORT", "abc", "integer"),
        ("MOTCUA_ZALO_OA_BUTTONS", "a", "'none', 'A' or 'B'"),
        ("MOTCUA_PUBLIC_URL", "hoi.example.gov.vn", "phải bắt đầu bằng https://"),
    ],
)
def test_slip_is_named_with_its_setting(tmp_path: Path, variable: str, value: str, cure: str) -> None:
    minimal.build(tmp_path)
    for words in (["doctor"], ["setup", "telegram"]):
        code, said = motcua(tmp_path, *words, **{variable: value})
        assert code == 1 and f"!! {variable}={value}" in said and cure in said
        assert "Traceback" not in said


@pytest.mark.parametrize(
    "pasted",
    [
        "Gzs-AT8_V",
        ' <meta name="zalo-platform-site-verification" content="Gzs-AT8_V"/> ',
        "<meta content='Gzs-AT8_V' name='zalo-platform-site-verification' />",
        "zalo_verifierGzs-AT8_V.html",
        "https://hoi.example.gov.vn/zalo_verifierGzs-AT8_V.html",
    ],
)
def test_code_of_the_domain_is_found_in_what_zalo_shows(pasted: str) -> None:
    assert Settings(_env_file=None, zalo_verification=pasted).zalo_verification == "Gzs-AT8_V"
