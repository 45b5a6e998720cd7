"""Damage model files and see what becomes of whoever reads them: nothing but an answer or one line and its exit code.

    PYTHONPATH=tests python tests/support/fuzz_models.py headers|answers [--count 1000] [--seed 1] [--file FILE.gguf]

`headers` reads each mutant's header in this process; `answers` asks each one a question, in a process of its own. Prints
how many were taken, refused, and what fell: tracebacks, signals, hangs. The same seed makes the same mutants.
"""

import argparse
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from qwen3cli.base.errors import QwenError
from qwen3cli.demo import model_path
from qwen3cli.models.gguf import read_header

HANG_SECONDS = 120
WIDE = (0, 1, 2, 7, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1)
NARROW = (0, 1, 8, 9, 12, 13, 255, 2**16, 2**31 - 1, 2**31, 2**32 - 1)
FLOATS = (0.0, -1.0, 1e-45, 3e38, float("inf"), float("-inf"), float("nan"))
WORDS = (
    b"gpt2",
    b"llama",
    b"rwkv",
    b"bert",
    b"t5",
    b"plamo2",
    b"none",
    b"qwen2",
    b"qwen3moe",
    b"mamba",
    b"\xff\xfe\xfd",
)
TEMPLATES = (
    b"{{ 1/0 }}",
    b"{% for i in range(10**9) %}x{% endfor %}",
    b"{{ '\\ud800' }}",
    b"{{",
    b"\xff",
)


def mutants(source: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Damaged copies of a GGUF file, its length kept where that makes sense."""
    head = header_bytes(source)
    texts = [match.start() for match in re.finditer(rb"[ -~]{4,}", source[:head])]
    chance = random.Random(seed)
    for _ in range(count):
        mutant = bytearray(source)
        for _ in range(chance.choice((1, 1, 1, 2, 4, 16))):
            damage(mutant, head, texts, chance)
        yield bytes(mutant)


def header_bytes(source: bytes) -> int:
    with tempfile.NamedTemporaryFile(suffix=".gguf") as file:
        file.write(source)
        file.flush()
        return read_header(Path(file.name)).head_bytes


def damage(mutant: bytearray, head: int, texts: list[int], chance: random.Random) -> None:
    """One fault, most of them where the metadata is."""
    at = chance.randrange(min(len(mutant), chance.choice((32, 600, 4000, head))))
    kind = chance.randrange(8)
    if kind == 0:
        mutant[at] ^= 1 << chance.randrange(8)
    elif kind == 1:
        mutant[at : at + 8] = struct.pack("<Q", chance.choice(WIDE))
    elif kind == 2:
        mutant[at : at + 4] = struct.pack("<I", chance.choice(NARROW))
    elif kind == 3:
        mutant[at : at + 4] = struct.pack("<f", chance.choice(FLOATS))
    elif kind == 4:
        del mutant[at : at + chance.choice((1, 4, 8, 64))]
    elif kind == 5:
        mutant[at:at] = bytes(chance.randrange(256) for _ in range(chance.choice((1, 4, 8))))
    elif kind == 6 and texts:
        at = chance.choice(texts)
        word = chance.choice(WORDS + TEMPLATES)
        mutant[at : at + len(word)] = word
    else:
        del mutant[chance.randrange(len(mutant)) :]


def read(path: Path) -> str:
    """What became of reading the header here."""
    try:
        read_header(path)
    except QwenError:
        return "refused"
    except BaseException as problem:  # noqa: BLE001 - whatever it is, it fell
        return f"FELL: {type(problem).__name__}: {problem}"[:100]
    return "taken"


def ask(path: Path, home: Path) -> str:
    """What became of a whole question."""
    program = str(Path(sys.executable).with_name("qwen3"))
    command = [program, "ask", "-m", str(path), "-n", "8", "--temp", "0", "Hello"]
    variables = os.environ | {"HOME": str(home), "XDG_STATE_HOME": str(home)}
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env=variables,
            timeout=HANG_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "FELL: hangs"
    if b"Traceback" in done.stderr:
        return f"FELL: {done.stderr.splitlines()[-1].decode('utf-8', 'replace')}"[:100]
    if done.returncode < 0 or done.returncode not in (0, 2, 4, 6, 8, 9):
        return f"FELL: code {done.returncode}"
    return "taken" if done.returncode in (0, 9) else "refused"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("headers", "answers"))
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", type=Path, default=model_path())
    given = parser.parse_args()
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.gguf"
        for number, mutant in enumerate(mutants(given.file.read_bytes(), given.count, given.seed)):
            path.write_bytes(mutant)
            outcome = read(path) if given.what == "headers" else ask(path, Path(folder))
            outcomes[outcome] += 1
            if outcome.startswith("FELL"):
                print(f"{number}: {outcome}", flush=True)
    for outcome, count in outcomes.most_common():
        print(f"{count:6} {outcome}")


if __name__ == "__main__":
    main()
