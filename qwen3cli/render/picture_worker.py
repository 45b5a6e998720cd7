"""The child process that decodes a picture: `... png|rgb|palette WIDTH HEIGHT`, the most pixels it may have.

The file comes in on standard input; files, network, memory and time are given up before it is looked at, so that what
unpacks to gigabytes ends here. Out go width and height as a line, and the pixels: a PNG, three bytes for each, or a palette
of 256 such colours and one byte for each.
"""

import io
import sys

from qwen3cli.base.confinement import confine

_MEMORY_BYTES, _PROCESSOR_SECONDS = 2**30, 20
_MOST_PIXELS = 64 * 2**20
_COLOURS = 256


def main() -> None:
    """Draw the picture on standard input anew."""
    from PIL import Image, ImageOps

    form, most = sys.argv[1], (int(sys.argv[2]), int(sys.argv[3]))
    Image.init()
    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS // 2  # Pillow refuses twice as many
    Image.new("RGB", (1, 1)).save(io.BytesIO(), "PNG")
    confine(_MEMORY_BYTES, _PROCESSOR_SECONDS)
    file = Image.open(io.BytesIO(sys.stdin.buffer.read()))
    file.draft("RGB", most)
    image = ImageOps.exif_transpose(file).convert("RGBA")
    image.thumbnail(most)
    opaque = Image.new("RGB", image.size, "black")
    opaque.paste(image, mask=image.getchannel("A"))
    out = sys.stdout.buffer
    out.write(f"{image.width} {image.height}\n".encode())
    if form == "png":
        image.save(out, "PNG")
    elif form == "rgb":
        out.write(opaque.tobytes())
    else:
        few = opaque.quantize(_COLOURS)
        palette = bytes(few.getpalette() or ())
        out.write(palette.ljust(3 * _COLOURS, b"\0") + few.tobytes())


if __name__ == "__main__":
    main()
