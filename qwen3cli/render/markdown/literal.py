"""What is no Markdown, though it stands in it: formulas and Windows paths. Every character of them is kept.

CommonMark takes a backslash before punctuation for its own, and `_` and `*` for emphasis; LaTeX and paths mean them.
These are rules for markdown-it's parser. Where there is no formula and no path, CommonMark's rules hold.
"""

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

# A formula longer than this is taken for none. It bounds how often a text is looked at again.
_FORMULA_CHARACTERS = 2000
_FORMULA_LINES = 50

_CLOSERS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}
_ENVIRONMENT = re.compile(r"\\begin\{([A-Za-z]{1,20}\*?)\}")
# `$x$` as pandoc reads it, so that prices are none: no blank inside the dollars, no digit or letter right outside.
_DOLLARS = re.compile(r"\$(?![\s$])[^$]*?(?<![\s\\])\$(?!\w)")
# A drive or a server, then names. What could be Markdown's own (`*`, a bracket, a backtick) ends it.
_PATH_PARTS = re.compile(r"(?:\\[^\s\\*`<>|\"\[\]()]*)+")
_SERVER = re.compile(r"\\\\(?=\w)")
_DRIVE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]:$")
# LaTeX's own outside of a formula: `50\%`, `\\` at the end of a line or before a word, one half of a formula.
_KEPT_ESCAPE = re.compile(r"\\(?:[%()]|\\(?=\w|\s|$)|\[(?=\s|$))|(?<=\s)\\\]|^\\\]")
_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")


def literal(state: StateInline, silent: bool) -> bool:
    """markdown-it's inline rule: take a formula or a path at this place as it stands."""
    source, start = state.src, state.pos
    if source[start] == "$":
        end = _dollars_end(source, start)
    elif source[start] == "\\":
        end = _formula_end(source, start) or _path_end(source, start) or _escape_end(source, start)
    else:
        return False
    if not start < end <= state.posMax:
        return False
    if not silent:
        state.push("text", "", 0).content = source[start:end]
    state.pos = end
    return True


def formula_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """markdown-it's block rule: a formula on lines of its own is no list and no heading, whatever its lines begin with.

    As long as more text may come (`env["open"]`), one that is not closed yet counts.
    """
    first = _line(state, start_line)
    closer = _closer_of(first)
    if closer is None or state.is_code_block(start_line):
        return False
    for line in range(start_line, min(end_line, start_line + _FORMULA_LINES)):
        text = _line(state, line)
        if not text or state.sCount[line] < state.blkIndent:
            return False
        at = text.find(closer, len(closer) if line == start_line else 0)
        if at >= 0:
            return at + len(closer) == len(text) and _formula(state, start_line, line + 1, silent)
    reaches_end = len(state.src) - state.eMarks[end_line - 1] <= 1  # but for a line end
    return state.env["open"] and reaches_end and _formula(state, start_line, end_line, silent)


def _formula(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    if not silent:
        state.line = end_line
        token = state.push("formula", "", 0)
        token.content = state.getLines(start_line, end_line, state.blkIndent, False)
        token.map = [start_line, end_line]
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()


def _closer_of(text: str) -> str | None:
    """What ends the formula that begins here."""
    environment = _ENVIRONMENT.match(text)
    return f"\\end{{{environment[1]}}}" if environment else _CLOSERS.get(text[:2])


def _formula_end(source: str, start: int) -> int:
    closer = _closer_of(source[start : start + 40])
    if closer is None:
        return 0
    at = source.find(closer, start + 2, start + _FORMULA_CHARACTERS)
    if at < 0 or not any(character.isalnum() for character in source[start + 2 : at]):
        return 0
    return at + len(closer)


def _dollars_end(source: str, start: int) -> int:
    if source.startswith("$$", start):
        return _formula_end(source, start)
    if start and (source[start - 1].isalnum() or source[start - 1] == "$"):
        return 0
    found = _DOLLARS.match(source, start)
    return found.end() if found else 0


def _path_end(source: str, start: int) -> int:
    if _DRIVE.search(source, max(0, start - 3), start):
        begin = start
    elif server := _SERVER.match(source, start):
        begin = server.end() - 1
    else:
        return 0
    path = _PATH_PARTS.match(source, begin)
    assert path is not None, "it begins with a backslash"
    return path.end() if begin == start or "\\" in path[0][1:] else 0


def _escape_end(source: str, start: int) -> int:
    """Beyond an escape that LaTeX means, unless it stands among others, which is how Markdown's are written."""
    kept = _KEPT_ESCAPE.match(source, start)
    if kept is None or _ESCAPED.match(source, kept.end()) or _is_escape_before(source, start):
        return 0
    return kept.end()


def _is_escape_before(source: str, start: int) -> bool:
    return start >= 2 and _ESCAPED.fullmatch(source, start - 2, start) is not None
