"""A page that we draw: the model is asked for the substance of a document, part by part where it is long.

A part is as long as leaves the model as much room to answer; then one question more puts the parts under one title.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from qwen3cli.base.environment import Environment
from qwen3cli.base.errors import FormatNotMet, PromptTooLong
from qwen3cli.commands.ask import AskRequest
from qwen3cli.commands.turn_runner import TurnRunner
from qwen3cli.commands.webpage.asking import Asking
from qwen3cli.commands.webpage.placing import Found, placed
from qwen3cli.commands.webpage.request import PageRequest
from qwen3cli.commands.webpage.substance import (
    Substance,
    article_of,
    groups_of_summaries,
    is_empty,
    read_substance,
    substance_format,
    title_and_summary,
    whole_format,
)
from qwen3cli.dialogue.messages import Document, Message, Role
from qwen3cli.documents.illustrations import illustrations_of
from qwen3cli.documents.parts import cut_into_parts
from qwen3cli.render.page.article import article_page
from qwen3cli.render.page.values import Picture

# The most tokens of one part. The time to read a prompt grows with the square of its length, and small models lose what is
# in the midst of long ones; a part of this length has its substance said in a few thousand tokens.
_MOST_PART_TOKENS = 8192
_LEAST_PART_TOKENS = 256  # less than that says too little to be asked about
# Of all pictures in a page; a third more as text, and still quick to open and to send.
_MOST_PICTURE_BYTES = 6 * 2**20
_MOST_NAMES = 3  # of documents that a page names as its source

_PART = "This is part {at} of {count} of the document. Say what this part holds, and nothing of the others."
_WHOLE = """Below are the titles and summaries of all parts of one document, in their order. Write one title and one summary, \
of at most five sentences, of the whole document, in the language of the summaries."""


class DrawnPage:
    """Makes one page. `came` is what the model gave for it so far, `thoughts` what it thought."""

    def __init__(
        self,
        request: AskRequest,
        page: PageRequest,
        runner: TurnRunner,
        environment: Environment,
    ) -> None:
        self._page = page
        self._runner = runner
        self._request = request
        self._environment = environment
        self._asking = Asking(request, runner, environment)

    @property
    def came(self) -> str:
        """The substance so far, a JSON object for each part."""
        return self._asking.came

    @property
    def thoughts(self) -> str:
        """What was thought for all of it."""
        return self._asking.thoughts

    def prompts(self, messages: Sequence[Message]) -> list[Sequence[Message]]:
        """What the model is asked, of each part.

        Raises:
            PromptTooLong: there is no room for a document at all.
        """
        *before, question = messages
        parts = self._parts(messages)
        return [[*before, self._question(question, parts, at)] for at in range(len(parts))]

    def page(self, messages: Sequence[Message]) -> str:
        """The page of the documents that go with the last message.

        Raises:
            QwenError: the model could not be run, its answer is not whole, or there is nothing in it.
        """
        *before, question = messages
        prompts = self.prompts(messages)
        substance = [
            self._substance(prompt, at + 1, len(prompts)) for at, prompt in enumerate(prompts)
        ]
        whole = self._whole(before, substance)
        article = article_of(substance, whole, _source(question.documents))
        if is_empty(article):
            raise FormatNotMet(
                "the model found nothing in the document to show",
                "ask once more, or a larger model",
            )
        article = replace(article, author=self._page.author(article.author))
        return article_page(placed(article, self._pictures(question.documents)))

    def _pictures(self, documents: Sequence[Document]) -> list[Found]:
        """The pictures of all documents that are files, under one cap, each with the text around it."""
        found: dict[str, Found] = {}
        room = _MOST_PICTURE_BYTES
        for name in dict.fromkeys(each.name for each in documents if each.name):
            pictures = illustrations_of(Path(name), self._request.question.pages_of(name), room)
            room -= sum(len(each.data) for each in pictures.inside)
            for each in pictures.inside:
                found.setdefault(each.address, (Picture(each.address, page=each.page), each.around))
            for out in pictures.outside:
                found.setdefault(out.address, (Picture(out.address, out.text), out.around))
            for remark in pictures.remarks:
                self._say(remark)
        return list(found.values())

    def _parts(self, messages: Sequence[Message]) -> list[tuple[Document, ...]]:
        """The documents together where they fit, and else each in parts that do; it is said how many.

        Raises:
            PromptTooLong: there is no room for a document at all.
        """
        most = self._room(messages)
        documents = messages[-1].documents
        counts = [self._runner.loaded.count(each.text) for each in documents]
        tokens = sum(counts)
        if tokens <= most:
            return [documents]
        parts: list[tuple[Document, ...]] = [
            (replace(each, text=text),)
            for each in documents
            for text in cut_into_parts(each.text, most, self._runner.loaded.count)
            if text.strip()
        ]
        self._say(f"{tokens:,} tokens are read in {len(parts)} parts of at most {most:,}")
        return parts

    def _room(self, messages: Sequence[Message]) -> int:
        """How many tokens of a document one prompt takes: half of what the context holds beside the question."""
        *before, question = messages
        bare = tuple(replace(each, text="") for each in question.documents)
        runner, limit = self._runner, self._runner.loaded.cache.limit_tokens
        empty = [*before, replace(question, content=f"{question.content}\n{_PART}", documents=bare)]
        options = runner.options(self._request.settings, empty)
        prompt = runner.loaded.prompt(empty, options, runner.interrupts, any_length=True)[1]
        room = (limit - len(prompt)) // 2
        if room < _LEAST_PART_TOKENS:
            wanted = len(prompt) + 4 * _LEAST_PART_TOKENS
            raise PromptTooLong(
                f"the question takes {len(prompt):,} of the context's {limit:,} tokens, which leaves"
                " too little for a document",
                f"make room with --ctx {wanted}",
            )
        return min(room, _MOST_PART_TOKENS)

    def _question(
        self, question: Message, parts: Sequence[tuple[Document, ...]], at: int
    ) -> Message:
        told = _PART.format(at=at + 1, count=len(parts)) if len(parts) > 1 else ""
        content = "\n\n".join(filter(None, (question.content, told)))
        return replace(question, content=content, documents=parts[at])

    def _substance(self, messages: Sequence[Message], number: int, count: int) -> Substance:
        doing = f"part {number} of {count}" if count > 1 else "the document's substance"
        if count > 1:
            self._say_plainly(doing)
        return read_substance(self._asking.answer(messages, f"{doing}: ", substance_format()))

    def _whole(self, before: Sequence[Message], parts: Sequence[Substance]) -> Substance:
        """One title and summary, from those of the parts: of groups of them first, where they are many."""
        if len(parts) == 1:
            return parts[0]
        asked = Message(Role.USER, _WHOLE)
        most = self._room([*before, asked])
        groups = groups_of_summaries(parts, most, self._runner.loaded.count)
        if len(groups) > 1:
            return self._whole(before, [self._whole(before, group) for group in groups])
        said = Document("", "\n\n".join(map(title_and_summary, parts)))
        question = [*before, replace(asked, documents=(said,))]
        return read_substance(self._asking.answer(question, "the whole: ", whole_format()))

    def _say(self, text: str) -> None:
        if not self._request.quiet:
            self._environment.stderr.put(f"qwen3: {text}\n")

    def _say_plainly(self, text: str) -> None:
        """On a terminal a line of progress says it, and goes away."""
        if not self._environment.stderr_is_terminal:
            self._say(text)


def _source(documents: Sequence[Document]) -> str:
    """What the documents are called; nothing for what was piped in."""
    names = list(dict.fromkeys(Path(each.name).name for each in documents if each.name))
    more = " …" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
