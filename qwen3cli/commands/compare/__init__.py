"""What `compare` does: one prompt, or many questions, over several ways to answer."""
