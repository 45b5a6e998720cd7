"""Tools that a model may call: what each is, what a call of it returns, and where they come from.

Knows nothing of the model, the turn or the terminal. What a tool says is a stranger's text.
"""
