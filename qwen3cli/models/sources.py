"""Where model files may come from, in which order, and how far they are. Words only: `hub` knows how to ask."""

from dataclasses import dataclass
from enum import StrEnum

from qwen3cli.base.errors import UsageProblem


class Stage(StrEnum):
    """What is being done for a file."""

    FETCHING = "fetching"
    ELSEWHERE = "fetched by another process"
    WAITING = "waiting"  # the line broke or the hub was busy; it is tried again soon
    CHECKING = "checking"  # the digest, after the last byte
    COPYING = "copying"  # from or to a folder that is carried


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How far one file is. `reason` says why it waits, `wait_seconds` how long it still will."""

    path: str
    done_bytes: int
    total_bytes: int
    stage: Stage = Stage.FETCHING
    reason: str = ""
    wait_seconds: float = 0.0


class Source(StrEnum):
    """A hub. The same repositories exist on both."""

    HUGGINGFACE = "huggingface"
    MODELSCOPE = "modelscope"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """What a source says of one file: where its bytes are, with which headers to ask for them, and what they must be.

    `sha256` None: it names none. The address may be signed and the headers may have a token: neither is ever shown.
    """

    url: str
    headers: dict[str, str]
    bytes: int
    sha256: str | None
    commit: str


@dataclass(frozen=True, slots=True)
class Network:
    """What the user allows: nothing at all, or these sources, the next one where one cannot help; `unasked`, without a
    question before."""

    offline: bool = False
    sources: tuple[Source, ...] = (Source.HUGGINGFACE,)
    unasked: bool = False


def network(offline: bool, order: str | None, unasked: bool = False) -> Network:
    """What the flags say. `order` is one source or several with commas between them.

    Raises:
        UsageProblem: there is no such source.
    """
    if order is None:
        return Network(offline, unasked=unasked)
    names = [name.strip().lower() for name in order.split(",")]
    for name in names:
        if name not in list(Source):
            raise UsageProblem(
                f"--from {order}: there is no source {name!r}", f"there are {', '.join(Source)}"
            )
    return Network(offline, tuple(dict.fromkeys(map(Source, names))), unasked)
