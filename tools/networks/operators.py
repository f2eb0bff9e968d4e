"""Models of one operator each, for the question which operators are equivariant to translations.

The image is [1, 1, H, W]. Weights are random, so that no shift fits by chance. What is expected of a model is its
period (P, Q): a shift of the image by P samples shifts the result by Q, far from the borders.
"""

import json
from dataclasses import dataclass

import numpy as np

from .graph import Value
from .layers import Network

LAST = np.iinfo(np.int64).max
FIXED_SIZE = (64, 64)


@dataclass(frozen=True)
class Case:
    """A model and what is known of it.

    `slide` is what the lecture's table of operators says ("yes", "no", or None where it has no such row), `verdict`
    one of every-shift, finer-grid, lattice, anchored, global and unknown; the first three have a `period`. `section`
    is that of GEOMETRY from which the period or the verdict is.
    """

    name: str
    title: str
    build: object
    period: tuple | None
    other: str | None = None
    slide: str | None = None
    size: tuple | None = None
    section: str = "4.3"

    @property
    def verdict(self):
        if self.period is None:
            return self.other
        p, q = self.period
        return "lattice" if p > 1 else "finer-grid" if q > 1 else "every-shift"

    def expected(self):
        return {"title": self.title, "slide": self.slide, "period": self.period and list(self.period),
                "verdict": self.verdict, "source": "lecture" if self.slide else f"GEOMETRY §{self.section}"}

    def model(self):
        net = Network(self.name, batch=1, size=self.size)
        net.output(self.build(net, net.input("image", 1)), "result")
        return net.model()


# Builders

def _conv(stride=1, dilation=1):
    return lambda net, x: net.conv(x, 1, 3, "conv", stride=stride, dilation=dilation)


def _deconv(net, x, stride):
    return net.conv_transpose(x, 1, 3, "deconv", stride=stride, pad=1, extra=stride - 1)


def _pool(kernel, stride, pad=0):
    return lambda net, x: net.max_pool(x, "pool", kernel, stride, pad)


def _average(net, x):
    return net.apply("AveragePool", x, "average", kernel_shape=[2, 2], strides=[2, 2])


def _upsample(mode, factor=2, coordinates=None):
    return lambda net, x: net.upsample(x, "upsample", mode, factor, coordinates)


def _two(net, x):
    return [net.conv(x, 1, 3, f"conv{i}") for i in (1, 2)]


def _space_to_depth(net, x):
    return net.apply("SpaceToDepth", x, "rearrange", channels=4, blocksize=2)


def _depth_to_space(net, x):
    return net.apply("DepthToSpace", net.conv(x, 4, 3, "conv"), "rearrange", channels=1, blocksize=2)


def _slice(start, end, step):
    def build(net, x):
        parts = {"starts": [start] * 2, "ends": [end] * 2, "axes": [2, 3], "steps": [step] * 2}
        return net.apply("Slice", x, "slice", [net.integers(f"slice.{k}", v) for k, v in parts.items()])
    return build


def _scaled_by_mean(net, x):
    return net.apply("Mul", x, "scale", [net.global_average(x, "mean")])


def _softmax(net, x):
    return net.apply("Softmax", net.conv(x, 3, 3, "conv"), "softmax", axis=1)


def _grid_sample(net, x):
    grid = net.apply("Tanh", net.conv(x, 2, 3, "conv"), "tanh")
    grid = net.apply("Transpose", grid, "grid", perm=[0, 2, 3, 1])
    return net.apply("GridSample", x, "sample", [grid], align_corners=0)


def _coordinates(net, x):
    lines = [np.linspace(-1, 1, n, dtype=np.float32) for n in net.size]
    grid = np.stack(np.meshgrid(*lines, indexing="ij"))[None]
    x = net.concat([x, Value(net.weight("coordinates", grid), 2, 0.33)], "concat")
    return net.conv(x, 1, 3, "conv")


