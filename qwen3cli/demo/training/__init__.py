"""What made the demo model: a program of its own, above every room it uses, and part of no installed package.

`corpus` and its tasks write the conversations, `tokens` the vocabulary, `network` is the model in PyTorch, `train`
trains it, `export` writes the GGUF and `evaluate` measures it.
"""
