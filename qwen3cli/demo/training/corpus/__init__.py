"""Made-up conversations for the demo model, one file a task. Everything follows from a `random.Random`."""
