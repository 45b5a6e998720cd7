"""The engine: llama.cpp behind a small face of token ids. Only files in here know what a pointer is."""
