"""How much faster an answer is with drafts: pairs in turn on one loaded model, by wall time and by processor time.

    python tests/support/measure_drafting.py MODEL.gguf [PAIRS] [THREADS]

The speed does not depend on what the weights mean, so an answer is forced on the model: of a file of 400 tokens, with every
tenth changed, and of 400 tokens of which no three follow each other twice. What is computed is what a model that says this
would compute; the rest of the turn, sampling included, is as always.
"""

import random
import statistics
import sys
import time
from pathlib import Path

from qwen3cli.dialogue.sampling import sampling
from qwen3cli.engine.drafting import DraftingSequence
from qwen3cli.engine.kv_cache import KvCache
from qwen3cli.engine.llama import Model
from qwen3cli.engine.sampler import Sampler
from qwen3cli.engine.types import TokenId
from qwen3cli.machine.memory import shape_of_file
from qwen3cli.machine.plan import LoadOptions, Resources, plan_for
from qwen3cli.models.gguf import read_model

_TOKENS = 400
_CHANGED_RUN, _KEPT_RUN = 4, 36  # nine tenths stay


def main() -> None:
    """Measure, and print the ratios."""
    path = Path(sys.argv[1])
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    file = read_model(path)
    options = LoadOptions(threads=int(sys.argv[3]) if len(sys.argv) > 3 else None)
    plan = plan_for(shape_of_file(file), Resources(0, cores=2), options)
    dice = random.Random(1)
    with Model.load(file, plan) as model:
        original = [
            TokenId(t) for t in dice.sample(range(1000, model.vocabulary.size // 2), _TOKENS)
        ]
        fresh = [TokenId(t) for t in dice.sample(range(1000, model.vocabulary.size // 2), _TOKENS)]
        edited = list(original)
        for start in range(0, _TOKENS, _CHANGED_RUN + _KEPT_RUN):
            edited[start : start + _CHANGED_RUN] = fresh[start : start + _CHANGED_RUN]
        for name, answer in (("edit, nine tenths stay", edited), ("nothing repeats", fresh)):
            ratios = [_pair(model, plan, original, answer) for _ in range(pairs)]
            wall, processor = (statistics.median(each) for each in zip(*ratios, strict=True))
            spread = " ".join(f"{wall:.2f}" for wall, _ in ratios)
            print(f"{name}: {wall:.2f} times as fast, {processor:.2f} by processor time ({spread})")


def _pair(model: Model, plan, original, answer) -> tuple[float, float]:
    without, with_drafts = (
        _seconds(model, plan, original, answer, drafts) for drafts in (False, True)
    )
    return without[0] / with_drafts[0], without[1] / with_drafts[1]


def _seconds(model: Model, plan, prompt, answer, drafts: bool) -> tuple[float, float]:
    cache = KvCache(model, plan)
    sequence = DraftingSequence(cache) if drafts else cache
    sampler = Sampler(sampling({}), 1, model.vocabulary.size)
    for _ in sequence.prefill(prompt, lambda: False):
        pass
    wall, processor = time.perf_counter(), time.process_time()
    for token in answer:
        sequence.append([token])
        sampler.sample(sequence.logits)
    taken = time.perf_counter() - wall, time.process_time() - processor
    if isinstance(sequence, DraftingSequence):
        print(f"  drafted {sequence.drafted_tokens}, accepted {sequence.accepted_tokens}")
    sampler.close()
    cache.close()
    return taken


if __name__ == "__main__":
    main()
