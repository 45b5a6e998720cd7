"""Damaged and hostile files of every structured kind that is read, GGUF apart (`fuzz_models`): nothing but an answer or one
line and its exit code.

    PYTHONPATH=tests python tests/support/fuzz_files.py given|home [--count 1000] [--seed 1]

`given`  files that a user is given (exports of conversations, servers, templates, questions, schemas, reports, tables), read
         in this process, and conversations shown as pages
`home`   a home in which everything was done once: one of its files is damaged, then the commands run in it

Prints what fell. The same seed makes the same files.
"""

import argparse
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.fuzz_models import TEMPLATES
from support.fuzz_text import HANG_SECONDS, a_text
from support.parrot import write_parrot

from qwen3cli.base.errors import QwenError
from qwen3cli.commands.compare.exam import read_exam
from qwen3cli.commands.sessions.forms import as_markdown
from qwen3cli.commands.templates import load_template
from qwen3cli.documents.items import read_inputs
from qwen3cli.models.bundle import read_list
from qwen3cli.models.catalogue_file import read_catalogue
from qwen3cli.render.bench_json import read_report
from qwen3cli.render.page.conversation import conversation_page
from qwen3cli.sessions.imports import sessions_in
from qwen3cli.tools.mcp.configuration import read_file
from qwen3cli.turn.answer_format import schema_format

# What is shown of an error that nobody foresaw.
_FELL = re.compile(b"Traceback|unexpected [A-Z]\\w+:")
QWEN3 = str(Path(sys.executable).with_name("qwen3"))
_DEEP = 3_000


def _node(name: str, parent: str | None, role: str, **content: Any) -> dict[str, Any]:
    message = {
        "id": name,
        "author": {"role": role},
        "create_time": 1.7e9,
        "content": content,
        "metadata": {},
    }
    return {"id": name, "parent": parent, "children": [], "message": message}  # fmt: skip


_SAID = {"id": "a", "parentId": None, "role": "user", "content": "2 < 3?", "timestamp": 1700000001,
         "files": [{"name": "n.txt", "file": {"data": {"content": "x"}}}]}  # fmt: skip
_ANSWERED = {"id": "b", "parentId": "a", "role": "assistant", "model": "m", "timestamp": 1700000002,
             "content": '<details type="reasoning" done="true"><summary>T</summary>\n&gt; 2\n</details>\nYes.'}  # fmt: skip
