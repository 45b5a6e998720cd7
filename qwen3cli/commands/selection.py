"""Which model a command runs: the one named or the best on this disk, fetched if it is not here and the user agrees."""

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ModelNotFound
from qwen3cli.base.units import bytes_text, seconds_text
from qwen3cli.commands.pull import Puller
from qwen3cli.models.blobs import check_room
from qwen3cli.models.choice import Choice, ModelRef, NotOnDisk, choose
from qwen3cli.models.disk import free_bytes
from qwen3cli.models.library import Library
from qwen3cli.models.sources import Network
from qwen3cli.models.speed import last_speed
from qwen3cli.render.plans import recommendation_text
from qwen3cli.turn.this_machine import this_machine


def find_or_fetch(spec: str | None, environment: Environment, network: Network) -> Choice:
    """The model named or, where none is, the best on this disk; fetched if it is not here.

    Raises:
        ModelNotFound: it does not exist, or it is not here and the user did not agree to fetch it.
        DownloadFailed: fetching it failed.
    """
    spec = spec or best_here(environment)
    why = "no model is named"
    if spec is not None:
        try:
            return choose(spec, environment.variables)
        except NotOnDisk as missing:
            ref, why = missing.ref, missing.why
    puller, offline = Puller(environment), network.offline or environment.offline
    if spec is None:
        ref = _recommended(puller.library, environment, offline=offline)
    elif (brought := puller.adopt(ref)) is not None:
        return choose(brought.name, environment.variables)
    elif offline:
        raise puller.library.offline_error(ref)
    ref = puller.best_fitting(ref)
    if not network.unasked:
        _ask(NotOnDisk(ref, why), puller, environment)
    return puller.pull(ref, network.sources)


def best_here(environment: Environment) -> str | None:
    """The best model on this disk that fits, as it is typed behind `--size`; None: only the demo is here."""
    library = Library(environment.variables)
    machine = this_machine(environment.variables, measured=False)
    here = [
        each
        for each in machine.verdicts(library.catalogue)
        if each.plan.fits and library.store.find(each.quantization) is not None
    ]
    best = max(here, key=lambda each: each.plan.sum.weights_bytes, default=None)
    return best.name if best is not None else None


def _recommended(library: Library, environment: Environment, *, offline: bool) -> ModelRef:
    """The model to offer where there is none, with a small one named beside it."""
    machine = this_machine(environment.variables)
    advice = () if offline else machine.recommended(library.catalogue)
    if not advice:
        raise ModelNotFound("no model is on this disk but demo", "--size demo needs no download")
    if environment.stderr_is_terminal:
        environment.stderr.put(recommendation_text(advice))
    return library.resolve(advice[0].name)


def _ask(missing: NotOnDisk, puller: Puller, environment: Environment) -> None:
    """Go on only if the user wants to fetch a model now.

    Raises:
        ModelNotFound: it is not wanted, or nobody can be asked.
        DownloadFailed: the disk is too small for it.
    """
    ref = missing.ref
    size = puller.library.missing_bytes(ref)
    amount = _amount(size, ref.quantization.estimated_bytes)
    if not (environment.stdin_is_terminal and environment.stderr_is_terminal):
        raise ModelNotFound(
            missing.message,
            f"qwen3 pull {ref.name} ({amount}), or add --yes; --size demo needs none",
        )
    cache = puller.library.store.cache
    check_room(cache, size or 0)
    speed = last_speed(environment.variables)
    if size and speed is not None:
        amount += f", about {seconds_text(size / speed)} at the speed of the last download"
    room = bytes_text(free_bytes(cache))
    told = f"{missing.message}. To fetch: {amount}; {room} of disk are free.\n"
    if not _agrees(f"{told}Fetch it now? [Y/n] ", environment):
        raise ModelNotFound(
            "nothing was fetched", f"qwen3 models lists every size; later: qwen3 pull {ref.name}"
        )


def _amount(missing_bytes: int | None, estimated_bytes: int) -> str:
    if missing_bytes is not None:
        return bytes_text(missing_bytes)
    guess = f"about {bytes_text(estimated_bytes)}"
    return guess if estimated_bytes else "a size that the hub will tell"


def _agrees(question: str, environment: Environment) -> bool:
    """Whether the answer is yes, which Enter alone is."""
    environment.stderr.put(question)
    said = b""
    try:
        said = environment.stdin.readline()
    finally:
        if not said.endswith(b"\n"):
            environment.stderr.put("\n")  # Ctrl-D and Ctrl-C leave the cursor behind the question
    return said == b"\n" or said.strip().lower() in (b"y", b"yes")
