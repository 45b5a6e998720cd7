"""Files in, text out: what a user attaches to a prompt.

Knows encodings and fences; knows no prompt, no model and no terminal.
"""
