"""Trains pipelines on the same sentences and measures them on the held-out ones. Runs inside
Rasa's environment (Python 3.10); started by ``tools/eval_nlu.py --pipelines``.

Prints one JSON object a pipeline: name, seconds of training, milliseconds a sentence, and right
answers out of all for each file given. All learn from the same part of the sentences, every
`--every`th, so that a small machine is done in a quarter of an hour; 1 takes all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import yaml  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402
from rasa.model_training import train_nlu  # noqa: E402

from bot.nlu.intents import outside  # noqa: E402

_DIET = {
    "name": "DIETClassifier",
    "entity_recognition": False,
    "constrain_similarities": True,
    "random_seed": 1,
}
_CHARACTERS = {
    "name": "CountVectorsFeaturizer",
    "analyzer": "char",
    "min_ngram": 1,
    "max_ngram": 3,
}
PIPELINES = {
    "linear": [{"name": "JiebaTokenizer"}, {"name": "bot.nlu.component.LinearIntentClassifier"}],
    "char DIET": [{"name": "JiebaTokenizer"}, _CHARACTERS, _DIET],
    "word DIET": [{"name": "JiebaTokenizer"}, {"name": "CountVectorsFeaturizer"}, _DIET],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--data", nargs="+", required=True, help="training data of Rasa")
    parser.add_argument("--epochs", type=int, default=10, help="of the neural ones")
    parser.add_argument("--every", type=int, default=4, help="learn from every nth sentence")
    arguments = parser.parse_args()
    _DIET["epochs"] = arguments.epochs
    held_out = {
        path.stem: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in arguments.files
    }
    with tempfile.TemporaryDirectory(prefix="jingkang-pipelines-") as folder:
        data = _joined(arguments.data, Path(folder) / "nlu", arguments.every)
        for name, pipeline in PIPELINES.items():
            print(json.dumps(_measure(name, pipeline, data, held_out, Path(folder))), flush=True)
    return 0


def _joined(sources: list[str], folder: Path, every: int) -> Path:
    """One folder with the training data, `train_nlu` takes one path: word lists whole, of the
    sentences every nth."""
    folder.mkdir()
    found = [
        path
        for each in map(Path, sources)
        for path in ([each], sorted(each.glob("*.yml")))[each.is_dir()]
    ]
    for number, path in enumerate(found):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for block in content["nlu"]:
            if "intent" in block:
                lines = block["examples"].splitlines(keepends=True)
                block["examples"] = "".join(lines[::every])
        target = folder / f"{number}-{path.name}"
        target.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def _measure(name: str, pipeline: list, data: Path, held_out: dict, folder: Path) -> dict:
    config = folder / "config.yml"
    config.write_text(json.dumps({"recipe": "default.v1", "language": "zh", "pipeline": pipeline}))
    started = time.perf_counter()
    model = asyncio.run(_train(config, data, folder, name))
    trained = time.perf_counter() - started
    agent = Agent.load(model)
    asyncio.run(agent.parse_message("你好"))
    started = time.perf_counter()
    right = {
        stem: sum(asyncio.run(_understood(agent, line)) for line in lines)
        for stem, lines in held_out.items()
    }
    count = sum(map(len, held_out.values()))
    return {
        "pipeline": name,
        "training_s": round(trained),
        "parse_ms": round((time.perf_counter() - started) / count * 1000, 1),
        "right": {stem: [right[stem], len(lines)] for stem, lines in held_out.items()},
    }


async def _train(config: Path, data: Path, folder: Path, name: str) -> str:
    trained = train_nlu(
        str(config), str(data), str(folder), fixed_model_name=name.replace(" ", "-")
    )
    return await trained if asyncio.iscoroutine(trained) else trained


async def _understood(agent: Agent, line: dict) -> bool:
    parsed = await agent.parse_message(line["text"])
    return outside(parsed["intent"]["name"]) in [line["intent"], *line.get("also", ())]


if __name__ == "__main__":
    sys.exit(main())
