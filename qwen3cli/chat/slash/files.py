"""`/read`, `/glob`, `/files` and `/drop`: files that go with the next message."""

import shlex
from glob import iglob
from itertools import islice
from pathlib import Path

from qwen3cli.base.errors import UsageProblem
from qwen3cli.base.paths import user_path
from qwen3cli.base.units import count_text
from qwen3cli.chat.mentions import plain
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.messages import Document
from qwen3cli.documents.files import read_name
from qwen3cli.documents.text import read_document
from qwen3cli.documents.web import is_address

_GLOB_MOST_FILES = 100
_TOLD = 3  # of the files that were skipped or guessed at; of the others the number


def read(chat: Chat, argument: str) -> None:
    """Attach a file, or several."""
    if not argument:
        raise UsageProblem("/read needs a file", "/read notes.md")
    if _is_more_than_a_file(argument):
        documents = chat.read_named(plain(argument))
    else:
        documents = [chat.read(path) for path in _paths(argument)]
    chat.attach(documents)
    for each in documents:
        chat.say(
            f"attached {each.name} ({count_text(chat.tokens([each]))} tokens);"
            " it goes with your next message"
        )


def glob(chat: Chat, argument: str) -> None:
    """Attach every file that matches; what cannot be read is skipped."""
    if not argument:
        raise UsageProblem("/glob needs a pattern", "/glob src/**/*.py")
    pattern = str(user_path(plain(argument)))
    names = iglob(pattern, recursive=True)  # noqa: PTH207 - Path's takes hidden files, and fails at odd patterns
    paths = sorted(
        islice((path for path in map(Path, names) if path.is_file()), _GLOB_MOST_FILES + 1)
    )
    if not paths:
        raise UsageProblem(f"no file matches {argument}")
    if len(paths) > _GLOB_MOST_FILES:
        raise UsageProblem(f"{argument} matches more than {_GLOB_MOST_FILES} files")
    documents, remarks = [], []
    for path in paths:
        try:
            reading = read_document(path)
        except UsageProblem as problem:
            remarks.append(f"skipped: {problem.message}")
            continue
        documents.append(reading.document)
        remarks += reading.remarks
    chat.attach(documents)
    more = [f"and {len(remarks) - _TOLD} more"] if len(remarks) > _TOLD else []
    chat.say("; ".join([f"attached {_sum(chat, documents)}", *remarks[:_TOLD], *more]))


def files(chat: Chat, _argument: str) -> None:
    """List what is attached."""
    if not chat.attachments:
        chat.say("nothing is attached: /read FILE, /glob PATTERN, or @path in a message")
        return
    width = max(len(each.name) for each in chat.attachments)
    for each in chat.attachments:
        chat.say(f"{each.name:{width}}  {count_text(chat.tokens([each])):>7} tokens")
    chat.say(_sum(chat, chat.attachments))


def drop(chat: Chat, argument: str) -> None:
    """Take one attached file off again."""
    wanted = plain(argument)
    found = [each for each in chat.attachments if each.name == wanted] or [
        each for each in chat.attachments if Path(each.name).name == wanted
    ]
    if len(found) != 1:
        reason = "is the name of more than one" if found else "is not attached"
        raise UsageProblem(f"{argument} {reason}" if argument else "/drop needs a name", "/files")
    chat.attachments.remove(found[0])
    chat.say(f"{found[0].name} is not attached any more")


def _is_more_than_a_file(argument: str) -> bool:
    """Whether a part of a file is named, or an address."""
    named = read_name(plain(argument))
    return is_address(named.name) or (named.pages, named.excerpt) != (None, None)


def _sum(chat: Chat, documents: list[Document]) -> str:
    """How many there are, and how much of the context they take."""
    cache = chat.current.loaded.cache
    plural = "" if len(documents) == 1 else "s"
    return (
        f"{len(documents)} file{plural}, {count_text(chat.tokens(documents))} tokens;"
        f" the context has {count_text(cache.limit_tokens)}, of which {count_text(cache.used_tokens)} are used"
    )


def _paths(argument: str) -> list[Path]:
    """One path, whatever is in it, in quotes or not; or several."""
    whole = [user_path(each) for each in (argument, plain(argument))]
    try:
        words = [user_path(each) for each in shlex.split(argument)]
    except ValueError:  # a quote that is not closed
        words = []
    for paths in (whole[:1], whole[1:], words):
        if paths and all(each.exists() for each in paths):
            return paths
    return whole[1:]
