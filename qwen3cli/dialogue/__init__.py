"""What is said between a user and a model: messages, the prompt they make, the events an answer is made of.

Knows text, and Qwen3's prompt format; knows no tokens, no files, no machine and no terminal. Sampling values live here
too, since a conversation carries them and the catalogue names them.
"""
