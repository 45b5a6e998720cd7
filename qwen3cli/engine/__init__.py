"""llama.cpp: a model in memory, its KV cache, and the loop that makes tokens.

Knows tokens, bytes and memory, and is the only room that imports the bindings; does not know what the text means.
"""
