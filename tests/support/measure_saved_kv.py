"""Time a second question on the same document, in a new process, beside the first: tokens, seconds to the first token.

    PYTHONPATH=tests python tests/support/measure_saved_kv.py MODEL.gguf [--tokens 3000] [--pairs 3]

Each pair begins with an empty folder. A model of `write_model.py` has the true speed and a token for each letter.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def asked(folder: Path, model: Path, question: str) -> dict[str, Any]:
    """One question on the document, in a process of its own."""
    qwen3 = str(Path(sys.executable).with_name("qwen3"))
    command = [qwen3, "ask", "-m", str(model), "--no-think", "-n", "1", "--json", "-q"]
    done = subprocess.run(
        [*command, "-f", "document.txt", question],
        cwd=folder,
        env=os.environ | {"XDG_CACHE_HOME": str(folder)},
        stdout=subprocess.PIPE,
        check=False,
    )
    return dict(json.loads(done.stdout))


def pair(model: Path, letters: int) -> float:
    """How long the second question took to its first token, over the first one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = " ".join(str(number * 7919 % 10_007) for number in range(letters))
        (folder / "document.txt").write_text(text[:letters], encoding="utf-8")
        first, second = (asked(folder, model, each) for each in ("What is it?", "And who?"))
    for each in (first, second):
        usage, seconds = each["usage"], each["timings"]["first_token_seconds"]
        print(
            f"{usage['prompt_tokens']:6,} tokens, {usage['saved_tokens']:6,} saved: {seconds:7.2f} s"
        )
    ratio = second["timings"]["first_token_seconds"] / first["timings"]["first_token_seconds"]
    return float(ratio)


if __name__ == "__main__":
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("model", type=Path)
    flags.add_argument("--tokens", type=int, default=3000)
    flags.add_argument("--pairs", type=int, default=3)
    given = flags.parse_args()
    ratios = [pair(given.model.resolve(), given.tokens) for _ in range(given.pairs)]
    print(
        f"second over first: median {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f}"
    )
