"""The embedded demo model: real, tiny, and here before any download.

At run time only the path is asked for. The rest of this folder made the file: `corpus` and its tasks write the
conversations, `tokens` the vocabulary, `network` is the model in PyTorch, `train` trains it, `export` writes the GGUF
and `evaluate` measures it. None of that is imported by the command line.
"""

from pathlib import Path

FILE_NAME = "qwen3-demo-q8_0.gguf"


def model_path() -> Path:
    """Where the demo model's GGUF lies."""
    return Path(__file__).with_name(FILE_NAME)
