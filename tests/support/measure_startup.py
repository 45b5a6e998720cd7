"""Time how long `qwen3` takes to start, beside a Python that does nothing: medians of runs in turn, on a quiet machine.

    python tests/support/measure_startup.py [MODEL.gguf] [--runs 21]

With a model also the time and the peak memory of an answer of one token, beside the bindings' own chat call with a
context of 4,096 tokens and with the model's whole context.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

# getrusage(2): kilobytes, but bytes on macOS.
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
WHOLE_CONTEXT_TOKENS = 40_960
BINDINGS = """
import sys, llama_cpp
model = llama_cpp.Llama(sys.argv[1], n_ctx=int(sys.argv[2]), n_threads=int(sys.argv[3]), verbose=False)
model.create_chat_completion([{"role": "user", "content": "hi"}], max_tokens=1)
"""


def commands(model: Path | None) -> dict[str, list[str]]:
    """What is measured, by the name it is shown under."""
    qwen3 = str(Path(sys.executable).with_name("qwen3"))
    found = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "qwen3 --version": [qwen3, "--version"],
        "qwen3 --help": [qwen3, "--help"],
    }
    if model is not None:
        from qwen3cli.machine.hardware import physical_cores

        threads = str(physical_cores())
        found["qwen3 ask"] = [qwen3, "ask", "-m", str(model), "--no-think", "-n", "1", "-q", "hi"]
        for context in (4096, WHOLE_CONTEXT_TOKENS):
            bindings = [sys.executable, "-c", BINDINGS, str(model), str(context), threads]
            found[f"bindings, {context:,}"] = bindings
    return found


def measured(command: list[str]) -> tuple[float, float]:
    """Seconds and peak resident MiB of one run."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - started, usage.ru_maxrss * MAXRSS_BYTES / 2**20


if __name__ == "__main__":
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("model", type=Path, nargs="?")
    flags.add_argument("--runs", type=int, default=21)
    given = flags.parse_args()
    asked = commands(given.model)
    rounds = [
        {name: measured(command) for name, command in asked.items()} for _ in range(given.runs)
    ]
    for name in asked:
        seconds = statistics.median(each[name][0] for each in rounds)
        peak = statistics.median(each[name][1] for each in rounds)
        print(f"{name:20} {seconds * 1000:7,.0f} ms  {peak:7,.0f} MiB")
