"""What can be wrong with the store of conversations."""

from qwen3cli.base.errors import QwenError


class StoreProblem(QwenError):
    """The conversations cannot be read or written: a full disk, a lock, a folder that is not ours."""


class DamagedStore(StoreProblem):
    """The database is damaged."""


class NewerStore(StoreProblem):
    """A later version of this program has changed the database; it is left untouched."""
