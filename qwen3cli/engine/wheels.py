"""Which build of llama.cpp would suit this machine: the bindings' own indexes of wheels, and the drivers that are here."""

import re
import subprocess
from collections.abc import Callable

# As the bindings' documentation lists them for 0.3.36.
WHEELS = "https://abetlen.github.io/llama-cpp-python/whl"
_CUDA_WHEELS = (118, 121, 122, 123, 124, 125, 130, 132)
_ANSWER_SECONDS = 5.0


def suitable_index(
    system: str, which: Callable[[str], str | None], cuda: Callable[[], int | None]
) -> str | None:
    """The bindings' wheel index that would suit this machine better than a build for CPUs; None if none would.

    `which` finds a program, `cuda` tells the driver's CUDA version as 124 for 12.4.
    """
    if system == "darwin":
        return "metal"
    if which("nvidia-smi"):
        newest = cuda()
        usable = [each for each in _CUDA_WHEELS if newest is not None and each <= newest]
        return f"cu{max(usable)}" if usable else "vulkan"
    if which("rocminfo"):
        return "rocm72"
    if which("hipinfo"):
        return "hip-radeon"
    return "vulkan" if which("vulkaninfo") else None


def nvidia_cuda() -> int | None:
    """The CUDA version that NVIDIA's driver names, as 124 for 12.4; None where it does not answer."""
    try:
        shown = subprocess.run(
            ["nvidia-smi"], capture_output=True, timeout=_ANSWER_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version_shown = re.search(rb"CUDA Version: (\d+)\.(\d)", shown.stdout)
    return int(version_shown.group(1) + version_shown.group(2)) if version_shown else None
