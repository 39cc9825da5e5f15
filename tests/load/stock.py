"""A stock Rasa assistant on our training data: the default configuration, one rule and one response an intent, REST channel."""

import shutil
import subprocess
from pathlib import Path

import yaml

from bot.core.library import Library
from bot.nlu_server import rasa_environment, rasa_python
from bot.settings import Settings

# What `rasa init` of 3.6.21 writes, except the epochs: an answer takes as long whatever the model has learnt, and the 100
# epochs of the default would train for hours on two cores.
CONFIG = """
recipe: default.v1
language: vi
assistant_id: stock
pipeline:
- name: WhitespaceTokenizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: {epochs}
  constrain_similarities: true
- name: EntitySynonymMapper
- name: ResponseSelector
  epochs: {epochs}
  constrain_similarities: true
- name: FallbackClassifier
  threshold: 0.3
  ambiguity_threshold: 0.1
policies:
- name: MemoizationPolicy
- name: RulePolicy
- name: UnexpecTEDIntentPolicy
  max_history: 5
  epochs: {epochs}
- name: TEDPolicy
  max_history: 5
  epochs: {epochs}
  constrain_similarities: true
"""


def write(settings: Settings, library: Library, folder: Path, *, epochs: int) -> None:
    """The project below `folder`, from the same examples that ours is trained on."""
    shutil.rmtree(folder / "data", ignore_errors=True)  # and not Rasa's cache beside it
    shutil.copytree(settings.rasa_project / "data", folder / "data")
    (folder / "config.yml").write_text(CONFIG.format(epochs=epochs))
    (folder / "credentials.yml").write_text("rest:\n")
    (folder / "endpoints.yml").write_text("")
    intents = sorted(
        {
            block["intent"]
            for path in (folder / "data").rglob("*.yml")
            for block in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["nlu"]
        }
    )
    actions = {intent: f"utter_{intent.replace(':', '_')}" for intent in intents}
    responses = {action: [{"text": _title(library, intent)}] for intent, action in actions.items()}
    responses["utter_default"] = [{"text": "Tôi chưa hiểu ý anh/chị."}]
    domain = {"version": "3.1", "intents": [*intents, "nlu_fallback"], "responses": responses}
    (folder / "domain.yml").write_text(yaml.safe_dump(domain, allow_unicode=True), "utf-8")
    rules = [{"rule": i, "steps": [{"intent": i}, {"action": a}]} for i, a in actions.items()]
    rules.append({"rule": "fallback", "steps": [{"intent": "nlu_fallback"}, {"action": "utter_default"}]})
    stories = [{"story": i, "steps": [{"intent": i}, {"action": a}]} for i, a in list(actions.items())[:20]]
    core = {"version": "3.1", "rules": rules, "stories": stories}
    (folder / "data" / "rules.yml").write_text(yaml.safe_dump(core, allow_unicode=True), "utf-8")


def _title(library: Library, intent: str) -> str:
    entry = library.entries.get(intent)
    return entry.words["vi"].title if entry else intent


def train(settings: Settings, folder: Path) -> None:
    """Raises CalledProcessError; what Rasa says goes to train.log in the folder."""
    with (folder / "train.log").open("wb") as log:
        subprocess.run(
            [str(rasa_python(settings)), "-m", "rasa", "train", "--skip-validation", "--fixed-model-name", "stock"],
            cwd=folder,
            env=rasa_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=True,
        )


def command(settings: Settings, folder: Path, port: int) -> list[str]:
    rasa = [str(rasa_python(settings)), "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port)]
    return [*rasa, "--credentials", "credentials.yml", "-m", str(folder / "models" / "stock.tar.gz")]
