"""Headers of GGUF files: a stranger's data, so every way of being wrong is one `BadModelFile`."""

import os
import struct

import pytest
from support.fuzz_models import mutants, read

from qwen3cli.base.errors import BadModelFile
from qwen3cli.models.gguf import read_header


def test_damaged_headers_are_read_or_refused(demo, tmp_path):
    path = tmp_path / "mutant.gguf"
    fallen = []
    for number, mutant in enumerate(mutants(demo.read_bytes(), 300, seed=1)):
        path.write_bytes(mutant)
        outcome = read(path)
        if outcome.startswith("FELL"):
            fallen.append((number, outcome))
    assert fallen == []


def a_file_with(value: bytes) -> bytes:
    key = b"general.name"
    return b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, len(key)) + key + value + bytes(4096)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (struct.pack("<I", 13), "unknown metadata type 13"),
        (struct.pack("<IIQ", 9, 13, 1000), "an array of type 13"),
        (struct.pack("<IIQ", 9, 9, 1), "an array of type 9"),
        (struct.pack("<IIQ", 9, 4, 2**60), "its header ends too early"),
        (struct.pack("<IQ", 8, 2**63), "its header ends too early"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, value, says):
    path = tmp_path / "wrong.gguf"
    path.write_bytes(a_file_with(value))
    with pytest.raises(BadModelFile) as refused:
        read_header(path)
    assert says in refused.value.message


def test_a_pipe_is_no_model_and_is_not_waited_for(qwen3, tmp_path):
    os.mkfifo(tmp_path / "pipe.gguf")
    done = qwen3("ask", "-m", "pipe.gguf", "hi")
    assert done.code in (3, 6)
    assert "Traceback" not in done.stderr
