"""Where the results of many items go, in the order of the items: standard output, one JSON object, or a file that can be
gone on with.

Beside such a file lies a small one, a line for each result, so that nothing that was finished is computed again, whatever
ended the run:

    {"version": 1, "input": ..., "settings": {...}}     what it was made of; the same is needed to go on
    {"item": 4, "code": 0, "end": 310}                  result 4 is in the file, which ended there
    {"item": 6, "code": 0, "text": ...}                 result 6 is finished and waits for result 5
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import ExitCode, FileNotWritten, QwenError, UsageProblem
from qwen3cli.base.paths import state_folder
from qwen3cli.base.shapes import OTHER_FORM
from qwen3cli.base.streams import encoded
from qwen3cli.render.turn_json import object_of

_VERSION = 1
_SUFFIX = ".qwen3-map"


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What came of one item. `text` is what is printed of it; a whole answer has no `error`."""

    number: int
    text: str
    error: QwenError | None = None

    @property
    def code(self) -> ExitCode:
        """The item's own exit code."""
        return ExitCode.DONE if self.error is None else ExitCode(self.error.exit_code)


class Results:
    """Takes results in any order, and gives them on in the order of their numbers, from 1 on."""

    def __init__(self) -> None:
        self.failed: dict[int, int] = {}  # the exit codes of items that failed, by number

    def is_done(self, number: int) -> bool:
        """Whether this item has its result already, from an earlier run."""
        return False

    def add(self, result: ItemResult) -> None:
        """Take a result."""
        if result.code:
            self.failed[result.number] = result.code

    def finish(self) -> None:
        """All are there: give on what is given on at the end."""

    def close(self) -> None:
        """The run is over, however it ended."""

    @property
    def fields(self) -> Mapping[str, Any]:
        """What whoever tells of a run that failed is to tell of the results."""
        return {}


class PrintedResults(Results):
    """On standard output, each as soon as all before it are there."""

    def __init__(self, environment: Environment) -> None:
        super().__init__()
        self._out = environment.stdout
        self._held: dict[int, ItemResult] = {}
        self._next = 1

    def add(self, result: ItemResult) -> None:
        """Take a result, and print what is in order."""
        super().add(result)
        self._held[result.number] = result
        while (ready := self._held.pop(self._next, None)) is not None:
            self._out.put(ready.text)
            self._next += 1

    def close(self) -> None:
        """What was finished ahead of its turn when the run was stopped is printed too."""
        for _, result in sorted(self._held.items()):
            self._out.put(result.text)
        self._held.clear()


class JsonResults(Results):
    """One object with all items, printed at the end."""

    def __init__(self, environment: Environment) -> None:
        super().__init__()
        self._out = environment.stdout
        self._results: dict[int, ItemResult] = {}

    def add(self, result: ItemResult) -> None:
        """Take a result."""
        super().add(result)
        self._results[result.number] = result

    def finish(self) -> None:
        """Print the object; its error is that of the first item that has one."""
        first = self._results[min(self.failed)].error if self.failed else None
        self._out.put(object_of(self.fields, first))

    @property
    def fields(self) -> Mapping[str, Any]:
        """All that came."""
        return {"items": [json.loads(each.text) for _, each in sorted(self._results.items())]}


