"""The ground: errors, units, text made safe, the process's streams and variables, folders, settings.

Knows the system it runs on; knows nothing of models, prompts or commands.
"""
