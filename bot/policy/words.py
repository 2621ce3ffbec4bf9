"""Text → the units that search counts: words, character pairs, concepts. One analysis for all."""

from __future__ import annotations

import logging
import math
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import jieba

NLU_DATA = Path(__file__).resolve().parents[2] / "nlu_data"
USER_DICTIONARY = NLU_DATA / "jieba" / "userdict.txt"
STOPWORDS = NLU_DATA / "policy" / "stopwords.txt"

_WORD = re.compile(r"[\u4e00-\u9fff]+|[a-z]+|\d+(?:\.\d+)?%?")
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
# Occurrences of all words in jieba's dictionary; a word's share of it says how common it is.
_CORPUS = 60_000_000


def plain(text: str) -> str:
    """For comparing: one width, lower case, no white space. Never shown to anybody."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).lower())


@cache
def _tokenizer() -> jieba.Tokenizer:
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    # jieba unmarshals a cache file: never one that somebody else may have left in a shared folder.
    with tempfile.TemporaryDirectory(prefix="jingkang-jieba-") as folder:
        tokenizer.tmp_dir = folder
        tokenizer.initialize()
    if USER_DICTIONARY.exists():
        with USER_DICTIONARY.open(encoding="utf-8") as lines:
            for line in lines:
                word, *rest = line.split("#")[0].split()[:2] or [""]
                if word:
                    tokenizer.add_word(word, int(rest[0]) if rest else None)
    return tokenizer


@cache
def stopwords() -> frozenset[str]:
    lines = STOPWORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@dataclass(frozen=True, slots=True)
class Word:
    """A word in `plain` text with its place."""

    text: str
    start: int
    end: int


def words_in(text: str) -> Iterator[Word]:
    """The content words of a text already `plain`, in order; stop words are left out."""
    stop = stopwords()
    for text_of_word, start, end in _tokenizer().tokenize(text, HMM=False):
        if text_of_word not in stop and _WORD.fullmatch(text_of_word):
            yield Word(text_of_word, start, end)


def pairs_in(text: str) -> Iterator[str]:
    """Every pair of neighbouring Chinese characters in a `plain` text."""
    for run in _HAN_RUN.finditer(text):
        characters = run[0]
        for place in range(len(characters) - 1):
            yield characters[place : place + 2]


@lru_cache(maxsize=50_000)
def rarity(word: str) -> float:
    """How much a word tells, from 0 (everywhere) to 1 (hardly ever written). Unknown words: 1."""
    frequency = _tokenizer().FREQ.get(word, 0)
    if len(word) == 1:
        frequency = max(frequency, 20_000)
    return min(1.0, max(0.0, (math.log(_CORPUS / (frequency + 30)) - 6.0) / 7.0))
