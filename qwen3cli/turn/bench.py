"""How fast a loaded model is: figures, each measured several times behind one run that does not count.

    prefill at N    N tokens of a prompt computed, the context being there, in tokens a second
    decode at N     tokens sampled and computed one by one behind N others, in tokens a second

The tokens are drawn at random from the vocabulary: speed does not depend on what they say. Prints nothing.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from qwen3cli.base.errors import Interrupted
from qwen3cli.dialogue.sampling import Sampling
from qwen3cli.engine.sampler import Sampler
from qwen3cli.engine.types import TokenId
from qwen3cli.turn.loaded_model import LoadedModel

PREFILL_TOKENS = (128, 512, 2048)
DECODE_DEPTHS = (0, 512, 4096)
# Enough that a clock's grain and a scheduler's whim do not show.
_DECODED_TOKENS = 32
# A figure that has taken so long, twice or more, is known well enough.
_MOST_SECONDS = 60.0
_LEAST_RUNS = 2
_SEED = 1


class Unit(StrEnum):
    """What a figure counts. The values are part of the JSON that `bench` prints."""

    SECONDS = "s"
    RATE = "tok/s"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured: `runs` that count, and the `warm_up` before them."""

    name: str
    unit: Unit
    runs: tuple[float, ...]
    warm_up: float

    def is_apart_from(self, other: "Figure") -> bool:
        """Whether the two spreads have nothing in common."""
        return self.lowest > other.highest or self.highest < other.lowest

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.runs)

    @property
    def lowest(self) -> float:
        """The lowest one."""
        return min(self.runs)

    @property
    def highest(self) -> float:
        """The highest one."""
        return max(self.runs)


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured, and on what. `digest` is the model file's SHA-256, or that of its parts' digests."""

    date: str
    model: str
    digest: str
    machine: str
    threads: int
    kv_type: str
    build: str
    figures: tuple[Figure, ...]

    def of(self, name: str) -> Figure | None:
        """The figure of that name."""
        return next((each for each in self.figures if each.name == name), None)

    def differences(self, other: "Report") -> list[str]:
        """What else than time lies between two reports, in words."""
        mine = {
            "model": self.digest,
            "machine": self.machine,
            "threads": self.threads,
            "KV cache": self.kv_type,
            "build": self.build,
        }
        theirs = (other.digest, other.machine, other.threads, other.kv_type, other.build)
        return [
            name
            for (name, value), their in zip(mine.items(), theirs, strict=True)
            if value != their
        ]


def repeated(name: str, unit: Unit, runs: int, measure: Callable[[], float]) -> Figure:
    """Measure so many times behind a run that does not count; fewer times what takes long."""
    started = time.perf_counter()
    warm_up, measured = measure(), [measure()]
    while len(measured) < runs:
        if len(measured) >= _LEAST_RUNS and time.perf_counter() - started > _MOST_SECONDS:
            break
        measured.append(measure())
    return Figure(name, unit, tuple(measured), warm_up)


class SpeedTrial:
    """Measures one loaded model."""

    def __init__(
        self,
        loaded: LoadedModel,
        sampling: Sampling,
        runs: int,
        should_stop: Callable[[], bool],
    ) -> None:
        self._loaded = loaded
        self._sampling = sampling
        self._runs = runs
        self._should_stop = should_stop
        draw = random.Random(_SEED)
        size = loaded.model.vocabulary.size
        longest = max(*PREFILL_TOKENS, *DECODE_DEPTHS) + 1
        self._tokens = [TokenId(draw.randrange(size)) for _ in range(longest)]

    def steps(self) -> Iterator[tuple[str, Callable[[], Figure]]]:
        """What there is to measure, by name: as far as the context goes."""
        room = self._loaded.cache.limit_tokens - _DECODED_TOKENS - 1
        kinds = (
            ("prefill", PREFILL_TOKENS, self._prefill),
            ("decode", DECODE_DEPTHS, self._decode),
        )
        for kind, sizes, measure in kinds:
            for tokens in sizes:
                if tokens <= room:
                    name = f"{kind} at {tokens:,}"
                    yield name, partial(measure, name, tokens)

    def _prefill(self, name: str, count: int) -> Figure:
        first = iter(self._tokens)

        def measure() -> float:
            prompt = [next(first), *self._tokens[1:count]]  # another beginning: nothing is known
            return count / self._computed(prompt)

        return repeated(name, Unit.RATE, self._runs, measure)

    def _decode(self, name: str, depth: int) -> Figure:
        prompt = self._tokens[: max(1, depth)]

        def measure() -> float:
            self._computed(prompt)
            cache = self._loaded.cache
            sampler = Sampler(self._sampling, _SEED, self._loaded.model.vocabulary.size)
            started = time.perf_counter()
            for _ in range(_DECODED_TOKENS):
                self._look()
                cache.append([sampler.sample(cache.logits)])
            seconds = time.perf_counter() - started
            sampler.close()
            return _DECODED_TOKENS / seconds

        return repeated(name, Unit.RATE, self._runs, measure)

    def _computed(self, prompt: Sequence[TokenId]) -> float:
        """Have a prompt computed. Returns how long that took, without the making of a context."""
        progress = self._loaded.cache.prefill(prompt, self._should_stop)
        next(progress)
        started = time.perf_counter()
        for _ in progress:
            pass
        self._look()
        return time.perf_counter() - started

    def _look(self) -> None:
        if self._should_stop():
            raise Interrupted("interrupted: a part of the figures is none")
