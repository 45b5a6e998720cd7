"""Train the demo model: `python -m qwen3cli.demo.training.train --out qwen3cli/demo/qwen3-demo-q8_0.gguf`.

Made-up conversations, packed into rows; only what the assistant writes counts in the loss. Matrices learn by Muon
(in a trial of 200 steps it took 125 for what AdamW reached in 175), the embedding and the norms by AdamW. The same
seed, torch build, processor and number of threads give the same weights. On two cores this takes about an hour.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import torch
from torch import Tensor
from torch.nn import functional as F

from qwen3cli.demo.training.corpus.conversation import Writer
from qwen3cli.demo.training.export import write_gguf
from qwen3cli.demo.training.network import Network, Shape
from qwen3cli.demo.training.rows import NO_LOSS, Packer, Row
from qwen3cli.demo.training.tokens import Vocabulary

STEPS = 4200
MATRIX_RATE = 5e-3
OTHER_RATE = 3e-3
MATRIX_DECAY = 0.05
WARM_UP_STEPS = 100
SAVE_EVERY_STEPS = 200
THREADS = 2


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
    parameters = sum(each.numel() for each in network.parameters())
    print(f"{parameters:,} parameters, {len(vocabulary)} tokens", flush=True)
    packer = Packer(Writer(Random(given.seed)), vocabulary)
    _train(network, packer, given.steps, lambda: write_gguf(network, vocabulary, given.out))


def _train(network: Network, packer: Packer, steps: int, save: Callable[[], None]) -> None:
    optimizers = _optimizers(network)
    schedules = [
        torch.optim.lr_scheduler.LambdaLR(each, lambda step: _rate(step, steps))
        for each in optimizers
    ]
    forward = torch.compile(network, dynamic=False)
    started, smooth = time.time(), 3.0
    for step, rows in enumerate(packer.steps(steps), 1):
        ids, targets, documents = _tensors(rows)
        logits = forward(ids, documents)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=NO_LOSS)
        network.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            schedule.step()
        smooth = 0.95 * smooth + 0.05 * loss.item()
        if step % 20 == 0:
            print(f"step {step} loss {smooth:.4f} {time.time() - started:.0f} s", flush=True)
        if step % SAVE_EVERY_STEPS == 0 or step == steps:
            save()


def _optimizers(network: Network) -> list[torch.optim.Optimizer]:
    blocks = [each for each in network.blk.parameters() if each.dim() == 2]
    others = [each for each in network.parameters() if all(each is not block for block in blocks)]
    return [
        torch.optim.Muon(
            blocks, lr=MATRIX_RATE, weight_decay=MATRIX_DECAY, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW(others, lr=OTHER_RATE, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def _rate(step: int, steps: int) -> float:
    """A short warm-up, then straight down to nothing."""
    return min((step + 1) / WARM_UP_STEPS, 1 - step / steps)


def _tensors(rows: list[Row]) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, targets and document numbers, each (B, T)."""
    ids = torch.tensor([row.ids for row in rows])
    targets = torch.tensor([row.targets for row in rows])
    return ids, targets, torch.tensor([row.documents for row in rows])


if __name__ == "__main__":
    main()
