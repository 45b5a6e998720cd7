"""What of a model goes to the GPU: arithmetic on bytes, nothing read and nothing measured.

The whole of it, if that fits. Of a mixture of experts, everything but the experts of the first layers: they are most of
the bytes, and few of them are read for a token. Of a dense model, as many layers as fit.
"""

from dataclasses import dataclass, replace

# Left free on the GPU: its driver's own needs grow while it computes.
GPU_SPARE_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True)
class Gpu:
    """The memory of the GPUs together. `shares_main_memory`: it is the machine's own, as on Apple silicon."""

    free_bytes: int
    shares_main_memory: bool = False


@dataclass(frozen=True, slots=True)
class LayerBytes:
    """A model's bytes by layer, every layer alike. `layer_bytes` includes `expert_bytes`, those of its routed experts."""

    layers: int
    layer_bytes: int
    expert_bytes: int
    output_bytes: int
    kv_bytes: int
    expert_share: float = 1.0  # of the experts, how many a token uses

    @property
    def block_bytes(self) -> int:
        """One layer with its KV cache."""
        return self.layer_bytes + self.kv_bytes


@dataclass(frozen=True, slots=True)
class Placement:
    """What is on the GPU. As llama.cpp counts, `gpu_layers` includes the output as one more layer."""

    gpu_layers: int = 0
    expert_layers_on_cpu: int = 0

    def gpu_bytes(self, model: LayerBytes) -> int:
        """Weights and KV cache on the GPU."""
        blocks = min(self.gpu_layers, model.layers)
        output = model.output_bytes if self.gpu_layers > model.layers else 0
        return blocks * model.block_bytes + output - self._experts_kept(model) * model.expert_bytes

    def bytes_read_on_cpu(self, model: LayerBytes) -> int:
        """Weights that the CPU reads from main memory for one token."""
        used = round(model.expert_bytes * model.expert_share)
        layer = model.layer_bytes - model.expert_bytes + used
        rest = max(0, model.layers - self.gpu_layers)
        output = 0 if self.gpu_layers > model.layers else model.output_bytes
        return rest * layer + output + self._experts_kept(model) * used

    def _experts_kept(self, model: LayerBytes) -> int:
        """Layers on the GPU, the last ones, whose experts are not."""
        return max(0, self.expert_layers_on_cpu - max(0, model.layers - self.gpu_layers))

    def smaller(self, model: LayerBytes) -> "Placement | None":
        """The one to try where this one could not be had; None where there is nothing left to give up."""
        if self.gpu_layers == 0:
            return None
        if model.expert_bytes and self.expert_layers_on_cpu < model.layers:
            return replace(self, expert_layers_on_cpu=model.layers)
        return Placement(self.gpu_layers // 2, 0)


def best_placement(model: LayerBytes, compute_bytes: int, gpu: Gpu | None) -> Placement:
    """The most that fits on the GPU."""
    if gpu is None:
        return Placement()
    room = gpu.free_bytes - GPU_SPARE_BYTES - compute_bytes
    whole = Placement(model.layers + 1)
    over = whole.gpu_bytes(model) - room
    if over <= 0:
        return whole
    if model.expert_bytes and over <= model.layers * model.expert_bytes:
        return replace(whole, expert_layers_on_cpu=-(-over // model.expert_bytes))
    return Placement(max(0, min(model.layers, room // model.block_bytes)))
