"""How large files are of which no source gives the size: reckoned from those of which one does."""

from collections.abc import Mapping
from dataclasses import replace

from qwen3cli.models.catalogue import Entry, Quantization

# Bits for a weight in a quantization of which no entry knows a size: those of Q8_0, the largest in use.
_USUAL_BITS = 8.5
_BYTES_AT_ONE_BIT = 1e6 / 8  # of a million parameters


def with_estimates(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries with a size for every file: its own, or as many bits for a weight as the model next in size has."""
    known: dict[str, list[tuple[int, float]]] = {}
    for entry in entries.values():
        for each in entry.quantizations:
            if each.bytes is not None:
                bits = each.bytes / (entry.parameters * _BYTES_AT_ONE_BIT)
                known.setdefault(each.name, []).append((entry.parameters, bits))

    def estimated(entry: Entry, quantization: Quantization) -> Quantization:
        _, bits = min(
            known.get(quantization.name, []),
            key=lambda each: abs(each[0] - entry.parameters),
            default=(entry.parameters, _USUAL_BITS),
        )
        guess = round(entry.parameters * bits * _BYTES_AT_ONE_BIT)
        return replace(quantization, estimated_bytes=quantization.bytes or guess)

    return {
        name: replace(
            entry, quantizations=tuple(estimated(entry, each) for each in entry.quantizations)
        )
        for name, entry in entries.items()
    }
