"""A model file that was never loaded here is tried in a child process first.

llama.cpp is C++ that believes what a file says: a wrong number can end the process, or never let it come back. A child
that gave up memory, time, files and network takes the blow instead (`trial_worker`; `base/confinement` says what holds
where), and the verdict is remembered by the file's header, its size and the build of llama.cpp. Files that the
catalogue's digest has proved are not tried.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from qwen3cli.base.errors import BadModelFile, DoesNotFit, EngineFailed, Interrupted, QwenError
from qwen3cli.base.paths import state_folder
from qwen3cli.base.shapes import OTHER_FORM
from qwen3cli.machine.hardware import memory
from qwen3cli.models.gguf import ModelFile

_FOLDER = "tried"
_POLL_SECONDS = 0.02
_LEAST_SECONDS = 60.0
# A cold file on a slow disk: its weights are read once.
_BYTES_PER_SECOND = 40 * 2**20
# What a trial says of the machine and not of the file: the loading itself will say it better, or not at all.
_NOT_ITS_FAULT = (EngineFailed.__name__, QwenError.__name__)
# What a trial takes beside the weights, and as much again. With less, its end says nothing of the file.
_ROOM_BYTES = 512 * 2**20
_HINT = "take another GGUF of this model; its own publisher's is the safest"


def check_file(
    file: ModelFile, variables: Mapping[str, str], should_stop: Callable[[], bool]
) -> None:
    """Have the file tried, unless that was done before.

    Raises:
        BadModelFile: the child was ended by it, ran without end, or refused it.
        DoesNotFit: the child came to its end where memory is short.
        Interrupted: `should_stop` said so.
    """
    record = state_folder(variables) / _FOLDER / f"{_fingerprint(file)}.json"
    outcome = _remembered(record)
    if outcome is None:
        outcome = _tried(file, should_stop)
        if outcome.get("kind") in _NOT_ITS_FAULT:
            return
        if outcome and memory().usable_bytes < file.bytes + _ROOM_BYTES:
            raise DoesNotFit(
                f"there is not enough memory to try {file.path.name}, which is new here",
                "free some memory, or raise the limit on it: qwen3 fit shows how much there is",
            )
        _remember(record, outcome)
    if outcome:
        raise BadModelFile(outcome["message"], outcome["hint"])


def _fingerprint(file: ModelFile) -> str:
    """A digest of all headers, the sizes, and the build: what decides how llama.cpp takes the file."""
    digest = hashlib.sha256(version("llama-cpp-python").encode())
    for part, header in zip(file.parts, file.headers, strict=True):
        digest.update(f" {header.file_bytes} ".encode())
        with part.open("rb") as opened:
            digest.update(opened.read(header.head_bytes))
    return digest.hexdigest()


def _tried(file: ModelFile, should_stop: Callable[[], bool]) -> dict[str, Any]:
    worker = [sys.executable, "-P", "-m", "qwen3cli.turn.trial_worker", os.fspath(file.path)]
    ends = time.monotonic() + _LEAST_SECONDS + file.bytes / _BYTES_PER_SECOND
    with subprocess.Popen(
        worker, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        try:
            while child.poll() is None:
                if should_stop():
                    raise Interrupted(f"interrupted while trying {file.path.name}")
                if time.monotonic() > ends:
                    return _refusal(file, "it takes llama.cpp too long")
                time.sleep(_POLL_SECONDS)
        finally:
            child.kill()
        assert child.stdout is not None
        said = child.stdout.read()
    if child.returncode == 0 and said:
        outcome = dict(json.loads(said))
        wants_memory = outcome.get("kind") == DoesNotFit.__name__
        return (
            _refusal(file, "it takes more memory than its size tells") if wants_memory else outcome
        )
    return _refusal(file, f"llama.cpp {_ending(child.returncode)}")


def _ending(code: int) -> str:
    """What became of the child, in words."""
    if code == -getattr(signal, "SIGXCPU", 0) or code == -getattr(signal, "SIGKILL", 0):
        return "does not come to an end with it"
    if code < 0:
        return f"crashes on it ({signal.Signals(-code).name})"
    return "gives up on it"


def _refusal(file: ModelFile, reason: str) -> dict[str, Any]:
    return {
        "kind": BadModelFile.__name__,
        "message": f"{file.path.name} cannot be used: {reason}",
        "hint": _HINT,
    }


def _remembered(record: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(record.read_text(encoding="utf-8")))
    except (OSError, *OTHER_FORM):
        return None


def _remember(record: Path, outcome: dict[str, Any]) -> None:
    """Keep the verdict; where that cannot be, the file is tried again next time."""
    beside = record.with_suffix(f".{os.getpid()}")
    try:
        record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside.write_text(json.dumps(outcome), encoding="utf-8")
        beside.replace(record)
    except OSError:
        pass
