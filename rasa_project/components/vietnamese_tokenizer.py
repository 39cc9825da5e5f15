"""Words as people write them, spelt one way: "Hoà" -> "hòa", "đk" -> "đăng ký"."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.core.normalise import canonical, fold

PLAIN = "plain"  # of a message: its text without accents, which every featurizer needs
_WORD = re.compile(r"[^\W_]+(?:[.,/-]\d+)*")
_MASK = re.compile(r"\[[^\]\d]{2,20}\]")  # what the shield leaves: [số điện thoại]


class Word(Token):
    """A token whose fingerprint costs next to nothing: Rasa asks for those of all words after every component."""

    def fingerprint(self) -> str:
        return f"{self.start} {self.text}"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(Tokenizer):
    """Splits at everything that is neither letter nor digit; a token's text is its canonical spelling.

    Tokens keep their place in the original text. Masks of personal data are no words. The message gets its PLAIN text.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        text = _MASK.sub(lambda m: " " * len(m[0]), message.get(attribute))
        words: list[Token] = [Word(canonical(m[0]), m.start(), m.end()) for m in _WORD.finditer(text)]
        if attribute == TEXT:
            message.set(PLAIN, fold(" ".join(word.text for word in words)))
        return words
