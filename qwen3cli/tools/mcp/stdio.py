"""A server that is a program: its process, and messages as lines on its standard input and output.

The SDK has such a transport too; here a line has a longest length, standard error is kept, the process group ends with its
leader, and what went wrong can be told. Owns the process; knows nothing of what the messages mean.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from qwen3cli.base.errors import ServerFailed
from qwen3cli.base.paths import user_path
from qwen3cli.base.units import bytes_text
from qwen3cli.tools.mcp.entry import ServerEntry
from qwen3cli.tools.mcp.log import ServerLog
from qwen3cli.tools.mcp.processes import MARK, RunningFile, end_group, group_lives

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.client._transport import TransportStreams
    from mcp.shared.message import SessionMessage

    Incoming = MemoryObjectSendStream[SessionMessage | Exception]
    Outgoing = MemoryObjectReceiveStream[SessionMessage]

# The longest message, in bytes: a picture of 48 MB. More is no answer that a conversation could hold.
LONGEST_MESSAGE = 64 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_QUOTED_BYTES = 200  # of a line that is no message
# How long a server may take to end when its standard input is closed, and after it was asked to. Ours to choose.
_CLOSED_SECONDS, _ASKED_SECONDS = 1.0, 0.5
_LOOK_SECONDS = 0.02
# Time for the last words of a process that has ended, and for its exit status.
_LAST_WORDS_SECONDS = 0.5
# What a server gets of our environment unless it is given more: where and who one is, and no keys.
_INHERITED = (
    *(
        "HOME",
        "LOGNAME",
        "PATH",
        "SHELL",
        "TERM",
        "USER",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "TZ",
        "TMPDIR",
    ),
    *("APPDATA", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATHEXT", "PROCESSOR_ARCHITECTURE"),
    *("SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "USERNAME", "USERPROFILE"),
)


class ServerProcess:
    """One run of a server's program. `ended` says in words why there is nothing more to hear, once that is so."""

    def __init__(self, entry: ServerEntry, variables: Mapping[str, str], log: ServerLog) -> None:
        """`entry` is expanded; `variables` are our own."""
        self._entry = entry
        self._variables = variables
        self._log = log
        self.ended = ""

    @asynccontextmanager
    async def connected(self) -> "AsyncIterator[TransportStreams]":
        """Start it, and carry messages for as long as the context lasts; then end it and everything it started.

        Raises:
            ServerFailed: it cannot be started.
        """
        import anyio
        from mcp.shared.message import SessionMessage

        note = RunningFile(self._variables)
        process = await self._start(note)
        incoming, for_session = anyio.create_memory_object_stream[SessionMessage | Exception]()
        from_session, outgoing = anyio.create_memory_object_stream[SessionMessage]()
        work = (
            self._listen(process),
            self._read(process, incoming),
            self._write(process, outgoing, incoming),
        )
        tasks = [asyncio.create_task(each) for each in work]
        try:
            yield for_session, from_session
        finally:
            with anyio.CancelScope(shield=True):
                await _end(process)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                for stream in (incoming, for_session, from_session, outgoing):
                    stream.close()
            note.remove()

    async def _start(self, note: RunningFile) -> "Process":
        entry = self._entry
        environment = {
            name: self._variables[name] for name in _INHERITED if name in self._variables
        }
        environment |= {**entry.variables, MARK: note.mark}
        program = shutil.which(entry.command, path=environment.get("PATH"))
        if program is None:
            raise ServerFailed(f"{entry.name}: command not found: {entry.command}")
        note.write()
        try:
            return await asyncio.create_subprocess_exec(
                program,
                *entry.arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
                cwd=user_path(entry.folder) if entry.folder else None,
                start_new_session=os.name == "posix",
                limit=LONGEST_MESSAGE,
            )
        except (OSError, ValueError) as problem:
            note.remove()
            reason = getattr(problem, "strerror", None) or str(problem)
            place = getattr(problem, "filename", None) or program
            raise ServerFailed(f"{entry.name}: {place} cannot be used: {reason}") from None

    async def _listen(self, process: "Process") -> None:
        """Take what it writes to standard error, so that it never waits for a reader."""
        assert process.stderr is not None
        while data := await process.stderr.read(_CHUNK_BYTES):
            self._log.feed(data)

    async def _read(self, process: "Process", incoming: "Incoming") -> None:
        """Pass its messages on until there are no more. The closed stream tells the session, `ended` why."""
        import anyio

        assert process.stdout is not None
        with incoming:
            try:
                while True:
                    message = self._message(await process.stdout.readuntil(b"\n"))
                    if message is not None:
                        await incoming.send(message)
            except asyncio.IncompleteReadError as end:
                await _wait_for_exit(process, _LAST_WORDS_SECONDS)
                await asyncio.sleep(_LOOK_SECONDS)  # what it wrote last is still on its way
                cut = " in the middle of a message" if end.partial.strip() else ""
                self.ended = f"it ended{cut}{_status(process)}{self._last_words()}"
            except asyncio.LimitOverrunError:
                self.ended = f"it sent a message of more than {bytes_text(LONGEST_MESSAGE)}"
            except _BrokenMessage as problem:
                self.ended = f"it sent a message that is no JSON: {problem}"
            except (anyio.ClosedResourceError, anyio.BrokenResourceError):
                return  # nobody listens any more

    def _message(self, line: bytes) -> "SessionMessage | None":
        """The message in a line. Some programs print other things there too, which are noted."""
        from mcp.shared.message import SessionMessage
        from mcp_types import jsonrpc_message_adapter

        try:
            return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
        except ValueError:
            quoted = line[:_QUOTED_BYTES].decode("utf-8", "replace").strip()
            if line.lstrip().startswith(b"{") and not _is_json(line):
                raise _BrokenMessage(quoted) from None
            if quoted:
                self._log.note(f"(on standard output) {quoted}")
            return None

    async def _write(self, process: "Process", outgoing: "Outgoing", incoming: "Incoming") -> None:
        assert process.stdin is not None
        try:
            async for each in outgoing:
                text = each.message.model_dump_json(by_alias=True, exclude_unset=True)
                process.stdin.write(f"{text}\n".encode("utf-8", "replace"))
                await process.stdin.drain()
        except OSError:  # it no longer reads; if it has ended, the reader says how
            if not await _wait_for_exit(process, _LAST_WORDS_SECONDS):
                self.ended = "it closed its standard input"
                incoming.close()

    def _last_words(self) -> str:
        return f": {self._log.last_line}" if self._log.last_line else ""


