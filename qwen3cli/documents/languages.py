"""The language of a source file, as a fence names it, and back. By the file's suffix alone; unknown ones have none."""

import re
from pathlib import PurePath

_BY_SUFFIX = {
    ".bash": "bash", ".c": "c", ".cc": "cpp", ".cpp": "cpp", ".cs": "csharp", ".css": "css", ".csv": "csv", ".dart": "dart",
    ".diff": "diff", ".ex": "elixir", ".go": "go", ".h": "c", ".hpp": "cpp", ".hs": "haskell", ".ini": "ini", ".java": "java",
    ".jl": "julia", ".js": "javascript", ".json": "json", ".jsonl": "json", ".jsx": "jsx", ".kt": "kotlin", ".lua": "lua",
    ".mjs": "javascript", ".patch": "diff", ".php": "php", ".pl": "perl", ".ps1": "powershell", ".py": "python", ".r": "r",
    ".rb": "ruby", ".rs": "rust", ".scala": "scala", ".scss": "scss", ".sh": "bash", ".sql": "sql", ".swift": "swift",
    ".tex": "latex", ".toml": "toml", ".ts": "typescript", ".tsv": "tsv", ".tsx": "tsx", ".vue": "vue", ".xml": "xml",
    ".yaml": "yaml", ".yml": "yaml", ".zig": "zig", ".zsh": "bash",
}  # fmt: skip
_SHORT_WORD = re.compile(r"[a-z0-9]{1,10}")
_BY_NAME = {"dockerfile": "dockerfile", "makefile": "makefile", "cmakelists.txt": "cmake"}


def language_of(name: str) -> str:
    """Such as `python` for `a/b.py`; empty where it is not known."""
    path = PurePath(name)
    return _BY_NAME.get(path.name.lower()) or _BY_SUFFIX.get(path.suffix.lower(), "")


def suffix_of(language: str) -> str:
    """Such as `.py` for `python`; a word that is no language here is taken for the suffix itself."""
    own = f".{language}"
    known = [suffix for suffix, name in _BY_SUFFIX.items() if name == language]
    if known and own not in known:
        return known[0]
    return own if _SHORT_WORD.fullmatch(language) else ".txt"
