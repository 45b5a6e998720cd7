"""Train the demo model: `python -m qwen3cli.demo.train --out qwen3cli/demo/qwen3-demo-q8_0.gguf`.

Made-up conversations are packed into rows, attention stays within a conversation, and only what the assistant writes
counts in the loss. Most steps use short rows; every eighth uses long ones, for tall answers. The same seed, torch build
and number of threads give the same weights. On two cores this takes about 50 minutes.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import torch
from torch import Tensor
from torch.nn import functional as F

from qwen3cli.demo.corpus.conversation import Sample, Writer
from qwen3cli.demo.export import write_gguf
from qwen3cli.demo.network import Network, Shape
from qwen3cli.demo.tokens import Vocabulary

SHORT_ROWS = (14, 576)  # rows, tokens
LONG_ROWS = (5, 1344)
LONG_EVERY_STEPS = 8
STEPS = 2000
PEAK_RATE = 3e-3
WARM_UP_STEPS = 100
SAVE_EVERY_STEPS = 100
THREADS = 2
_NO_LOSS = -100  # cross_entropy's own mark for "does not count"


def main() -> None:
    """Read the flags and train."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--out", type=Path, required=True)
    flags.add_argument("--seed", type=int, default=3)
    flags.add_argument("--steps", type=int, default=STEPS)
    given = flags.parse_args()
    torch.set_num_threads(THREADS)
    torch.manual_seed(given.seed)
    vocabulary = Vocabulary()
    network = Network(Shape(len(vocabulary)))
    print(
        f"{sum(p.numel() for p in network.parameters()):,} parameters, {len(vocabulary)} tokens",
        flush=True,
    )
    _train(network, vocabulary, given.seed, given.steps, given.out)
    write_gguf(network, vocabulary, given.out)


def _train(network: Network, vocabulary: Vocabulary, seed: int, steps: int, out: Path) -> None:
    matrices = [p for p in network.parameters() if p.dim() == 2]
    norms = [p for p in network.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.05}, {"params": norms, "weight_decay": 0.0}],
        lr=PEAK_RATE,
        betas=(0.9, 0.98),
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    started, smooth = time.time(), 3.0
    for step, (ids, targets, documents) in enumerate(_batches(vocabulary, seed, steps), 1):
        logits = network(ids, documents)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=_NO_LOSS)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        smooth = 0.95 * smooth + 0.05 * loss.item()
        if step % 20 == 0:
            print(f"step {step} loss {smooth:.4f} {time.time() - started:.0f} s", flush=True)
        if step % SAVE_EVERY_STEPS == 0:
            write_gguf(network, vocabulary, out)


def _rate(step: int, steps: int) -> float:
    """A short warm-up, then a cosine to zero."""
    if step < WARM_UP_STEPS:
        return (step + 1) / WARM_UP_STEPS
    done = (step - WARM_UP_STEPS) / max(1, steps - WARM_UP_STEPS)
    return 0.5 * (1 + float(torch.cos(torch.tensor(done * torch.pi))))


def _batches(
    vocabulary: Vocabulary, seed: int, steps: int
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    random = Random(seed)
    writer = Writer(random)
    waiting: list[Sample] = []
    for step in range(1, steps + 1):
        long = step % LONG_EVERY_STEPS == 0
        rows, length = LONG_ROWS if long else SHORT_ROWS
        packed = [
            _row(writer, vocabulary, length, waiting, first_is_long=long) for _ in range(rows)
        ]
        ids, targets, documents = (torch.tensor(part) for part in zip(*packed, strict=True))
        yield ids, targets, documents


def _row(
    writer: Writer,
    vocabulary: Vocabulary,
    length: int,
    waiting: list[Sample],
    *,
    first_is_long: bool,
) -> tuple[list[int], list[int], list[int]]:
    """One row of whole conversations: ids, what each position must predict, and which conversation it belongs to."""
    ids: list[int] = []
    targets: list[int] = []
    documents: list[int] = []
    number = 0
    while True:
        if waiting:
            sample = waiting.pop()
        else:
            sample = writer.long_sample() if first_is_long and not ids else writer.sample()
        prompt, completion = vocabulary.encode(sample.prompt), vocabulary.encode(sample.completion)
        whole = (prompt + completion)[: length + 1]
        if ids and len(ids) + len(whole) - 1 > length:
            if len(whole) - 1 <= SHORT_ROWS[1]:
                waiting.append(sample)
            break
        number += 1
        ids += whole[:-1]
        targets += [_NO_LOSS] * (len(prompt) - 1) + whole[len(prompt) :]
        documents += [number] * (len(whole) - 1)
    pad = length - len(ids)
    return ids + [0] * pad, (targets + [_NO_LOSS] * pad)[:length], documents + [0] * pad


if __name__ == "__main__":
    main()
