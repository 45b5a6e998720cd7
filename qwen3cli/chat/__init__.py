"""The conversation in the terminal: line editor, slash commands, and the loop that binds them to turns.

Knows the terminal and the keyboard; does not know how an answer is made or drawn.
"""
