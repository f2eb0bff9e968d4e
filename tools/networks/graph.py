"""A small writer of ONNX graphs: nodes, initialisers, inputs, outputs and the finished model."""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

AXES = {2: ("H", "W"), 3: ("D", "H", "W")}


@dataclass(frozen=True)
class Value:
    """One tensor of the graph: its name, its number of channels and the estimate of its mean square."""

    name: str
    channels: int = 0
    power: float = 1.0


class Graph:
    """Collects nodes and initialisers; `model()` returns the checked ModelProto.

    `size` fixes the spatial dimensions (None leaves them symbolic); `batch` is a number or a symbol.
    """

    def __init__(self, name, *, rank=2, seed=1, opset=17, size=None, batch="N"):
        if size is not None and len(size) != rank:
            raise ValueError(f"{name} has {rank} spatial dimensions, the size has {len(size)}")
        if opset < 14:
            raise ValueError("opset 14 is the oldest that can be written (HardSwish)")
        self.name, self.rank, self.opset, self.size, self.batch = name, rank, opset, size, batch
        self.random = np.random.default_rng(seed)
        self.nodes, self.inputs, self.outputs, self.initializers = [], [], [], {}

    def input(self, name, channels, power=1.0):
        """A float32 input [N, channels, spatial...]."""
        spatial = self.size if self.size is not None else AXES[self.rank]
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [self.batch, channels, *spatial]))
        return Value(name, channels, power)

    def output(self, value, name, like=None):
        """Names `value` as a graph output; `like` is the input whose spatial size it has."""
        for node in self.nodes:
            for names in (node.input, node.output):
                for i, old in enumerate(names):
                    if old == value.name:
                        names[i] = name
        spatial = [None] * self.rank
        if like is not None:
            spatial = self.size if self.size is not None else AXES[self.rank]
        self.outputs.append((name, [self.batch, value.channels, *spatial]))

    def node(self, op, inputs, name, outputs=1, **attributes):
        """Appends a node whose first output has the node's name; returns the output names."""
        names = [name] + [f"{name}.{i}" for i in range(1, outputs)]
        inputs = [x.name if isinstance(x, Value) else x for x in inputs]
        self.nodes.append(helper.make_node(op, inputs, names, name=name, **attributes))
        return names

    def apply(self, op, x, name, others=(), channels=None, power=None, **attributes):
        """A node with one result, which inherits the channels and the power of `x` unless told."""
        self.node(op, [x, *others], name, **attributes)
        return Value(name, x.channels if channels is None else channels, x.power if power is None else power)

    def weight(self, name, array):
        """An initialiser stored as raw data; returns its name."""
        if name in self.initializers:
            raise ValueError(f"two initialisers are called {name}")
        self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def integers(self, name, numbers):
        """An int64 vector as initialiser."""
        return self.weight(name, np.array(numbers, np.int64))

    def normal(self, shape, deviation, mean=0.0):
        return self.random.standard_normal(shape, dtype=np.float32) * np.float32(deviation) + np.float32(mean)

    def uniform(self, shape, low, high):
        return self.random.random(shape, dtype=np.float32) * np.float32(high - low) + np.float32(low)

    # Model

    def model(self):
        """The ModelProto, after the checker and strict shape inference have accepted it."""
        inferred = self._infer()
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, inferred[name]) for name, _ in self.outputs]
        graph = helper.make_graph(self.nodes, self.name, self.inputs, outputs, list(self.initializers.values()))
        return self._wrap(graph)

    def _wrap(self, graph):
        opsets = [helper.make_opsetid("", self.opset)]
        return helper.make_model(graph, producer_name="make-networks", opset_imports=opsets,
                                 ir_version=max(8, helper.find_min_ir_version_for(opsets)))

    def _infer(self):
        """Output shapes; unknown dimensions get a symbol.

        Float weights stand as inputs here, so that models of hundreds of megabytes are not copied.
        """
        weights = [t for t in self.initializers.values() if t.data_type == TensorProto.FLOAT and np.prod(t.dims) > 16]
        declared = [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in weights]
        heavy = {t.name for t in weights}
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, dims in self.outputs]
        graph = helper.make_graph(self.nodes, self.name, [*self.inputs, *declared], outputs,
                                  [t for t in self.initializers.values() if t.name not in heavy])
        model = self._wrap(graph)
        onnx.checker.check_model(model, full_check=True)
        model = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        shapes = {}
        for value, (name, declared) in zip(model.graph.output, self.outputs):
            symbols = [self.batch, "C", *(f"{name}_{axis}" for axis in AXES[self.rank])]
            found = [d.dim_value or d.dim_param for d in value.type.tensor_type.shape.dim]
            known = [f if f and not str(f).startswith("unk__") else None for f in found]
            shapes[name] = [f or d or s for f, d, s in zip(known, declared, symbols, strict=True)]
        return shapes
