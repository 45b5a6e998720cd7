"""The outermost edge: whatever is raised below becomes one line, the next thing to type, and an exit code.

The only `try` around everything. A traceback is shown with QWEN3_DEBUG=1 and never else, also for what goes wrong in a
thread, or while Python takes itself apart at the end.
"""

import contextlib
import os
import sys
import threading
import traceback
from typing import Any

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import AnswerStopped, ExitCode, OutputClosed, QwenError
from qwen3cli.base.plaintext import visible
from qwen3cli.base.shortage import shortage
from qwen3cli.base.signals import (
    LastResort,
    exit_code_of,
    send_again,
    signal_behind,
    unwind_on_signals,
)
from qwen3cli.base.streams import take_over_streams

_REPORT = "the same with QWEN3_DEBUG=1, and report what it shows together with: qwen3 doctor"


def run() -> None:
    """Run the command line and leave with its exit code."""
    unwind_on_signals()
    take_over_streams()
    environment = Environment.current()
    _quieten(environment)
    with contextlib.suppress(OSError, RuntimeError):  # without a thread to spare it goes without
        LastResort(environment)
    sys.exit(_exit_code(environment))


def _exit_code(environment: Environment) -> int:
    try:
        from qwen3cli.cli.app import command_line

        return command_line(environment)
    except OutputClosed as closed:
        return closed.exit_code
    except KeyboardInterrupt:
        ending: QwenError = AnswerStopped("interrupted")
    except Exception as problem:  # noqa: BLE001 - here everything ends
        ending = _tell(problem, environment)
    with contextlib.suppress(QwenError):  # standard output may be what failed
        for hear in environment.on_failure:
            hear(ending)
    return ending.exit_code


def _tell(problem: BaseException, environment: Environment) -> QwenError:
    """What happened, and what to type next, on standard error."""
    if environment.debug:
        traceback.print_exception(problem)
    error = _as_error(problem)
    if isinstance(error, AnswerStopped):
        return error
    hint = f"  try: {error.hint}\n" if error.hint else ""
    # Names and messages may come from a model's file or from a hub, and a log is read on a terminal too.
    environment.stderr.put(visible(f"qwen3: {error.message}\n{hint}"))
    return error


def _as_error(problem: BaseException) -> QwenError:
    """The family's member for anything else that was raised."""
    if number := signal_behind(problem):
        stopped = AnswerStopped("interrupted")
        stopped.exit_code = ExitCode(exit_code_of(number))
        return stopped
    known = shortage(problem)
    if known is not None:
        return known
    match problem:
        case QwenError():
            return problem
        case OSError(errno=int(), strerror=str(reason), filename=name):
            place = f": {os.fsdecode(name)}" if isinstance(name, str | bytes) else ""
            return QwenError(f"{reason}{place}", _REPORT)
    message = " ".join(str(problem).split())
    return QwenError(f"unexpected {type(problem).__name__}: {message}", _REPORT)


def _quieten(environment: Environment) -> None:
    """What Python would write itself: about threads, about what `__del__` raises, about what is raised at the end."""

    def thread_ended(problem: threading.ExceptHookArgs) -> None:
        if problem.exc_value is not None:
            _tell(problem.exc_value, environment)

    def nobody_hears(problem: Any) -> None:
        send_again(problem.exc_value)
        if environment.debug:
            sys.__unraisablehook__(problem)

    def at_the_end(_type: type[BaseException], problem: BaseException, _trace: Any) -> None:
        if not isinstance(problem, KeyboardInterrupt):
            _tell(problem, environment)

    threading.excepthook = thread_ended
    sys.unraisablehook = nobody_hears
    sys.excepthook = at_the_end
