"""The embedded demo model: real, tiny, and here before any download. At run time only its path is asked for.

`training/` made the file. It is in a checkout only, not in an installed package, and no command imports it.
"""

from pathlib import Path

FILE_NAME = "qwen3-demo-q8_0.gguf"


def model_path() -> Path:
    """Where the demo model's GGUF lies."""
    return Path(__file__).with_name(FILE_NAME)
