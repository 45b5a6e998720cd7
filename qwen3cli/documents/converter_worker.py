"""The child process that turns a document into text: `python -P -m qwen3cli.documents.converter_worker KIND SUFFIX`.

Parsers of office files and PDFs are large, and a document is a stranger's. So the bytes come in on standard input, the
process gives up files, network, memory and time before it looks at them, and one JSON object goes out: `pages`, a list of
[number, text] (number 0: the format has no pages), and `unreadable`, the pages that hold pictures instead of text; or
`error`. If a parser takes the process along, that is an answer too.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from qwen3cli.base.confinement import confine
from qwen3cli.documents.entities import entities_are_declared
from qwen3cli.documents.pdf_text import agrees, legible

_MEMORY_BYTES = 2 * 2**30
_PROCESSOR_SECONDS = 60
# More than any context holds; what unpacks to more is a bomb or a library.
_MOST_CHARACTERS = 64 * 2**20

Converted = dict[str, Any]
_DECLARES: Converted = {"error": "it declares XML entities of its own, as a bomb does"}


def main() -> None:
    """Convert what comes on standard input."""
    convert = _CONVERTERS[sys.argv[1]]()
    confine(_MEMORY_BYTES, _PROCESSOR_SECONDS)
    raw = sys.stdin.buffer.read()
    try:
        outcome = _DECLARES if entities_are_declared(raw) else convert(raw)
    except MemoryError:
        outcome = {"error": "it takes more memory than it is given"}
    except RecursionError:
        outcome = {"error": "it is nested too deep"}
    except Exception as problem:  # noqa: BLE001 - whatever a stranger's document makes a parser raise
        outcome = {"error": _reason(problem)}
    if sum(len(text) for _, text in outcome.get("pages", ())) > _MOST_CHARACTERS:
        outcome = {"error": "it holds more text than any context"}
    sys.stdout.write(json.dumps(outcome))


def _reason(problem: Exception) -> str:
    words = " ".join(str(problem).split()) or type(problem).__name__
    lower = words.lower()
    if "encrypt" in lower or "password" in lower:
        return "it is encrypted"
    return words


def _pdf() -> Callable[[bytes], Converted]:
    """Two readers: one knows headings and tables, and now and then loses a column or takes letters for others; the other, a
    browser's, knows letters alone, and is believed where they disagree."""
    from pdf_inspector import extract_pages_markdown_bytes
    from pypdfium2 import PdfDocument

    def convert(raw: bytes) -> Converted:
        pages, unreadable = [], []
        found = extract_pages_markdown_bytes(raw).pages
        plain_pages = PdfDocument(raw)
        for page in found:
            markdown, shown = page.markdown.strip(), plain_pages[page.page]
            plain = legible(shown.get_textpage().get_text_range())
            text = markdown if agrees(markdown, plain) else plain
            pages.append([page.page + 1, text])
            if not text and any(shown.get_objects(max_depth=1)):  # else it is blank
                unreadable.append(page.page + 1)
        return {"pages": pages, "unreadable": unreadable}

    return convert


def _office() -> Callable[[bytes], Converted]:
    # The compiled half alone: the package's other half can send a document to a service.
    from anydoc._anydoc import format_from_bytes, format_from_extension, to_markdown_bytes

    def convert(raw: bytes) -> Converted:
        form = format_from_bytes(raw) or format_from_extension(sys.argv[2])
        if form is None:
            return {"error": "it is no kind of document that is known"}
        return _one(to_markdown_bytes(raw, form))

    return convert


def _html() -> Callable[[bytes], Converted]:
    from bs4 import BeautifulSoup, UnicodeDammit
    from bs4.element import Comment, Declaration, Doctype, ProcessingInstruction
    from markdownify import MarkdownConverter

    unsaid_kinds = (Comment, Declaration, Doctype, ProcessingInstruction)

    def convert(raw: bytes) -> Converted:
        # The one parser that ends cells and items as browsers do, where their writer left that out.
        soup = BeautifulSoup(UnicodeDammit(raw, is_html=True).unicode_markup or "", "html5lib")
        for hidden in soup(["script", "style", "noscript", "template", "svg"]):
            hidden.decompose()
        for unsaid in soup(string=lambda text: isinstance(text, unsaid_kinds)):
            unsaid.extract()
        return _one(MarkdownConverter(heading_style="ATX", strip=["img"]).convert_soup(soup))

    return convert


def _notebook() -> Callable[[bytes], Converted]:
    def convert(raw: bytes) -> Converted:
        read = json.loads(raw)
        try:
            return _one("\n\n".join(map(_cell, read["cells"])))
        except (AttributeError, KeyError, TypeError):
            return {"error": "it is JSON, and no notebook"}

    return convert


def _cell(cell: dict[str, Any]) -> str:
    """A notebook's cell: its text, or its code and what that printed."""
    source = _joined(cell.get("source", ""))
    if cell.get("cell_type") != "code":
        return source
    said = [_joined(_output(each)) for each in cell.get("outputs", [])]
    printed = "".join(f"\n\n```output\n{text.rstrip()}\n```" for text in said if text.strip())
    return f"```python\n{source}\n```{printed}"


def _output(output: dict[str, Any]) -> Any:
    return output.get("text") or output.get("data", {}).get("text/plain", "")


def _joined(lines: Any) -> str:
    return lines if isinstance(lines, str) else "".join(map(str, lines))


def _one(text: str) -> Converted:
    return {"pages": [[0, text.strip()]], "unreadable": []}


# Each imports its library before anything is given up, since that reads files.
_CONVERTERS: dict[str, Callable[[], Callable[[bytes], Converted]]] = {
    "pdf": _pdf,
    "office": _office,
    "html": _html,
    "notebook": _notebook,
}


if __name__ == "__main__":
    main()