class FileResults(Results):
    """In a file, which an earlier run may have begun."""

    def __init__(
        self, file: Path, made_of: Mapping[str, Any], variables: Mapping[str, str]
    ) -> None:
        """`made_of` is what must be the same for the file to be gone on with.

        Raises:
            UsageProblem: it is something else's, or another run writes it.
        """
        super().__init__()
        self._file = file
        self._beside = file.with_name(file.name + _SUFFIX)
        self._lock = _locked(file, variables)
        self._held: dict[int, tuple[str, int]] = {}
        self._done = 0  # how many are in the file
        try:
            end = self._taken_up({"version": _VERSION, **made_of})
            self._out = _opened(file, end)
            self._journal = _opened(self._beside, None)
        except BaseException:
            self._lock.release()
            raise
        self._write_held()

    def is_done(self, number: int) -> bool:
        """Whether an earlier run has its result."""
        return number <= self._done or number in self._held

    def add(self, result: ItemResult) -> None:
        """Take a result; it is on the disk when this returns."""
        super().add(result)
        self._held[result.number] = (result.text, result.code)
        if result.number == self._done + 1:
            self._write_held()
        else:
            self._note({"item": result.number, "code": result.code, "text": result.text})

    def close(self) -> None:
        """Let the files go."""
        self._out.close()
        self._journal.close()
        self._lock.release()

    def _write_held(self) -> None:
        while (ready := self._held.pop(self._done + 1, None)) is not None:
            text, code = ready
            _write(self._out, self._file, encoded(text))
            self._done += 1
            self._note({"item": self._done, "code": code, "end": self._out.tell()})

    def _note(self, record: Mapping[str, Any]) -> None:
        _write(self._journal, self._beside, json.dumps(record).encode() + b"\n")

    def _taken_up(self, made_of: Mapping[str, Any]) -> int:
        """Read what an earlier run has left. Returns where the file is to be gone on with."""
        records = _records(self._beside)
        size = self._file.stat().st_size if self._file.exists() else None
        if not records or size is None or (len(records) == 1 and size == 0):
            self._begin(made_of, size)
            return 0
        _check_same(self._file, records[0], json.loads(json.dumps(made_of)))
        try:
            return self._read(records[1:], size)
        except (KeyError, TypeError):
            raise _unreadable(self._beside) from None

    def _begin(self, made_of: Mapping[str, Any], size: int | None) -> None:
        if size:
            raise UsageProblem(
                f"{self._file} is there, and not of this run", "name another file, or remove it"
            )
        self._beside.unlink(missing_ok=True)
        with _opened(self._beside, None) as beside:
            _write(beside, self._beside, json.dumps(made_of).encode() + b"\n")

    def _read(self, records: Sequence[Mapping[str, Any]], size: int) -> int:
        end = 0
        for record in records:
            if "text" in record:
                self._held[record["item"]] = (record["text"], record["code"])
            elif record["end"] <= size:
                self._done, end = record["item"], record["end"]
            if record["code"]:
                self.failed[record["item"]] = record["code"]
        self._held = {each: text for each, text in self._held.items() if each > self._done}
        return end


def _unreadable(beside: Path) -> UsageProblem:
    return UsageProblem(f"{beside} cannot be read", "remove it and the file beside it")


def _records(beside: Path) -> list[dict[str, Any]]:
    """The lines that are whole; a kill may have cut the last one, which is then removed."""
    try:
        lines = beside.read_bytes().splitlines(keepends=True)
        records, length = [], 0
        for line in lines:
            if not line.endswith(b"\n"):
                break
            records.append(dict(json.loads(line)))
            length += len(line)
        os.truncate(beside, length)
    except FileNotFoundError:
        return []
    except (OSError, *OTHER_FORM):
        raise _unreadable(beside) from None
    return records


def _check_same(file: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    if before == now:
        return
    different = [name for name in ("input", "version") if before.get(name) != now[name]]
    then, settings = dict(before.get("settings") or {}), dict(now["settings"])
    different += [name for name in settings if settings[name] != then.get(name)]
    raise UsageProblem(
        f"{file} was begun with other settings: {', '.join(different)}",
        "name another file, or remove it to begin anew",
    )


def _locked(file: Path, variables: Mapping[str, str]) -> Any:
    from filelock import FileLock, Timeout

    folder = state_folder(variables) / "map"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{sha256(os.fsencode(file.resolve())).hexdigest()[:32]}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageProblem(f"another run writes {file}", "name another file") from None
    return lock


def _opened(path: Path, end: int | None) -> BinaryIO:
    """A file to continue; what stands behind `end` goes."""
    try:
        file = path.open("ab", buffering=0)
        if end is not None:
            file.truncate(end)
            file.seek(end)
    except OSError as problem:
        raise UsageProblem(
            f"cannot write {path}: {problem.strerror}", "name another file"
        ) from None
    return file


def _write(file: BinaryIO, path: Path, data: bytes) -> None:
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as problem:
        raise FileNotWritten(f"cannot write {path}: {problem.strerror}") from None
