"""A conversation gone on with: its end shown as it was, and what to do with an answer that is unfinished."""

from contextlib import closing

from qwen3cli.base.units import time_text
from qwen3cli.chat.state import Chat
from qwen3cli.chat.turns import view
from qwen3cli.dialogue.events import AnswerDelta
from qwen3cli.dialogue.messages import Message, Role
from qwen3cli.sessions.values import Session, State

_OFFERS = {
    State.UNFINISHED: "The last answer is unfinished: its process was ended. /continue goes on with it, /regen answers again.",
    State.CUT: "The last answer was cut short. /continue goes on with it, /regen answers again.",
}


def resume(chat: Chat, session: Session) -> None:
    """Take up what was said, and show where it ended."""
    conversation = chat.conversation
    conversation.system = conversation.system or session.head.system
    conversation.messages = session.messages
    plural = "" if len(session.turns) == 1 else "s"
    chat.say(
        f"{session.head.title} ({session.head.key}): {len(session.turns)} question{plural},"
        f" the last on {time_text(session.head.changed)}"
    )
    if not session.turns:
        return
    last = session.turns[-1]
    chat.say(f"> {last.question.content}", indent=2)
    if len(last.messages) == 1:  # no word of an answer came
        conversation.undo()
        chat.draft = chat.line(last.question)
        chat.say("There was no answer yet; the question stands in the line.")
        return
    _show(chat, last.messages[-1])
    if last.state in _OFFERS:
        chat.say(_OFFERS[last.state])


def _show(chat: Chat, message: Message) -> None:
    if message.role is Role.ASSISTANT and message.content:
        with closing(view(chat)) as renderer:
            renderer.handle(AnswerDelta(message.content))
