"""Model files: which exist, which one a name means, where it is on this disk, and how it gets here.

Knows the catalogue, the hub and its cache, and what a GGUF says of itself; does not know this machine, and loads nothing.
"""
