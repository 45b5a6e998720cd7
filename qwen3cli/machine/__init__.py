"""What this machine has, and the arithmetic of what fits into it: cores, memory, bandwidth, GPU layers.

Knows headers and catalogue entries, from which it takes shapes; never opens a model, and never imports llama.cpp.
"""
