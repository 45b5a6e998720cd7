"""`/save-code` and `/copy`: the last answer, or its code, taken elsewhere."""

from qwen3cli.base.errors import UsageProblem
from qwen3cli.chat.clipboard import copied_by
from qwen3cli.chat.slash.save import name_of_now, new_path, write_file
from qwen3cli.chat.state import Chat
from qwen3cli.dialogue.extraction import Block, fenced_blocks
from qwen3cli.documents.languages import suffix_of

CODE = "code"


def save_code(chat: Chat, argument: str) -> None:
    """Write the last block of the last answer to a file."""
    block = _last_block(chat)
    path = new_path(argument, name_of_now(suffix_of(block.language)), "/save-code!")
    write_file(path, block.text)
    chat.say(f"saved {path}")


def copy(chat: Chat, argument: str) -> None:
    """Put the last answer, or its last block, on the clipboard."""
    if argument not in ("", CODE):
        raise UsageProblem(f"/copy takes {CODE}, or nothing", f"/copy {CODE}")
    text = _last_block(chat).text if argument else _last_answer(chat)
    way = copied_by(text, chat.environment)
    chat.say(f"copied {len(text):,} characters, {way}")


def _last_answer(chat: Chat) -> str:
    last = chat.conversation.last_answer()
    if last is None or not last.content:
        raise UsageProblem("there is no answer yet")
    return last.content


def _last_block(chat: Chat) -> Block:
    blocks = fenced_blocks(_last_answer(chat))
    if not blocks:
        raise UsageProblem("the last answer has no fenced block", "/save, or /copy")
    return blocks[-1]