_REPLY = {
    "role": "assistant",
    "content": "5",
    "thinking": "2 + 3",
    "tool_calls": [{"name": "a", "arguments": {"b": [1]}}],
}
_MESSAGE = {
    "role": "user",
    "content": "2 + 3?",
    "documents": [{"name": "a", "text": "b", "language": ""}],
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: a valid one, and how it is read."""

    name: str
    valid: Any  # JSON, or text
    read: Callable[[Path], object]


def _import(path: Path) -> None:
    for session in sessions_in(path)[:3]:
        page = conversation_page(session)
        assert "<script>alert" not in page
        as_markdown(session, thoughts=True)


def _own_models(path: Path) -> None:
    read_catalogue({"XDG_CONFIG_HOME": str(path.parent.parent)})


def _items(path: Path) -> None:
    read_inputs([str(path)], None, io.BytesIO(), zero_bytes=False)


KINDS: tuple[Kind, ...] = (
    Kind("chatgpt.json", [{"title": "T", "create_time": 1.7e9, "conversation_id": "c", "current_node": "3", "mapping": {
        "1": _node("1", None, "user", content_type="text", parts=["Where?"]),
        "2": _node("2", "1", "assistant", content_type="thoughts", thoughts=[{"summary": "S", "content": "C"}]),
        "3": _node("3", "2", "assistant", content_type="text", parts=["<script>alert(1)</script>"])}}], _import),
    Kind("webui.json", [{"id": "w", "title": "S", "created_at": 1700000000, "updated_at": 1700000100, "chat": {
        "title": "S", "models": ["m"], "params": {"system": "B"}, "timestamp": 1700000000000,
        "history": {"currentId": "b", "messages": {"a": _SAID, "b": _ANSWERED}}}}], _import),
    Kind("llm.json", [{"id": "1", "model": "m", "prompt": "Why?", "system": None, "response": "B", "conversation_id": "c",
        "conversation_name": "W", "datetime_utc": "2025-03-01T10:00:00+00:00"}], _import),
    Kind("saved.json", {"version": 1, "model": "demo", "messages": [{"role": "system", "content": "B"}, _MESSAGE,
        {"role": "assistant", "content": "5", "reasoning_content": "2 + 3", "tool_calls": [
            {"type": "function", "function": {"name": "a", "arguments": {"b": [1]}}}]}]}, _import),
    Kind("own.json", {"format": "qwen3-sessions", "version": 1, "sessions": [{
        "head": {"key": "abcde", "kind": "ask", "title": "T", "created": 1.7e9, "changed": 1.7e9, "settings": {}, "system": "",
            "named": False, "place": "", "origin": None},
        "turns": [{"uid": "u", "number": 0, "started": 1.7e9, "state": "whole", "messages": [_MESSAGE, _REPLY], "receipt": {"model": {"title": "m"}}}]}]}, _import),
    Kind("servers.json", {"mcpServers": {"a": {"command": "x", "args": ["${A:-b}"], "env": {"K": "${V}"}, "timeout": 3},
        "b": {"type": "http", "url": "https://x/", "headers": {"A": "b"}, "oauth": {"clientId": "c"}}}}, read_file),
    Kind("qwen3-models.json", {"files": [{"file": "a.gguf", "path": "a.gguf", "bytes": 1, "sha256": "0" * 64,
        "repository": "A/B", "revision": "0" * 40}]}, lambda path: read_list(path.parent)),
    Kind("before.json", {"date": "d", "model": "m", "digest": "e", "machine": "x", "threads": 2, "kv_type": "f16", "build": "b",
        "figures": [{"name": "prefill", "unit": "tok/s", "runs": [1.0, 2.0], "warm_up": 1.5}]}, read_report),
    Kind("exam.jsonl", {"question": "2 + 3?", "answer": "5", "choices": ["1", "5"]},
        lambda path: read_exam(str(path))),
    Kind("items.jsonl", {"text": "a", "n": [1, {"b": None}]}, _items),
    Kind("items.csv", "a,b\n1,\"x\ny\"\n3,4\n", _items),
    Kind("schema.json", {"type": "object", "properties": {"a": {"type": "string", "pattern": "^a+$"}, "b": {"$ref": "#/$defs/c"}},
        "required": ["a"], "$defs": {"c": {"oneOf": [{"const": 1}, {"enum": ["x", None]}]}}, "additionalProperties": False},
        lambda path: schema_format(str(path))),
    Kind("models.toml", '[[model]]\nname = "t"\ntitle = "T"\nthinking = "hybrid"\nlicense = "x"\nparameters = 6\nlayers = 2\n'
        "width = 64\nheads = 4\nkv_heads = 2\nhead_size = 16\nfeed_forward = 128\nnative_context = 4096\ndefault = \"q8_0\"\n"
        'repository = "A/B"\nrevision = "main"\nfiles = [{ quant = "q8_0", path = "a.gguf", bytes = 3 }]\n', _own_models),
    Kind("t.toml", 'description = "d"\nprompt = "Say {{ a }}"\nsystem = "s"\n[params]\na = "y"\n[sampling]\nmin_p = 0.5\n',
        load_template),
)  # fmt: skip

_ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 10**400, 1e308, -0.5, float("nan"), float("inf"), "", "x", "\x00", "\ud800", "../../x", "a" * 100_000, [], {},
    [[]], {"": {}}, [None] * 3, "<script>alert(1)</script>", "2025-13-45", "9" * 5000, "{{ x }}", "${HOME}", "(a+)+$",
)  # fmt: skip


def damaged(valid: Any, chance: random.Random) -> bytes:
    """A file that is wrong in a value, or in its bytes, or in neither."""
    if isinstance(valid, str):
        data = valid.encode()
    else:
        value = json.loads(json.dumps(valid))
        for _ in range(chance.choice((0, 1, 1, 1, 2, 5))):
            value = _with_odd_value(value, chance)
        data = json.dumps(value).encode()
    for _ in range(
        chance.choice((0, 0, 0, 1, 3)) if not isinstance(valid, str) else chance.choice((1, 2, 5))
    ):
        data = _with_odd_bytes(data, chance)
    return data  # fmt: skip


def _with_odd_value(value: Any, chance: random.Random) -> Any:
    """The value with one place of it changed, left out or said twice."""
    inner = (
        [value] if not isinstance(value, dict | list) or not value or chance.random() < 0.15 else []
    )
    if inner:
        odd = chance.choice([*_ODD, a_text(chance, 5)])
        return {"a": value} if chance.random() < 0.05 else odd
    key = chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
    changed = value.copy()
    if (act := chance.random()) < 0.1:
        del changed[key]
    elif act < 0.15 and isinstance(changed, dict):
        changed[a_text(chance, 3)] = changed.pop(key)
    elif act < 0.2 and isinstance(changed, list):
        changed *= chance.choice((2, 9))
    else:
        changed[key] = _with_odd_value(value[key], chance)
    return changed


def _with_odd_bytes(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    odd = (
        b"\0",
        b"\xff\xfe",
        b"\x1b[2J",
        b'"',
        b"{",
        b"[" * _DEEP,
        b"]",
        b"\n",
        b"-1e999",
        b"\xf0\x9f",
        *TEMPLATES,
    )
    match chance.randrange(4):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + chance.choice(odd) + data[at:]
        case 2:
            return data[:at] + data[at + chance.choice((1, 4, 100)) :]
        case _:
            return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]  # fmt: skip


def fault_of_given(chance: random.Random) -> str:
    """What came of reading a file, if that is anything but an answer or a refusal."""
    kind = chance.choice(KINDS)
    content = damaged(kind.valid, chance)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "qwen3" / kind.name
        path.parent.mkdir()
        path.write_bytes(content)
        try:
            kind.read(path)
        except QwenError:
            pass
        except Exception as problem:  # noqa: BLE001 - whatever it is, it fell
            return f"{kind.name}: {type(problem).__name__}: {problem}: {content[:2000]!r}"
    return ""


# ---- a home ----------------------------------------------------------------------------------------------------------

_EVERYTHING: tuple[tuple[str, ...], ...] = (
    ("ask", "--no-think", "Hello"),
    ("ask", "-m", "parrot.gguf", "hi"),
    ("ask", "--no-think", "-f", "long.txt", "What is it?"),
    ("config", "set", "size", "demo"),
    ("map", "--no-think", "{}", "items.txt", "--output", "out.txt"),
    ("mcp", "add", "x", "true"),
)  # fmt: skip
_AFTERWARDS: tuple[tuple[str, ...], ...] = (
    ("ask", "--no-think", "--temp", "0", "Hello"),
    ("ask", "-m", "parrot.gguf", "hi"),
    ("ask", "-c", "--no-think", "Hello"),
    ("ask", "--no-think", "-f", "long.txt", "What is it?"),
    ("sessions", "list"),
    ("sessions", "search", "hello"),
    ("models",),
    ("fit", "demo"),
    ("cache", "list"),
    ("doctor", "--offline"),
    ("config", "get", "size"),
    ("mcp", "list"),
    ("map", "--no-think", "{}", "items.txt", "--output", "out.txt"),
)  # fmt: skip


def lived_in(folder: Path) -> Path:
    """A home in which everything was done once."""
    home = folder / "home"
    home.mkdir()
    write_parrot(home / "parrot.gguf", b"Hello there.")
    (home / "long.txt").write_text("All is well. " * 300, encoding="utf-8")
    (home / "items.txt").write_text("Hello\nHi\n", encoding="utf-8")
    for command in _EVERYTHING:
        run(home, command)
    return home


def run(home: Path, command: Sequence[str]) -> "subprocess.CompletedProcess[bytes]":
    """A command in a home of its own."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    variables |= {"HOME": str(home), "HF_ENDPOINT": "http://127.0.0.1:9", "QWEN3_SIZE": "demo"}
    return subprocess.run(
        [QWEN3, *command], cwd=home, env=variables, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=HANG_SECONDS, check=False,
    )  # fmt: skip


def fault_in_home(home: Path, chance: random.Random) -> str:
    """What a command did in a copy of the home one of whose files is damaged, if that is anything but its work or a line."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "home"
        shutil.copytree(home, copy, symlinks=True)
        files = sorted(path for path in copy.rglob("*") if path.is_file() and path.stat().st_size)
        file = chance.choice(files)
        content = file.read_bytes()
        for _ in range(chance.choice((1, 1, 3))):
            content = _with_odd_bytes(content, chance)
        file.write_bytes(content)
        for command in chance.sample(_AFTERWARDS, 3):
            try:
                done = run(copy, command)
            except subprocess.TimeoutExpired:
                return f"{command} hangs with {file.relative_to(copy)}"
            if _FELL.search(done.stderr) or not 0 <= done.returncode <= 10:
                return (
                    f"{command} with {file.relative_to(copy)}: {done.returncode}, {done.stderr!r}"
                )
    return ""


def faults(what: str, count: int, seed: int) -> Iterator[str]:
    """What fell, of so many files."""
    with tempfile.TemporaryDirectory() as folder:
        home = lived_in(Path(folder)) if what == "home" else Path(folder)
        for number in range(count):
            chance = random.Random(f"{what} {seed} {number}")
            fault = fault_of_given(chance) if what == "given" else fault_in_home(home, chance)
            if fault:
                yield f"{number}: {fault}"


def main() -> None:
    """Fuzz and print what fell."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("what", choices=("given", "home"))
    arguments.add_argument("--count", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=1)
    told = arguments.parse_args()
    fell = 0
    for fault in faults(told.what, told.count, told.seed):
        fell += 1
        print(fault, flush=True)
    print(f"{told.count} files, seed {told.seed}: {fell} fell")


if __name__ == "__main__":
    main()
