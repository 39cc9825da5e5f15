"""Finding, starting and renewing the NLU server. A small server that speaks as Rasa does stands in for it."""

import asyncio
import json
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import nlu_server, watchers
from bot.http import http_client
from bot.processes import Child, free_port
from bot.settings import Settings

# `python -m rasa run … -p PORT -m MODEL`: /status gives the model's id, PUT /model is noted in loaded.txt
FAKE_RASA = """#!{python}
import http.server, json, sys, tarfile
port, model = int(sys.argv[sys.argv.index("-p") + 1]), sys.argv[-1]
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, data):
        self.send_response(200); self.end_headers(); self.wfile.write(json.dumps(data).encode())
    def do_GET(self): self.answer({{"model_file": "motcua.tar.gz", "model_id": made["model_id"]}})
    def do_PUT(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        open("loaded.txt", "a").write(asked["model_file"] + "\\n"); self.answer({{}})
    def log_message(self, *_): pass
try:
    made = json.load(tarfile.open(model).extractfile("metadata.json"))
except tarfile.TarError:
    sys.exit("cannot load")
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    fake = tmp_path / "python"
    fake.write_text(FAKE_RASA.format(python=sys.executable))
    fake.chmod(0o755)
    found = Settings(root=tmp_path, rasa_python=str(fake), nlu_port=free_port())
    make_model(found, "ours")
    return found


def make_model(settings: Settings, identity: str) -> None:
    """A model archive as Rasa makes it, as far as its name in metadata.json."""
    path = nlu_server.model_path(settings)
    path.parent.mkdir(parents=True)
    metadata = path.with_name("metadata.json")
    metadata.write_text(json.dumps({"model_id": identity}))
    with tarfile.open(path, "w:gz") as archive:
        archive.add(metadata, "metadata.json")


async def start(settings: Settings) -> Child:
    """The server of a running installation."""
    command = nlu_server.command(settings, Path(settings.rasa_python), settings.nlu_port)
    log = settings.var / "log" / "nlu.log"
    child = await Child.start(command, cwd=settings.rasa_project, env=nlu_server.rasa_environment(), log=log)
    async with http_client() as client:
        assert await nlu_server._up(client, settings.nlu_base, child)
    return child


async def answers(base: str) -> bool:
    async with http_client() as client:
        return await nlu_server.status(client, base) is not None


async def test_one_is_started_for_the_block_and_stopped_after_it(settings: Settings) -> None:
    async with nlu_server.nlu_running(settings) as base:
        assert base != settings.nlu_base
        assert await answers(base)
    assert not await answers(base)


async def test_the_one_that_is_up_is_used_and_left_alone(settings: Settings) -> None:
    child = await start(settings)
    async with nlu_server.nlu_running(settings) as base:
        assert base == settings.nlu_base
    assert await answers(base)
    await child.stop()


async def test_a_server_with_another_model_on_our_port_is_not_ours(settings: Settings, tmp_path: Path) -> None:
    stranger = settings.model_copy(update={"root": tmp_path / "stranger"})
    make_model(stranger, "theirs")
    child = await start(stranger)
    async with nlu_server.nlu_running(settings) as base:
        assert base != settings.nlu_base
    await child.stop()


def take_model_away(settings: Settings) -> Settings:
    nlu_server.model_path(settings).unlink()
    return settings


def break_model(settings: Settings) -> Settings:
    nlu_server.model_path(settings).write_text("broken")
    return settings


def take_rasa_away(settings: Settings) -> Settings:
    return settings.model_copy(update={"rasa_python": ""})


def name_a_silent_server(settings: Settings) -> Settings:
    return settings.model_copy(update={"nlu_url": f"http://127.0.0.1:{free_port()}"})


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (take_model_away, "motcua train"),
        (break_model, "cannot load"),
        (take_rasa_away, "make setup"),
        (name_a_silent_server, "MOTCUA_NLU_URL"),
    ],
)
async def test_without_a_server_it_says_why_and_keywords_must_do(
    settings: Settings, harm: Callable[[Settings], Settings], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with nlu_server.nlu_running(harm(settings)) as base:
        assert not await answers(base)
    told = capsys.readouterr().err
    assert said in told
    assert "từ khoá" in told


async def test_a_new_training_reaches_the_running_server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchers, "LOOK", 0.02)
    loaded = asyncio.Event()
    child = await start(settings)
    watching = asyncio.create_task(watchers.watch_model(settings, lambda _: loaded.set()))
    await asyncio.sleep(0)  # it notes what is there before anything changes
    record = settings.rasa_project / "models" / "motcua.json"
    record.write_text(json.dumps({"trained_at": "now"}))
    await asyncio.wait_for(loaded.wait(), 10)
    watching.cancel()
    await child.stop()
    assert (settings.rasa_project / "loaded.txt").read_text() == f"{nlu_server.model_path(settings)}\n"
