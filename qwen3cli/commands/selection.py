"""Which model a command runs: the one named or the best on this disk, fetched where a person can see it happen."""

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ModelNotFound
from qwen3cli.base.units import bytes_text
from qwen3cli.commands.pull import Puller
from qwen3cli.models.choice import Choice, NotOnDisk, choose
from qwen3cli.models.library import Library
from qwen3cli.models.sources import Network
from qwen3cli.render.plans import speed_words
from qwen3cli.turn.planning import this_machine


def named_or_best(spec: str | None, environment: Environment, network: Network) -> str:
    """The model to use when none may have been named: the best on this disk, or one the user agrees to fetch.

    Raises:
        ModelNotFound: none is here, and nobody can be asked.
    """
    if spec:
        return spec
    library, machine = Library(environment.variables), this_machine(measured=False)
    here = [
        each
        for each in machine.verdicts(library.catalogue)
        if each.plan.fits and library.store.find(each.quantization) is not None
    ]
    if here:
        best = max(here, key=lambda each: each.plan.sum.weights_bytes)
        return best.name
    return _offered(library, environment, offline=network.offline or environment.offline)


def find_or_fetch(spec: str, environment: Environment, network: Network) -> Choice:
    """The model named, fetched if it is not here and a person can see it happen.

    Raises:
        ModelNotFound: it does not exist; or it is not here and must not or should not be fetched now.
        DownloadFailed: fetching it failed.
    """
    try:
        return choose(spec, environment.variables)
    except NotOnDisk as missing:
        puller = Puller(environment)
        found = puller.adopt(missing.ref)
        if found is not None:
            return found
        if network.offline or environment.offline:
            raise puller.library.offline_error(missing.ref) from None
        ref = puller.best_fitting(missing.ref)
        if not environment.stderr_is_terminal:
            raise NotOnDisk(ref) from None
        return puller.pull(ref, network.sources)


def _offered(library: Library, environment: Environment, *, offline: bool) -> str:
    advice = this_machine().recommended(library.catalogue)
    if not advice or offline:
        raise ModelNotFound("no model is on this disk but demo", "--size demo needs no download")
    best = advice[0]
    name, size = best.entry.name, bytes_text(best.plan.sum.weights_bytes)
    if not (environment.stdin_is_terminal and environment.stderr_is_terminal):
        raise ModelNotFound(
            "no model is named, and none is on this disk",
            f"qwen3 pull {name} ({size}), or --size demo",
        )
    environment.stderr.write(
        f"No model is on this disk. {name} suits this machine: {size} to fetch, {speed_words(best.plan)}.\n"
        f"Fetch it now? [Y/n] ".encode()
    )
    environment.stderr.flush()
    said = environment.stdin.readline()
    if not said.endswith(b"\n"):
        environment.stderr.write(b"\n")  # Ctrl-D left the cursor behind the question
    if said == b"\n" or said.strip().lower() in (b"y", b"yes"):
        return name
    raise ModelNotFound(
        "nothing was fetched", "qwen3 models lists every size; --size demo needs no download"
    )
