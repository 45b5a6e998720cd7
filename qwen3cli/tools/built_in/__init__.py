"""Our own tools, each off unless it is named. None of them runs code, a shell or another program."""
