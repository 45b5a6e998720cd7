"""Conversations on disk: written as they happen, found again, never lost.

A turn is written to a file of its own while it runs (`journal`), and moved into the database once it is over
(`recorder`, `store`). A process that was killed leaves its file behind; whoever opens the store next takes it up. Knows
messages and JSON; knows no model, no terminal and no command.
"""
