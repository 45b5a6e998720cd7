"""Plans for the catalogue's models, held against each other: which quantization to take, which model to recommend."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qwen3cli.machine.plan import Plan
from qwen3cli.models.catalogue import Entry, Quantization

# So much less is read for a token of the small model that stands beside the best one.
_QUICKER = 2.5


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
    quantization, and beside it the largest that is much quicker. Empty where none fits."""
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
    quicker = [each for each in comfortable if _read(each) * _QUICKER <= _read(best)]
    small = max(quicker, key=_parameters, default=None)
    return (best,) if small is None else (best, small)


def _parameters(verdict: Verdict) -> int:
    return verdict.entry.parameters


def _read(verdict: Verdict) -> float:
    """What is read of the weights for one token."""
    entry = verdict.entry
    return verdict.plan.sum.weights_bytes * entry.active_parameters / entry.parameters
