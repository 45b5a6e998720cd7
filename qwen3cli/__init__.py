"""qwen3: run the Qwen3 hybrid-reasoning models on your own machine.

The package is a command-line tool; nothing here is a public Python interface but `__version__`.
"""

__version__ = "0.1.0"
