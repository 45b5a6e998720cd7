"""A system that is short of memory, files or threads: one line, the right code, and nothing held against a file."""

import fcntl
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import LIMIT_SECONDS, wait_until
from support.parrot import write_parrot
from support.pipes import waiting_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these limits are Linux's")


def limited(qwen3, limits: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command below a shell that set the limits."""
    return subprocess.run(
        ["sh", "-c", f'ulimit {limits}; exec "$0" "$@"', qwen3.program, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("kibibytes", [90_000])
def test_too_few_addresses_are_code_4_and_a_line(qwen3, kibibytes):
    done = limited(qwen3, f"-v {kibibytes}", "ask", "--no-think", "hi")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("qwen3: ")
    assert "memory" in done.stderr.splitlines()[0]
    assert len(done.stderr.splitlines()) == 2


def test_enough_addresses_for_the_demo_are_enough(qwen3):
    done = limited(qwen3, "-v 600000", "ask", "--no-think", "hi")
    assert (done.returncode, done.stderr) == (0, "")


def test_fit_promises_what_the_limit_has(qwen3):
    done = limited(qwen3, "-v 2000000", "fit", "4b")
    assert done.returncode == 4
    assert "GiB of memory is free" in done.stderr
    assert float(done.stderr.partition("and ")[2].split()[0]) < 2


@pytest.mark.parametrize("files", [8])
def test_too_few_files_are_told_with_the_limit(qwen3, files):
    done = limited(qwen3, f"-n {files}", "ask", "--no-think", "hi")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == "  try: raise the limit: ulimit -n 256"


def test_threads_that_cannot_be_had_are_missed_before_llama_cpp_ends_the_process_over_them():
    code = (
        "import resource; from qwen3cli.base.shortage import shortage;"
        "from qwen3cli.machine.hardware import check_threads; check_threads(2);"
        "resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20))\n"
        "try: check_threads(100)\n"
        "except RuntimeError as problem: print(shortage(problem).message)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"no further thread or process can be started\n"


def test_what_was_short_when_a_file_was_tried_is_not_held_against_it(qwen3, tmp_path):
    model = str(write_parrot(tmp_path / "parrot.gguf", b"One two."))
    for limits in ("-n 8", "-n 10", "-n 12", "-v 150000", "-v 250000"):
        limited(qwen3, limits, "ask", "-m", model, "hi")
    assert qwen3("ask", "-m", model, "hi").stdout == b"One two.\n"


def test_memory_that_runs_out_during_an_answer_cuts_it_short_and_is_told(qwen3):
    """A pipe with little room holds the answer up while memory is taken away."""
    reading, writing = os.pipe()
    room = fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096) - 200
    os.write(writing, bytes(room))
    process = subprocess.Popen(
        [qwen3.program, "ask", "--no-think", "--temp", "0", "Count to 300"],
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=qwen3.folder,
    )
    os.close(writing)
    wait_until(lambda: waiting_bytes(reading) > room or process.poll() is not None)
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    taken = int(status.partition("VmSize:")[2].split()[0]) * 1024
    resource.prlimit(process.pid, resource.RLIMIT_AS, (taken + 2**20, taken + 2**20))
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()[room:]
    _, errors = process.communicate(timeout=LIMIT_SECONDS)
    assert errors == (
        b"qwen3: the answer is cut short: the memory for a longer context was used up\n"
        b"  try: ask for a shorter one\n"
    )
    assert process.returncode == 9
    assert said.startswith(b"1\n2\n3\n")
    assert b"\n300\n" not in said
