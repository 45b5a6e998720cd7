"""Every stream in every state: what is written arrives whole or is an error, and one's trouble costs no other."""

import os
import re
import subprocess
import threading
from pathlib import Path

import pytest
from support.command import LIMIT_SECONDS

import qwen3cli

PACKAGE = Path(qwen3cli.__file__).parent
GREETED = b"Hello! How can I help you?\n"
HELLO = ("ask", "--no-think", "--temp", "0", "Hello")
COMMANDS = {
    "--version": r"qwen3 \d",
    "--help": "Usage",
    "ask --help": "Usage",
    "models": "8b",
    "models --json": "8b",
    "fit": "8b",
    "doctor --offline": "engine",
    "ask Hello": "Hello",
    "ask --json Hello": "Hello",
}


def shell(qwen3, line: str, **streams) -> subprocess.CompletedProcess[bytes]:
    command = ["bash", "-c", f"exec {qwen3.program} {line}"]
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        cwd=qwen3.folder,
        timeout=LIMIT_SECONDS,
        check=False,
        **streams,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_behind_standard_output_is_one_line_and_exits_1(qwen3, command):
    done = shell(qwen3, f"{command} >/dev/full", capture_output=True)
    reason = "No space left on device"
    assert done.stderr.decode() == f"qwen3: cannot write standard output: {reason}\n"
    assert done.returncode == 1


@pytest.mark.parametrize("command", ["--version", "--help", "ask Hello"])
def test_a_standard_output_that_was_closed_before_the_start_is_one_line_and_exits_1(qwen3, command):
    done = shell(qwen3, f"{command} >&-", capture_output=True)
    assert done.stderr == b"qwen3: cannot write standard output: it is closed\n"
    assert done.returncode == 1


@pytest.mark.parametrize("command", ["--version", "fit", "ask Hello"])
@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", "<&-"])
def test_trouble_with_another_stream_does_not_cost_the_output(qwen3, command, redirection):
    done = shell(qwen3, f"{command} {redirection}", capture_output=True)
    assert re.search(COMMANDS[command], done.stdout.decode())
    assert done.returncode == 0


@pytest.mark.parametrize("flags", ["--thoughts -", "--verbose"])
def test_thoughts_that_standard_error_cannot_take_do_not_cost_the_answer(qwen3, flags):
    done = shell(qwen3, f"ask --think --temp 0 Hello {flags} 2>/dev/full", capture_output=True)
    assert done.stdout == GREETED


def test_nothing_is_written_into_a_file_that_got_the_number_of_a_closed_stream(qwen3, demo):
    before = demo.read_bytes()
    done = shell(qwen3, f"ask --verbose -m {demo} Hello <&- 2>&-", capture_output=True)
    assert (done.returncode, demo.read_bytes() == before) == (0, True)


@pytest.mark.parametrize(
    ("stream", "arguments", "last"),
    [
        (1, ["--show-prompt", "x" * 100_000], b"x<|im_end|>\n<|im_start|>assistant\n"),
        (2, ["--kv", "x" * 100_000, "hi"], b"try: qwen3 ask --help\n"),
    ],
)
def test_a_pipe_that_does_not_block_gets_every_byte(qwen3, stream, arguments, last):
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    command = ["bash", "-c", f'exec "$@" {3 - stream}>/dev/null {stream}>&{writing}', "bash"]
    process = subprocess.Popen(
        [*command, qwen3.program, "ask", *arguments],
        stdin=subprocess.DEVNULL,
        pass_fds=[writing],
        cwd=qwen3.folder,
    )
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        got = pipe.read()
    process.wait(60)
    assert b"x" * 100_000 in got
    assert got.endswith(last)


def test_standard_input_that_does_not_block_is_read_to_its_end(qwen3):
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    process = subprocess.Popen(
        [qwen3.program, "ask", "--show-prompt"],
        stdin=reading,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=qwen3.folder,
    )
    os.close(reading)
    text = b"word " * 30_000 + b"end"

    def write_slowly() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(text)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    shown, _ = process.communicate(timeout=LIMIT_SECONDS)
    writer.join()
    assert text in shown


def test_json_holds_nothing_a_terminal_obeys_and_says_the_same(qwen3):
    from json import loads

    from qwen3cli.render.json_output import as_json

    said = {"text": "a\x1b[2J\x7f\x9b\u202e\u2066 \udce9 \u65e5"}
    line = as_json(said)
    assert loads(line) == {"version": 1, **said}
    assert line.isprintable() or line.rstrip("\n").isprintable()
    line.encode()


def test_nothing_else_in_the_package_writes_to_a_stream():
    direct = re.compile(
        r"\bstd(out|err)__?\.|\bstd(out|err)\.(write|buffer|flush)\b|\becho\(|\bos\.write\("
    )
    writers = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "training" not in path.parts and direct.search(path.read_text(encoding="utf-8"))
    }
    # `--version` is answered before there is a stream; the workers' output is a pipe of ours, the journal's a file.
    workers = {"dialogue/template", "documents/converter", "render/picture", "turn/trial"}
    assert writers == {
        "cli/__init__.py",
        "sessions/journal.py",
        *(f"{each}_worker.py" for each in workers),
    }
