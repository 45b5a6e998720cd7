"""Pictures, which none of these models can see: told by their first bytes, and refused in words."""

from qwen3cli.base.errors import UsageProblem

NO_PICTURES = "these models read text, and see no pictures"
_BEGINNINGS = (
    b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*", b"\0\0\1\0", b"8BPS",
)  # fmt: skip
_RIFF, _WEBP = b"RIFF", b"WEBP"
_FTYP, _BRANDS = b"ftyp", (b"avif", b"heic", b"heix", b"mif1")


def refuse_picture(raw: bytes, name: str) -> None:
    """Nothing, unless these are the bytes of a picture: PNG, JPEG, GIF, BMP, TIFF, ICO, Photoshop's, WebP, AVIF or HEIC.

    Raises:
        UsageProblem: they are.
    """
    if _is_picture(raw):
        raise UsageProblem(f"{name} is a picture: {NO_PICTURES}", "give the text of it: -f FILE")


def _is_picture(raw: bytes) -> bool:
    if raw.startswith(_RIFF):
        return raw[8:12] == _WEBP
    if raw[4:8] == _FTYP:
        return raw[8:12] in _BRANDS
    return raw.startswith(_BEGINNINGS) and b"\0" in raw
