"""The conversation in the terminal: line editor, slash commands, and the loop that binds them to turns."""
