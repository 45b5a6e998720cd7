"""What made the demo model: a program of its own, above every room it uses, and part of no installed package.

`corpus` and its tasks write the conversations, `tokens` the vocabulary, `network` is the model in PyTorch, `train`
trains it, `export` writes the GGUF and `evaluate` measures it.

To train it again, an hour on two cores, in a checkout:

    pip install '.[demo]'
    python -m qwen3cli.demo.training.train --out qwen3cli/demo/qwen3-demo-q8_0.gguf
    python -m qwen3cli.demo.training.evaluate

To change its chat template alone, edit `chat_template.jinja`, then write it into a copy of the GGUF by
`gguf-new-metadata --chat-template-file`, a command of the `gguf` package: the weights stay as they are to the bit, and a
test compares the two texts.
"""
