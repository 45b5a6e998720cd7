"""Measure the memory that one answer takes, beside what `qwen3 fit` says of it. CPU only; run it on a quiet machine.

    python tests/support/measure_memory.py FILE [--ctx 1024] [--kv f16]

A random model of a real shape (write_model.py) serves as well as the real one: its bytes are the same. The prompt fills
the context, so that every part of the sum is used in full.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from qwen3cli.machine.attention import KvType
from qwen3cli.machine.memory import shape_of_file
from qwen3cli.machine.plan import LoadOptions, Resources, plan_for
from qwen3cli.models.gguf import read_model

# What the chat template, the name of the attached file and the first token of an answer take of the context.
AROUND_TOKENS = 64
# The answer is cut after one token on purpose: exit code 9.
CUT_SHORT = 9
# getrusage(2): kilobytes, but bytes on macOS.
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


def estimated_bytes(path: Path, context_tokens: int, kv_type: KvType) -> int:
    """The sum, as `fit` has it for a machine without a GPU."""
    options = LoadOptions(context_tokens=context_tokens, kv_type=kv_type)
    return plan_for(shape_of_file(read_model(path)), Resources(0), options).sum.total_bytes


def measured_bytes(path: Path, context_tokens: int, kv_type: KvType) -> int:
    """The peak resident memory of a real `qwen3 ask` whose prompt fills the context. One byte is one token."""
    with tempfile.NamedTemporaryFile(suffix=".txt") as prompt:
        prompt.write(b"7" * (context_tokens - AROUND_TOKENS))
        prompt.flush()
        asked = ["ask", "-m", path, "-n", "1", "--ctx", context_tokens, "--kv", kv_type]
        placed = ["--gpu-layers", "0", "-f", prompt.name, "-q"]
        program = Path(sys.executable).with_name("qwen3")
        # A file that is new here is tried in a child first, which is not what is measured.
        subprocess.run(
            [program, "ask", "-m", path, "-n", "1", "7"], capture_output=True, check=False
        )
        process = subprocess.Popen([program, *map(str, asked + placed)], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, CUT_SHORT):
        sys.exit(f"qwen3 ended with {process.returncode}")
    return usage.ru_maxrss * _MAXRSS_BYTES


if __name__ == "__main__":
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("file", type=Path)
    flags.add_argument("--ctx", type=int, default=1024)
    flags.add_argument("--kv", type=KvType, default=KvType.F16)
    given = flags.parse_args()
    measured = measured_bytes(given.file, given.ctx, given.kv)
    estimated = estimated_bytes(given.file, given.ctx, given.kv)
    print(
        f"{given.file.name}, {given.ctx:,} tokens, {given.kv}: "
        f"measured {measured / 2**20:,.0f} MiB, estimated {estimated / 2**20:,.0f} MiB, "
        f"{estimated / measured - 1:+.1%}"
    )
