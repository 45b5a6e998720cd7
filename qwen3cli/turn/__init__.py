"""One turn: a model brought to life, a conversation read, an answer made within its limits.

Knows the engine, the template and the thinking policy, and yields events; prints nothing, stores nothing, and does not
know who listens.
"""
