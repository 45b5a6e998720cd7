"""Plans for the catalogue's models, held against each other: which quantization to take, which model to recommend."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qwen3cli.machine.plan import Plan
from qwen3cli.models.catalogue import Entry, Quantization

# So many times as small is the model that stands beside the best one.
_SMALLER = 2.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """The plan for one quantization of a catalogue entry."""

    entry: Entry
    quantization: Quantization
    plan: Plan

    @property
    def name(self) -> str:
        """As it is typed behind `--size`."""
        return f"{self.entry.name}:{self.quantization.name}"


def best_quantization(verdicts: Iterable[Verdict], default: str) -> Verdict | None:
    """The default one if it fits, else the largest that does, else None."""
    fitting = [each for each in verdicts if each.plan.fits]
    for each in fitting:
        if each.quantization.name == default:
            return each
    return max(fitting, key=lambda each: each.plan.sum.weights_bytes, default=None)


def recommended(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """The models to take when none is named: the largest hybrid that fits and is comfortable, in its default
    quantization, and beside it the largest that is much smaller. Empty where none fits."""
    comfortable = [
        each
        for each in verdicts
        if each.plan.is_comfortable
        and each.entry.thinking == "hybrid"
        and each.quantization.name == each.entry.default
    ]
    best = max(comfortable, key=_parameters, default=None)
    if best is None:
        return ()
    smaller = [each for each in comfortable if _bytes(each) * _SMALLER <= _bytes(best)]
    small = max(smaller, key=_parameters, default=None)
    return (best,) if small is None else (best, small)


def _parameters(verdict: Verdict) -> int:
    return verdict.entry.parameters


def _bytes(verdict: Verdict) -> int:
    return verdict.plan.sum.weights_bytes
