"""What becomes of the thoughts behind an answer: whether they are shown, and in which file they are kept."""

from dataclasses import dataclass
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import FileNotWritten, UsageProblem

_TO_STDERR = Path("-")


@dataclass(frozen=True, slots=True)
class ThoughtsRequest:
    """What was asked of the thoughts; `file` `-` shows them on standard error, also where that is no terminal."""

    hide: bool = False
    file: Path | None = None

    def are_shown(self, environment: Environment, *, quiet: bool) -> bool:
        """Whether they go to standard error as they come."""
        shown = environment.stderr_is_terminal and not quiet
        return not self.hide and (shown or self.file == _TO_STDERR)

    def check(self) -> None:
        """Find out before the model works, not after it, that they cannot be written. What is in the file stays.

        Raises:
            UsageProblem: they cannot.
        """
        if self.file is None or self.file == _TO_STDERR:
            return
        try:
            self.file.open("a", encoding="utf-8").close()
        except OSError as problem:
            raise UsageProblem(
                f"cannot write the thoughts to {self.file}: {problem.strerror}", "name another file"
            ) from None

    def written(self, thoughts: str) -> FileNotWritten | None:
        """Write them, if that was asked for; returns what went wrong, since the answer comes first."""
        if self.file is None or self.file == _TO_STDERR:
            return None
        try:
            self.file.write_text(thoughts + "\n" if thoughts else "", encoding="utf-8")
        except OSError as problem:
            return FileNotWritten(f"cannot write the thoughts to {self.file}: {problem.strerror}")
        return None
