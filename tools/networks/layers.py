"""The layers that the networks are made of, with weights that keep activations near unit size.

Every value carries an estimate of its mean square ("power"). A convolution draws its weights with the
standard deviation sqrt(1 / (fan_in * power)), so its result has power 1 at any depth; after a ReLU, which
halves the power, this is the initialisation of He et al. 2015 (arXiv:1502.01852).
"""

from dataclasses import replace

import numpy as np

from .graph import Graph, Value


class Network(Graph):
    """A graph to which whole layers can be appended."""

    # Layers with weights

    def conv(self, x, channels, kernel, name, *, stride=1, dilation=1, groups=1, pads=None, bias=True):
        """Convolution; `pads` is "same" size for stride 1 by default, a number, or the ONNX list."""
        kernel = [kernel] * self.rank
        if pads is None:
            pads = [dilation * (k - 1) // 2 for k in kernel] * 2
        elif isinstance(pads, int):
            pads = [pads] * (2 * self.rank)
        inward = x.channels // groups
        deviation = (inward * int(np.prod(kernel)) * x.power) ** -0.5
        inputs = [x, self.weight(f"{name}.weight", self.normal([channels, inward, *kernel], deviation))]
        if bias:
            inputs.append(self.weight(f"{name}.bias", self.normal([channels], 0.1)))
        self.node("Conv", inputs, name, kernel_shape=kernel, pads=pads, group=groups,
                  strides=[stride] * self.rank, dilations=[dilation] * self.rank)
        return Value(name, channels)

    def conv_transpose(self, x, channels, kernel, name, *, stride=2, pad=0, extra=0, bias=True, weights=None):
        """Transposed convolution; each output meets (kernel / stride)^rank taps; `extra` is the output padding."""
        if weights is None:
            deviation = (x.channels * (kernel / stride) ** self.rank * x.power) ** -0.5
            weights = self.normal([x.channels, channels] + [kernel] * self.rank, deviation)
        inputs = [x, self.weight(f"{name}.weight", weights)]
        if bias:
            inputs.append(self.weight(f"{name}.bias", self.normal([channels], 0.1)))
        more = {"output_padding": [extra] * self.rank} if extra else {}
        self.node("ConvTranspose", inputs, name, kernel_shape=[kernel] * self.rank,
                  strides=[stride] * self.rank, pads=[pad] * (2 * self.rank), **more)
        return Value(name, channels)

    def batch_norm(self, x, name, epsilon=1e-5):
        """BatchNormalization with running statistics near those of a trained network."""
        c = x.channels
        parts = {"weight": self.uniform([c], 0.8, 1.2), "bias": self.normal([c], 0.1),
                 "mean": self.normal([c], 0.1 * x.power**0.5),
                 "variance": self.uniform([c], 0.7 * x.power, 1.3 * x.power)}
        inputs = [x, *(self.weight(f"{name}.{part}", array) for part, array in parts.items())]
        self.node("BatchNormalization", inputs, name, epsilon=epsilon)
        scaled = parts["weight"] ** 2 * (x.power + parts["mean"] ** 2) / parts["variance"]
        return Value(name, c, float(np.mean(scaled + parts["bias"] ** 2)))

    def instance_norm(self, x, name, epsilon=1e-5):
        """Each channel of each image normalised by its own mean and variance (Ulyanov et al. 2016, 1607.08022)."""
        scale, bias = self.uniform([x.channels], 0.8, 1.2), self.normal([x.channels], 0.1)
        others = [self.weight(f"{name}.weight", scale), self.weight(f"{name}.bias", bias)]
        return self.apply("InstanceNormalization", x, name, others, power=1.0, epsilon=epsilon)

    def group_norm(self, x, groups, name):
        """Group normalisation (Wu and He 2018, arXiv:1803.08494) in operators of opset 17."""
        shape = self.node("Shape", [x], f"{name}.shape")[0]
        y = self.apply("Reshape", x, f"{name}.split", [self.integers(f"{name}.groups", [0, groups, -1])])
        one = self.weight(f"{name}.one", np.ones(groups, np.float32))
        zero = self.weight(f"{name}.zero", np.zeros(groups, np.float32))
        y = self.apply("InstanceNormalization", y, f"{name}.normalize", [one, zero], epsilon=1e-5)
        y = self.apply("Reshape", y, f"{name}.join", [shape])
        column = [x.channels] + [1] * self.rank
        y = self.apply("Mul", y, f"{name}.scale", [self.weight(f"{name}.weight", self.uniform(column, 0.8, 1.2))])
        y = self.apply("Add", y, f"{name}.shift", [self.weight(f"{name}.bias", self.normal(column, 0.1))])
        return replace(y, power=1.0)

    def squeeze(self, x, narrow, name, inner, gate):
        """Squeeze and excitation (Hu et al. 2018, arXiv:1709.01507): a factor per channel from the global mean."""
        y = self.conv(self.global_average(x, f"{name}.mean"), narrow, 1, f"{name}.reduce")
        y = self.conv(self.activate(y, inner, f"{name}.{inner}"), x.channels, 1, f"{name}.expand")
        if gate == "hard":
            y = self.apply("HardSigmoid", y, f"{name}.gate", alpha=1 / 6, beta=0.5)
        else:
            y = self.apply("Sigmoid", y, f"{name}.gate")
        return self.apply("Mul", x, f"{name}.scale", [y], power=0.28 * x.power)

    # Layers without weights

    def relu(self, x, name):
        return self.apply("Relu", x, name, power=0.5 * x.power)

    @staticmethod
    def pooled_power(x, kernel):
        """After a maximum over kernel x kernel partly correlated values that a ReLU made."""
        return x.power * kernel

    def max_pool(self, x, name, kernel=2, stride=2, pad=0, **attributes):
        power = self.pooled_power(x, kernel)
        return self.apply("MaxPool", x, name, power=power, kernel_shape=[kernel] * self.rank,
                          strides=[stride] * self.rank, pads=[pad] * (2 * self.rank), **attributes)

    def global_average(self, x, name):
        return self.apply("GlobalAveragePool", x, name, power=0.4 * x.power)

    def mirror(self, x, width, name):
        """A border of `width` samples mirrored about the outermost ones."""
        pads = [0, 0] + [width] * self.rank
        return self.apply("Pad", x, name, [self.integers(f"{name}.pads", pads + pads)], mode="reflect")

    def add(self, x, y, name):
        return self.apply("Add", x, name, [y], power=x.power + y.power)

    def concat(self, values, name):
        channels = sum(v.channels for v in values)
        power = sum(v.channels * v.power for v in values) / channels
        return self.apply("Concat", values[0], name, values[1:], channels=channels, power=power, axis=1)

    def conv_norm(self, x, channels, kernel, name, activation="relu", **options):
        """Convolution without bias, BatchNormalization and an activation (None: none)."""
        x = self.conv(x, channels, kernel, f"{name}.conv", bias=False, **options)
        x = self.batch_norm(x, f"{name}.bn")
        return self.activate(x, activation, f"{name}.{activation}") if activation else x

    def activate(self, x, kind, name):
        """relu, hardswish (Howard et al. 2019), or swish as x * sigmoid(x) (Ramachandran et al. 2017)."""
        if kind == "relu":
            return self.relu(x, name)
        if kind == "hardswish":
            return self.apply("HardSwish", x, name, power=0.36 * x.power)
        gate = self.apply("Sigmoid", x, f"{name}.sigmoid")
        return self.apply("Mul", x, name, [gate], power=0.36 * x.power)

    # Sizes

    def shape_part(self, x, start, end, name):
        """The dimensions start..<end of `x` as an int64 vector (end None: to the last)."""
        if self.opset >= 15:
            return self.node("Shape", [x], name, start=start, **({} if end is None else {"end": end}))[0]
        shape = self.node("Shape", [x], f"{name}.all")[0]
        bounds = [self.integers(f"{name}.start", [start]),
                  self.integers(f"{name}.end", [self.rank + 2 if end is None else end])]
        return self.node("Slice", [shape, *bounds], name)[0]

    def upsample(self, x, name, mode, factor=2, coordinates=None):
        """Resize by a constant factor; nearest is asymmetric with floor, linear is half_pixel by default."""
        nearest = mode == "nearest"
        scales = self.weight(f"{name}.scales", np.array([1, 1] + [factor] * self.rank, np.float32))
        rounding = {"nearest_mode": "floor"} if nearest else {}
        coordinates = coordinates or ("asymmetric" if nearest else "half_pixel")
        return self.apply("Resize", x, name, ["", scales], mode=mode, power=x.power * (1 if nearest else 0.7),
                          coordinate_transformation_mode=coordinates, **rounding)

    def resize_to(self, x, like, name, coordinates="half_pixel"):
        """Linear Resize of `x` to the spatial size of `like`, taken from its shape at run time."""
        lead = self.shape_part(x, 0, 2, f"{name}.lead")
        spatial = self.shape_part(like, 2, None, f"{name}.spatial")
        sizes = self.node("Concat", [lead, spatial], f"{name}.sizes", axis=0)[0]
        return self.apply("Resize", x, name, ["", "", sizes], mode="linear", power=0.7 * x.power,
                          coordinate_transformation_mode=coordinates)

    def centre_to(self, x, like, name):
        """The window of `x` with the spatial size of `like` in its middle, measured at run time; margins floor."""
        need, have = (self.shape_part(v, 2, None, f"{name}.{part}") for v, part in ((like, "size"), (x, "from")))
        spare = self.node("Sub", [have, need], f"{name}.spare")[0]
        starts = self.node("Div", [spare, self.integers(f"{name}.two", [2])], f"{name}.starts")[0]
        ends = self.node("Add", [starts, need], f"{name}.ends")[0]
        return self.apply("Slice", x, name, [starts, ends, self.integers(f"{name}.axes", range(2, 2 + self.rank))])

    def crop_to(self, x, like, offset, name):
        """The window of `x` with the spatial size of `like` that begins at `offset` on every axis."""
        size = self.shape_part(like, 2, None, f"{name}.size")
        starts = self.integers(f"{name}.starts", [offset] * self.rank)
        ends = self.node("Add", [size, starts], f"{name}.ends")[0]
        axes = self.integers(f"{name}.axes", range(2, 2 + self.rank))
        return self.apply("Slice", x, name, [starts, ends, axes])
