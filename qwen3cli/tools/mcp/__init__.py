"""Tool servers that speak the Model Context Protocol: which are configured, and their tools, prompts and resources.

Everything that is asynchronous runs in one thread with an event loop (`loop`), and the official SDK is imported there
alone. Whoever uses tools sees `servers` and `configuration`, and no event loop. Does not decide what may be called.
"""
