"""The slash commands: `registry` lists them, and each says which function of which file here runs it.

A command is a function of the chat and what stands behind its name. What it returns, if anything, is sent next. Its
errors are ordinary ones and end nothing.
"""
