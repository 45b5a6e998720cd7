"""An article with something of everything a page can show, in one of several languages."""

import base64
import io
from typing import Any

from PIL import Image

from qwen3cli.render.page.values import (
    Article,
    Author,
    Event,
    Figure,
    Link,
    Picture,
    Quote,
    Section,
    Table,
)

WORDS = {
    "en": (
        "The harbour in the year 2025",
        "More berths, less noise, and a quieter winter than ever.",
    ),
    "ar": ("الميناء في عام ٢٠٢٥", "أرصفة أكثر وضوضاء أقل وشتاء أهدأ من أي وقت مضى."),
    "hi": ("वर्ष 2025 में बंदरगाह", "अधिक घाट, कम शोर और पहले से कहीं शांत सर्दी।"),
    "zh": ("2025 年的港口", "泊位更多，噪音更少，冬天比以往任何时候都安静。"),
}
OUTSIDE = "https://pictures.example.org/pier.jpg"


def article(language: str = "en", **fields: Any) -> Article:
    """All kinds of parts, several of each, in few words of that language."""
    title, sentence = WORDS[language]
    years = tuple(
        (str(2019 + at), value) for at, value in enumerate((310.5, 290, 342, 371.25, 402, 450))
    )
    parts: dict[str, Any] = {
        "source": "report.pdf",
        "author": Author("Marta Lindqvist", "https://example.org/marta", "2025"),
        "sections": tuple(
            Section(f"{title} ({at})", f"{sentence} {sentence}\n\n{sentence}", (sentence, title))
            for at in (1, 2, 3)
        ),
        "timeline": tuple(Event(f"{month}/2025", sentence) for month in (1, 3, 6, 9, 11, 12)),
        "figures": (
            Figure(title, "", ((title, 1288),)),
            Figure(sentence, "%", ((title, -21.5),)),
            Figure(title, "€", years),
            Figure(title, "%", ((title, 52), (sentence, 31), ("C", 17))),
            Figure(title, "km", ((title, -18.4), (sentence, 12.1), ("C", 6))),
        ),
        "quotes": (Quote(sentence, "Marta Lindqvist"),),
        "tables": (
            Table(title, (title, "€", title), ((title, "310.50", ""), (sentence, "1,190", "x"))),
        ),
        "links": (
            Link(title, "https://example.org/plan.pdf"),
            Link(title, "mailto:office@example.org"),
            Link(title, "javascript:alert(1)"),
        ),
        "pictures": (Picture(_drawn(), "", 2), Picture(OUTSIDE, title)),
    }
    return Article(title, sentence, language, **(parts | fields))


def _drawn() -> str:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((640, 400)).save(out, "WEBP")
    return f"data:image/webp;base64,{base64.b64encode(out.getvalue()).decode()}"
