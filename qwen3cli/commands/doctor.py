"""`doctor`: is everything here, on line and off line? Each check is a function that returns what it found."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.metadata import version
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from qwen3cli import __version__
from qwen3cli.base.config import read_settings
from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode, QwenError
from qwen3cli.base.paths import config_folder
from qwen3cli.base.plaintext import visible, wrapped
from qwen3cli.base.suggestions import did_you_mean
from qwen3cli.base.units import bytes_text
from qwen3cli.commands.models.verify import verified
from qwen3cli.demo import model_path
from qwen3cli.engine.devices import devices, supports_gpu, system_info
from qwen3cli.engine.wheels import WHEELS, nvidia_cuda, suitable_index
from qwen3cli.machine.hardware import memory, performance_cores, physical_cores, usable_processors
from qwen3cli.models.choice import DEMO_NAME
from qwen3cli.models.gguf import read_header
from qwen3cli.models.library import Library
from qwen3cli.render.json_output import as_json
from qwen3cli.turn.this_machine import this_machine

_HUB = "https://huggingface.co"
_REACH_SECONDS = 5.0
_STATE_WIDTH = 6
_OURS = "QWEN3_"


class State(StrEnum):
    """How a check went. Only `BAD` makes the doctor's exit code 1."""

    GOOD = "ok"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `hint` is what to do about it."""

    name: str
    state: State
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class KnownSettings:
    """What the command line reads: the flags that the settings may name, and the variables; and what it refuses of those
    that are set."""

    flags: Mapping[str, str]
    variables: frozenset[str]
    refused: tuple[QwenError, ...]


def run_doctor(
    environment: Environment, known: KnownSettings, *, offline: bool, json: bool
) -> ExitCode:
    """Look at everything and say how it is; off line, whether one can work."""
    findings = list(_findings(environment, known, offline=offline or environment.offline))
    if json:
        environment.stdout.put(as_json([asdict(each) for each in findings]))
    else:
        for each in findings:
            environment.stdout.put(_told(each, environment))
    return ExitCode.FAILED if any(each.state is State.BAD for each in findings) else ExitCode.DONE


def _told(finding: Finding, environment: Environment) -> str:
    """A finding as lines, within the width of a terminal."""
    text = f"{finding.state:{_STATE_WIDTH}}{finding.name}: {visible(finding.text)}\n"
    text += f"{'':{_STATE_WIDTH}}try: {visible(finding.hint)}\n" if finding.hint else ""
    if not environment.stdout_is_terminal:
        return text
    return wrapped(text, environment.terminal_columns(), _STATE_WIDTH)


def _findings(
    environment: Environment, known: KnownSettings, *, offline: bool
) -> Iterator[Finding]:
    def settings(environment: Environment) -> Iterator[Finding]:
        yield from _variables(environment, known)
        count = len(read_settings(environment.variables, known.flags))
        yield Finding("settings", State.GOOD, f"{count} in {config_folder(environment.variables)}")

    checks: tuple[Callable[[Environment], Iterator[Finding]], ...] = (
        _engine, _machine, settings, _catalogue, _demo, _files, _cache, _terminal,
        _off_line if offline else _network,
    )  # fmt: skip
    for check in checks:
        try:
            yield from check(environment)
        except QwenError as error:
            name = check.__name__.strip("_").replace("_", " ")
            yield Finding(name, State.BAD, error.message, error.hint)


def _engine(_environment: Environment) -> Iterator[Finding]:
    found = devices()
    bindings = version("llama-cpp-python")
    yield Finding(
        "engine",
        State.GOOD,
        f"qwen3 {__version__}, llama-cpp-python {bindings}, Python {sys.version.split()[0]}",
    )
    yield Finding("instructions", State.GOOD, instructions_text(system_info()))
    gpus = [each for each in found if each.is_gpu]
    for each in gpus:
        size = f"{bytes_text(each.free_bytes)} of {bytes_text(each.total_bytes)} free"
        yield Finding("gpu", State.GOOD, f"{each.name}: {each.description}, {size}")
    if not gpus and not supports_gpu():
        yield _gpu_advice()


def instructions_text(line: str) -> str:
    """`CPU : AVX = 1 | FMA = 1 | ` as `CPU: AVX, FMA`."""
    parts = (part.strip().removesuffix(" = 1") for part in line.split("|"))
    return ", ".join(part for part in parts if part).replace(" : ", ": ")


def _gpu_advice() -> Finding:
    """Whether there is a GPU that this build of llama.cpp cannot use, and the wheels that could."""
    index = suitable_index(sys.platform, shutil.which, nvidia_cuda)
    if index is None:
        return Finding("gpu", State.GOOD, "none found; the CPU computes")
    return Finding(
        "gpu",
        State.NOTE,
        "there seems to be a GPU, but this build of llama.cpp computes on the CPU only",
        f"pip install --force-reinstall --no-deps llama-cpp-python --extra-index-url {WHEELS}/{index}",
    )


def _machine(_environment: Environment) -> Iterator[Finding]:
    now = memory()
    physical, fast = physical_cores(), performance_cores()
    kinds = f", {fast} of them for performance" if fast < physical else ""
    cores = f"{physical} physical cores{kinds}, {usable_processors()} logical"
    yield Finding(
        "machine",
        State.GOOD,
        f"{cores}; {bytes_text(now.available_bytes)} of {bytes_text(now.total_bytes)} memory free",
    )


def _variables(environment: Environment, known: KnownSettings) -> Iterator[Finding]:
    """Variables of ours that nothing reads, or that have no value a flag may have."""
    for name in sorted(environment.variables):
        if name.startswith(_OURS) and name not in known.variables:
            nearest = did_you_mean(name, known.variables)
            yield Finding("variable", State.NOTE, f"nothing reads {name}{nearest}", f"unset {name}")
    for error in known.refused:
        yield Finding("variable", State.BAD, error.message, error.hint)


def _catalogue(environment: Environment) -> Iterator[Finding]:
    entries = list(Library(environment.variables).catalogue)
    yield Finding("catalogue", State.GOOD, f"{len(entries)} models")


def _demo(_environment: Environment) -> Iterator[Finding]:
    header = read_header(model_path())
    yield Finding("demo", State.GOOD, f"built in, {bytes_text(header.file_bytes)}")


def _files(environment: Environment) -> Iterator[Finding]:
    library = Library(environment.variables)
    for result in verified(None, environment):
        if result["problem"]:
            yield Finding("file", State.BAD, result["problem"], "qwen3 models rm, then qwen3 pull")
        else:
            yield Finding(
                "file", State.GOOD, f"{result['path']} is whole (sha256 {result['sha256'][:12]})"
            )
    if len(library.names_on_disk()) == 1:
        yield Finding(
            "file",
            State.NOTE,
            "no model is on this disk but demo",
            "qwen3 fit, then qwen3 pull NAME",
        )


def _cache(environment: Environment) -> Iterator[Finding]:
    cache = Library(environment.variables).store.cache
    nearest = next(path for path in (cache, *cache.parents) if path.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK)):
        yield Finding(
            "cache", State.BAD, f"no right to write {cache}", "set HF_HOME to a folder of your own"
        )
        return
    free = bytes_text(shutil.disk_usage(nearest).free)
    yield Finding("cache", State.GOOD, f"{cache}, {free} free")


def _terminal(environment: Environment) -> Iterator[Finding]:
    color = "colour" if environment.stdout_has_color() else "no colour"
    kind = "a terminal" if environment.stdout_is_terminal else "no terminal"
    yield Finding(
        "terminal",
        State.GOOD,
        f"standard output is {kind}, {color}, {environment.terminal_columns()} columns",
    )


def _network(environment: Environment) -> Iterator[Finding]:
    endpoint = environment.variables.get("HF_ENDPOINT") or _HUB
    try:
        urlopen(Request(endpoint, method="HEAD"), timeout=_REACH_SECONDS).close()
    except HTTPError:
        pass  # it answered
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "reason", problem)
        yield Finding(
            "network",
            State.NOTE,
            f"{endpoint} cannot be reached: {getattr(reason, 'strerror', None) or reason}",
            "models on disk need none",
        )
        return
    yield Finding("network", State.GOOD, f"{endpoint} can be reached")


def _off_line(environment: Environment) -> Iterator[Finding]:
    """Whether one can work without a network, and with which models."""
    library, machine = Library(environment.variables), this_machine(environment.variables)
    here = [
        each
        for each in machine.verdicts(library.catalogue)
        if library.store.find(each.quantization) is not None
    ]
    fitting = [each.name for each in here if each.plan.fits]
    if fitting:
        with_these = ", ".join([*fitting, DEMO_NAME])
        yield Finding("off line", State.GOOD, f"yes, you can work, with {with_these}")
        return
    why = f"{here[0].name} is here and needs more memory" if here else "only demo is on this disk"
    advice = machine.recommended(library.catalogue)
    names = " or ".join(each.entry.name for each in advice) or "0.6b"
    yield Finding("off line", State.NOTE, f"no: {why}", f"while on line: qwen3 pull {names}")
