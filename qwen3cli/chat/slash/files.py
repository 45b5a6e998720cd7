"""`/read` and `/glob`: files that go with the next message."""

from pathlib import Path

from qwen3cli.base.errors import UsageProblem
from qwen3cli.chat.state import Chat

_GLOB_MOST_FILES = 100


def read(chat: Chat, argument: str) -> None:
    """Attach one file."""
    if not argument:
        raise UsageProblem("/read needs a file", "/read notes.md")
    chat.attach(Path(argument).expanduser())


def glob(chat: Chat, argument: str) -> None:
    """Attach every file that matches."""
    if not argument:
        raise UsageProblem("/glob needs a pattern", "/glob src/**/*.py")
    pattern = Path(argument).expanduser()
    root = Path(pattern.anchor)
    files = sorted(path for path in root.glob(str(pattern.relative_to(root))) if path.is_file())
    if not files:
        raise UsageProblem(f"no file matches {argument}")
    if len(files) > _GLOB_MOST_FILES:
        raise UsageProblem(
            f"{argument} matches {len(files):,} files, which is more than {_GLOB_MOST_FILES}"
        )
    chat.attach(*files)
