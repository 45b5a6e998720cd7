"""The rooms of the package: which may import which, and that none of their files outgrows its reader."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.rooms import ROOMS

import qwen3cli

PACKAGE = Path(qwen3cli.__file__).parent


def room_of(module: str) -> str | None:
    """The room of a module such as `models.hub`; None for the package's own few names."""
    parts = module.split(".")
    for room in (".".join(parts[:2]), parts[0]):
        if room in ROOMS:
            return room
    assert module in ("__init__", "__main__", ""), f"{module} is in no room: add it to ROOMS"
    return None


def imported(source: str) -> Iterator[str]:
    """Every module of ours that a source imports, wherever in the file, without the package's name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qwen3cli."):
            yield str(node.module).removeprefix("qwen3cli.")
        elif isinstance(node, ast.ImportFrom) and node.module == "qwen3cli":
            yield from (each.name for each in node.names if (PACKAGE / each.name).is_dir())
        elif isinstance(node, ast.Import):
            yield from (
                each.name.removeprefix("qwen3cli.")
                for each in node.names
                if each.name.startswith("qwen3cli.")
            )


def upward_imports(module: str, source: str) -> list[str]:
    """What a module imports from rooms above its own."""
    own = room_of(module)
    above = ROOMS[ROOMS.index(own) + 1 :] if own else ()
    return [f"{module} imports {name}" for name in imported(source) if room_of(name) in above]


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield ".".join(path.relative_to(PACKAGE).with_suffix("").parts), path


def test_imports_only_run_downwards():
    upwards = [
        each
        for module, path in modules()
        for each in upward_imports(module, path.read_text(encoding="utf-8"))
    ]
    assert upwards == []


@pytest.mark.parametrize(
    "planted",
    [
        "from qwen3cli.render.live import LiveRenderer",
        "import qwen3cli.commands.ask",
        "from qwen3cli import chat",
        "def late():\n    from qwen3cli.cli.app import run",
    ],
)
def test_a_planted_upward_import_is_found(planted):
    source = (PACKAGE / "turn" / "turn.py").read_text(encoding="utf-8")
    assert upward_imports("turn.turn", source) == []
    assert len(upward_imports("turn.turn", f"{source}\n{planted}\n")) == 1


def test_every_room_says_what_it_knows_and_what_it_does_not():
    silent = []
    for room in ROOMS:
        file = PACKAGE.joinpath(*room.split("."), "__init__.py")
        if not file.exists() and room == "demo.training":
            continue  # no part of an installed package
        text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        if not any(word in text for word in ("not", "no ", "nothing", "never")):
            silent.append(room)
    assert silent == []


def test_no_file_outgrows_its_reader():
    long = {
        module: count
        for module, path in modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
