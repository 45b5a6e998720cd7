"""A catalogue with one small model, and the places where its file ends up."""

import os
from pathlib import Path

from support.hub_server import COMMIT

REPOSITORY = "Qwen/Test-GGUF"
FILE = "Test-Q8_0.gguf"
# Larger than the pieces the client reads, so that a drop falls into the middle of the file.
CONTENT = os.urandom(6 * 2**20)

ENTRY = """
[[model]]
name = "test"
title = "Test"
thinking = "hybrid"
license = "Apache-2.0"
parameters = 6
layers = 2
width = 64
heads = 4
kv_heads = 2
head_size = 16
feed_forward = 128
native_context = 4096
default = "q8_0"
repository = "{repository}"
revision = "{commit}"
files = [
    {files}
]
"""


def add_entry(home: Path, files: str) -> None:
    folder = home / ".config" / "qwen3"
    folder.mkdir(parents=True, exist_ok=True)
    entry = ENTRY.format(repository=REPOSITORY, commit=COMMIT, files=files)
    (folder / "models.toml").write_text(entry, encoding="utf-8")


def cached(home: Path, path: str = FILE) -> Path:
    return home / ".cache/huggingface/hub/models--Qwen--Test-GGUF/snapshots" / COMMIT / path


def assert_whole(done, home: Path) -> None:
    assert done.code == 0, done.stderr
    assert cached(home).read_bytes() == CONTENT
