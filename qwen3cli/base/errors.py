"""Everything that can go wrong for a user, as one family.

    QwenError
    ├── UsageProblem          the request itself makes no sense                      exit 2
    ├── ModelNotFound         no such model, or not on this disk                     exit 3
    ├── DoesNotFit            the memory of this machine is too small                exit 4
    ├── DownloadFailed        network, hub, disk space                               exit 5
    │   ├── SourceFailed      one source cannot give it; another may                 exit 5
    │   └── DigestMismatch    the bytes that came are not the bytes that were pinned exit 5
    ├── ServerFailed          a tool server cannot be started or reached             exit 5
    ├── EngineFailed          llama.cpp could not do what was asked                  exit 6
    │   └── BadModelFile      the file is damaged, foreign or hostile                exit 6
    ├── ToolFailed            a tool's call failed, or was not allowed               exit 7
    ├── PromptTooLong         the prompt does not fit the context                    exit 8
    ├── CutShort              the answer ran out of tokens, context or memory        exit 9
    ├── FormatNotMet          the answer has not the form that was asked for         exit 10
    ├── OutputClosed          whoever read our output has read enough                exit 0, without a word
    ├── OutputFailed          standard output cannot be written: a full disk         exit 1
    ├── FileNotWritten        a file that was asked for cannot be: a full disk       exit 5
    └── Interrupted           the user left                                          exit 130
        └── AnswerStopped     the same, once an answer had begun                     exit 130, without a word

Each carries what happened (`message`), the next thing to type (`hint`), its exit code, so that the command line needs no
ladder, and what a program that reads JSON is told of the work that was done (`fields`). Programming mistakes are not in the family. This module imports nothing of ours: it is
the ground that prevents import loops.
"""

from collections.abc import Mapping
from enum import IntEnum, unique
from typing import Any


@unique
class ExitCode(IntEnum):
    """What the process says to its caller. Part of the compatibility contract: never renumbered."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NO_MODEL = 3
    NO_MEMORY = 4
    NO_DOWNLOAD = 5
    ENGINE = 6
    TOOL = 7
    PROMPT_TOO_LONG = 8
    CUT_SHORT = 9
    SCHEMA = 10
    HANGUP = 129  # from here on: 128 and the number of the signal, as shells have it
    INTERRUPTED = 130
    TERMINATED = 143


class QwenError(Exception):
    """Something the user can read and act on. `message` is one line; `hint` is the command or flag that helps."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fields: Mapping[str, Any] = {}


class UsageProblem(QwenError):
    """The request makes no sense as given."""

    exit_code = ExitCode.USAGE


class ModelNotFound(QwenError):
    """No model of that name, no file at that path, or not downloaded while off line."""

    exit_code = ExitCode.NO_MODEL


class DoesNotFit(QwenError):
    """The model, or the context asked for, needs more memory than there is."""

    exit_code = ExitCode.NO_MEMORY


class DownloadFailed(QwenError):
    """The network, the hub or the disk ended a download. What came is kept."""

    exit_code = ExitCode.NO_DOWNLOAD


class SourceFailed(DownloadFailed):
    """One source cannot give a file; another may."""


class DigestMismatch(DownloadFailed):
    """The file that came is not the file that was pinned. It was set aside."""


class ServerFailed(QwenError):
    """A tool server cannot be started or reached, or speaks no protocol that is known."""

    exit_code = ExitCode.NO_DOWNLOAD


class EngineFailed(QwenError):
    """llama.cpp refused or failed."""

    exit_code = ExitCode.ENGINE


class BadModelFile(EngineFailed):
    """The model file is not a GGUF, is cut short, is of an unknown kind, or carries a hostile template."""


class ToolFailed(QwenError):
    """A tool's call failed, or was not allowed."""

    exit_code = ExitCode.TOOL


class PromptTooLong(QwenError):
    """The prompt has more tokens than the context can hold. Nothing was cut."""

    exit_code = ExitCode.PROMPT_TOO_LONG


class CutShort(QwenError):
    """The answer ended because something ran out. What came is printed."""

    exit_code = ExitCode.CUT_SHORT


class FormatNotMet(QwenError):
    """The answer does not meet its schema, or has no block to extract. What came is printed."""

    exit_code = ExitCode.SCHEMA


class OutputClosed(QwenError):
    """The reader of standard output is gone (`| head -1`). Nothing is wrong, and nothing is said."""

    exit_code = ExitCode.DONE


class OutputFailed(QwenError):
    """Standard output cannot be written: a full disk, for instance."""


class FileNotWritten(QwenError):
    """A file beside the answer, or for it, cannot be written. The answer is on standard output."""

    exit_code = ExitCode.NO_DOWNLOAD


class Interrupted(QwenError):
    """The user left with Ctrl-C."""

    exit_code = ExitCode.INTERRUPTED


class AnswerStopped(Interrupted):
    """The user ended the answer. What came is printed, and they know why."""
