"""What each command does, once its flags are read: one file for each word of the command line.

Knows every room below, and writes results to the process's streams through `render`; knows no flags and no Typer.
"""