CASES = (
    Case("conv_s1", "Convolution, stride 1", _conv(), (1, 1), slide="yes"),
    Case("conv_s2", "Convolution, stride 2", _conv(stride=2), (2, 1)),
    Case("dilated_conv", "Convolution, dilation 2", _conv(dilation=2), (1, 1), section="3.3"),
    Case("pad_reflect_conv", "Mirrored borders, convolution",
         lambda net, x: net.conv(net.mirror(x, 1, "pad"), 1, 3, "conv", pads=0), (1, 1), section="3.3"),
    Case("maxpool_s1", "Max-pooling, stride 1", _pool(3, 1, 1), (1, 1)),
    Case("maxpool_s2", "Max-pooling, stride 2", _pool(2, 2), (2, 1), slide="no"),
    Case("averagepool_s2", "Average pooling, stride 2", _average, (2, 1)),
    Case("convtranspose_s1", "Transposed convolution, stride 1", lambda net, x: _deconv(net, x, 1), (1, 1),
         slide="yes"),
    Case("convtranspose_s2", "Transposed convolution, stride 2", lambda net, x: _deconv(net, x, 2), (1, 2),
         slide="yes"),
    Case("upsample_nearest2", "Upsampling, nearest, factor 2", _upsample("nearest"), (1, 2), slide="yes"),
    Case("upsample_bilinear2", "Upsampling, bilinear, factor 2", _upsample("linear"), (1, 2), slide="yes"),
    Case("upsample_bilinear2_align_corners", "Upsampling, bilinear, factor 2, corners aligned",
         _upsample("linear", coordinates="align_corners"), None, "anchored"),
    Case("upsample_bilinear_1_5", "Upsampling, bilinear, factor 1.5", _upsample("linear", 1.5), (2, 3)),
    Case("concat", "Concatenation", lambda net, x: net.concat(_two(net, x), "concat"), (1, 1), slide="yes"),
    Case("add", "Addition", lambda net, x: net.add(*_two(net, x), "add"), (1, 1), slide="yes"),
    Case("relu", "ReLU", lambda net, x: net.relu(x, "relu"), (1, 1)),
    Case("softmax_channels", "Softmax over the channels", _softmax, (1, 1), section="3.3"),
    Case("batch_norm", "Batch normalisation", lambda net, x: net.batch_norm(x, "norm"), (1, 1), section="3.3"),
    Case("instance_norm", "Instance normalisation", lambda net, x: net.instance_norm(x, "norm"), None, "global",
         section="4.2"),
    Case("global_average_pool_broadcast", "Global mean times the image", _scaled_by_mean, None, "global",
         section="4.2"),
    Case("depth_to_space2", "Convolution, depth to space by 2", _depth_to_space, (1, 2), section="3.3"),
    Case("space_to_depth2", "Space to depth by 2", _space_to_depth, (2, 1), section="3.3"),
    Case("slice_step2", "Every second sample", _slice(0, LAST, 2), (2, 1), section="3.3"),
    Case("flip", "Mirrored image", _slice(-1, -LAST, -1), None, "anchored", section="4.2"),
    Case("maxpool_s2_nearest2", "Max-pooling, stride 2, then upsampling by 2",
         lambda net, x: net.upsample(_pool(2, 2)(net, x), "upsample", "nearest"), (2, 2)),
    Case("convtranspose_s2_conv_s2", "Transposed convolution, stride 2, then convolution, stride 2",
         lambda net, x: net.conv(_deconv(net, x, 2), 1, 3, "conv", stride=2), (1, 1)),
    Case("coordinate_constant", "Coordinates of fixed size joined to the image", _coordinates, None, "anchored",
         size=FIXED_SIZE, section="4.2"),
    Case("grid_sample", "Sampling at positions computed from the image", _grid_sample, None, "unknown", section="4.2"),
)


def write_all(folder, save):
    """NAME.onnx by `save(model, path)` and expected.json, what is known of each."""
    for case in CASES:
        save(case.model(), folder / f"{case.name}.onnx")
    rows = (f"  {json.dumps(case.name)}: {json.dumps(case.expected(), ensure_ascii=False)}" for case in CASES)
    (folder / "expected.json").write_text("{\n" + ",\n".join(rows) + "\n}\n")
