"""The order of the rooms, which one test holds and CONTRIBUTING shows."""

# Lowest first. A room imports from itself and from rooms below it. `demo.training` is a program of its own on top.
ROOMS = (
    "base",
    "demo",
    "dialogue",
    "models",
    "machine",
    "documents",
    "engine",
    "tools",
    "sessions",
    "turn",
    "render",
    "commands",
    "chat",
    "cli",
    "demo.training",
)
