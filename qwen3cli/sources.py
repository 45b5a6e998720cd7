"""Where model files may come from, and in which order. Words only: `hub` knows how to ask."""

from dataclasses import dataclass
from enum import StrEnum

from qwen3cli.errors import UsageProblem


class Source(StrEnum):
    """A hub. The same repositories exist on both."""

    HUGGINGFACE = "huggingface"
    MODELSCOPE = "modelscope"


@dataclass(frozen=True, slots=True)
class Network:
    """What the user allows: nothing at all, or these sources, the next one where one cannot help."""

    offline: bool = False
    sources: tuple[Source, ...] = (Source.HUGGINGFACE,)


def network(offline: bool, order: str | None) -> Network:
    """What the flags say. `order` is one source or several with commas between them.

    Raises:
        UsageProblem: there is no such source.
    """
    if order is None:
        return Network(offline)
    names = [name.strip().lower() for name in order.split(",")]
    for name in names:
        if name not in list(Source):
            raise UsageProblem(
                f"--from {order}: there is no source {name!r}", f"there are {', '.join(Source)}"
            )
    return Network(offline, tuple(dict.fromkeys(map(Source, names))))
