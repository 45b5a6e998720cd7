"""`/read`, `/glob`, `/files` and `/drop`: files that go with the next message."""

import shlex
from collections.abc import Sequence
from fnmatch import fnmatchcase
from glob import iglob
from itertools import islice
from pathlib import Path

from qwen3cli.base.errors import PromptTooLong, UsageProblem
from qwen3cli.base.paths import user_path
from qwen3cli.base.units import count_text
from qwen3cli.chat.mentions import plain
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.messages import Document
from qwen3cli.documents.files import read_name
from qwen3cli.documents.text import read_document
from qwen3cli.documents.web import is_address

_GLOB_MOST_FILES = 100
_TOLD = 3  # files that are told by name; of more the number


def read(chat: Chat, argument: str) -> None:
    """Attach a file, several, or all of a folder."""
    if not argument:
        raise UsageProblem("/read needs a file", "/read notes.md")
    if _is_more_than_a_file(argument):
        documents = chat.read_named(plain(argument))
    else:
        documents = [chat.read(path) for path in _paths(argument)]
    _attach(chat, documents)
    say_attached(chat, documents)


def say_attached(chat: Chat, documents: Sequence[Document]) -> None:
    """What goes with the next message from here on; of many the number."""
    if len(documents) > _TOLD:
        chat.say(f"attached {_sum(chat, documents)}")
        return
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
    _attach(chat, documents)
    more = [f"and {len(remarks) - _TOLD} more"] if len(remarks) > _TOLD else []
    chat.say("; ".join([f"attached {_sum(chat, documents)}", *remarks[:_TOLD], *more]))


def _attach(chat: Chat, documents: Sequence[Document]) -> None:
    try:
        chat.attach(documents)
    except PromptTooLong as problem:
        raise PromptTooLong(f"not attached: {problem.message}", problem.hint) from None


def files(chat: Chat, _argument: str) -> None:
    """List what the model has read, and what goes with the next message."""
    sent = _sent(chat)
    if not (sent or chat.attachments):
        chat.say("nothing is attached: /read FILE, /glob PATTERN, or @path in a message")
        return
    width = max(len(each.name) for each in [*sent, *chat.attachments])
    for documents, state in ((sent, "sent"), (chat.attachments, "goes with your next message")):
        for each in documents:
            tokens = count_text(chat.tokens([each]))
            chat.say(f"{each.name:{width}}  {tokens:>7} tokens, {state}", indent=4)
    if chat.attachments:
        chat.say(_sum(chat, chat.attachments))


def drop(chat: Chat, argument: str) -> None:
    """Take an attached file off again, or all that match a pattern."""
    wanted = plain(argument)
    if not wanted:
        raise UsageProblem("/drop needs a name or a pattern", "/files; /drop * is all")
    attached = chat.attachments
    found = (
        [each for each in attached if each.name == wanted]
        or [each for each in attached if Path(each.name).name == wanted]
        or [each for each in attached if _matches(each, wanted)]
    )
    if not found:
        sent = any(each.name == wanted or _matches(each, wanted) for each in _sent(chat))
        reason = "was sent already" if sent else "is not attached"
        raise UsageProblem(f"{argument} {reason}", "/undo takes it back" if sent else "/files")
    chat.attachments = [each for each in attached if each not in found]
    dropped = ", ".join(each.name for each in found[:_TOLD])
    more = f" and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    chat.say(f"not attached any more: {dropped}{more}")


def _matches(document: Document, pattern: str) -> bool:
    return any(fnmatchcase(name, pattern) for name in (document.name, Path(document.name).name))


def _sent(chat: Chat) -> list[Document]:
    return [document for message in chat.conversation.messages for document in message.documents]


def _is_more_than_a_file(argument: str) -> bool:
    """Whether a part of a file is named, a folder, or an address."""
    named = read_name(plain(argument))
    is_part = (named.pages, named.excerpt) != (None, None)
    return is_part or is_address(named.name) or user_path(named.name).is_dir()


def _sum(chat: Chat, documents: Sequence[Document]) -> str:
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
