"""Where our files live. Functions of the variables, no directory is created by asking.

XDG variables are honoured on every system; without them Unix (macOS too: this is a terminal program) gets the XDG
defaults and Windows its AppData folders. `~/.qwen` belongs to another program and is never touched.
"""

import os
from collections.abc import Mapping
from pathlib import Path

APPLICATION = "qwen3"


def config_folder(variables: Mapping[str, str]) -> Path:
    """The user's own settings and model entries."""
    return _folder(variables, "XDG_CONFIG_HOME", ".config", "APPDATA")


def data_folder(variables: Mapping[str, str]) -> Path:
    """What must not be lost: conversations, recorded digests."""
    return _folder(variables, "XDG_DATA_HOME", ".local/share", "LOCALAPPDATA")


def sessions_folder(variables: Mapping[str, str]) -> Path:
    """Where conversations are kept, in a folder of their own that nobody else can look into."""
    return data_folder(variables) / "sessions"


def state_folder(variables: Mapping[str, str]) -> Path:
    """What is handy but can go: the prompt history."""
    return _folder(variables, "XDG_STATE_HOME", ".local/state", "LOCALAPPDATA")


def cache_folder(variables: Mapping[str, str]) -> Path:
    """What can be computed again."""
    return _folder(variables, "XDG_CACHE_HOME", ".cache", "LOCALAPPDATA")


def home(variables: Mapping[str, str]) -> Path:
    """The home folder as the variables give it, so that a test can move it."""
    named = variables.get("HOME") or variables.get("USERPROFILE")
    return Path(named) if named else Path.home()


def _folder(variables: Mapping[str, str], xdg: str, under_home: str, windows: str) -> Path:
    chosen = variables.get(xdg) or (variables.get(windows) if os.name == "nt" else None)
    base = Path(chosen) if chosen else home(variables) / under_home
    return base / APPLICATION


def user_path(name: str) -> Path:
    """The path that a user names. As in a shell, an unknown user's home is no home but a name."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)
