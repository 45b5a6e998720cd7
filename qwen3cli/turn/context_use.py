"""What the context holds, by what it is: system message, tools, each file, what was said before, the prompt itself.

The parts are counted apart from each other. What the whole prompt has beyond them is the prompt's own: what was typed last,
and the words of the template around everything.
"""

from collections.abc import Callable, Sequence

from qwen3cli.dialogue.events import ContextUse
from qwen3cli.dialogue.messages import Message, Role

PIPED_NAME = "standard input"


def context_use(
    messages: Sequence[Message],
    count: Callable[[str], int],
    prompt_tokens: int,
    tool_tokens: int,
    limit_tokens: int,
) -> ContextUse:
    """Of a prompt made of `messages`, the last of which is the question. `count` tells the tokens of a text."""
    files = tuple(
        (document.name or PIPED_NAME, count(document.as_block()))
        for message in messages
        for document in message.documents
    )
    system = sum(count(each.content) for each in messages if each.role is Role.SYSTEM)
    history = sum(count(each.content) for each in messages[:-1] if each.role is not Role.SYSTEM)
    apart = system + tool_tokens + history + sum(tokens for _, tokens in files)
    prompt = max(0, prompt_tokens - apart)
    return ContextUse(system, tool_tokens, files, history, prompt, 0, 0, limit_tokens)