class _BrokenMessage(ValueError):
    """A line that began as a message."""


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _status(process: "Process") -> str:
    code = process.returncode
    if code is None:
        return ""
    if code >= 0:
        return f" with exit status {code}"
    with contextlib.suppress(ValueError):
        return f" by {signal.Signals(-code).name}"
    return f" by signal {-code}"


async def _end(process: "Process") -> None:
    """Close its standard input; if that does not end it and all that it started, ask; then do not ask."""
    assert process.stdin is not None
    process.stdin.close()
    await _wait_for_exit(process, _CLOSED_SECONDS)
    if end_group(process.pid, force=False):
        waited = 0.0
        while group_lives(process.pid) and waited < _ASKED_SECONDS:
            await asyncio.sleep(_LOOK_SECONDS)
            waited += _LOOK_SECONDS
        end_group(process.pid, force=True)
    await _wait_for_exit(process, _ASKED_SECONDS)
    process._transport.close()  # type: ignore[attr-defined]  # a pipe may be held by what left the group


async def _wait_for_exit(process: "Process", seconds: float) -> bool:
    """Whether it ends in that time. `Process.wait` also waits for its pipes, which another process may hold."""
    waited = 0.0
    while process.returncode is None and waited < seconds:
        await asyncio.sleep(_LOOK_SECONDS)
        waited += _LOOK_SECONDS
    return process.returncode is not None
