"""What `qwen3 models` does: one file for each word behind it."""
