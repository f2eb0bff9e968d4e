"""The small networks under testdata: models, inputs, and expected outputs by ONNX Runtime."""

import zlib
from pathlib import Path

import numpy as np
import onnx


def inputs(model, entry, size, case):
    """Float32 arrays in graph order: an image, pixel coordinates, a mask.

    `size` is the spatial size, led by the batch where that is not 1.
    """
    batch, size = size[:-entry.rank] or (1,), size[-entry.rank:]
    random = np.random.default_rng([zlib.crc32(entry.name.encode()), case])
    arrays = []
    for value in model.graph.input:
        channels = value.type.tensor_type.shape.dim[1].dim_value
        shape = (*batch, channels, *size)
        if value.name == "coords":
            lines = [np.linspace(-1, 1, n, dtype=np.float32) for n in size]
            grid = np.stack(np.meshgrid(*lines, indexing="ij"))
            arrays.append(np.broadcast_to(grid, (*batch, *grid.shape)))
        elif value.name == "mask":
            arrays.append((random.random(shape, dtype=np.float32) < 0.7).astype(np.float32))
        else:
            arrays.append(_image(random, shape))
    return arrays


def _image(random, shape):
    """Flat patches of 8 pixels' side plus noise, so that deep layers see contrast too."""
    patches = random.standard_normal([*shape[:2], *(-(-n // 8) for n in shape[2:])], dtype=np.float32)
    for axis in range(2, len(shape)):
        patches = np.repeat(patches, 8, axis=axis).take(range(shape[axis]), axis=axis)
    return patches + random.standard_normal(shape, dtype=np.float32) / 2


def write(entry, folder):
    """Writes model.onnx and case*/in_*.npy."""
    folder.mkdir(parents=True, exist_ok=True)
    model = entry.model(size=entry.cases[0] if entry.fixed else None, **entry.small)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, folder / "model.onnx")
    for case, size in enumerate(entry.cases):
        _save(folder / f"case{case}", "in", inputs(model, entry, size, case))


def expect(folder):
    """Writes case*/out_*.npy as ONNX Runtime computes them without any optimisation."""
    import onnxruntime as runtime

    options = runtime.SessionOptions()
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = runtime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    for case in sorted(folder.glob("case*")):
        feeds = {v.name: np.load(case / f"in_{i}.npy") for i, v in enumerate(session.get_inputs())}
        results = session.run(None, feeds)
        for value, result in zip(session.get_outputs(), results):
            if not np.isfinite(result).all():
                raise ValueError(f"{folder.name}: {value.name} is not finite")
        _save(case, "out", results)


def _save(folder, stem, arrays):
    folder.mkdir(parents=True, exist_ok=True)
    for i, array in enumerate(arrays):
        with open(folder / f"{stem}_{i}.npy", "wb") as file:
            np.lib.format.write_array(file, np.ascontiguousarray(array, np.float32), version=(1, 0))


def write_all(entries, folder):
    """Everything for testdata; returns whether expected outputs could be computed."""
    folder = Path(folder)
    for entry in entries:
        write(entry, folder / entry.name)
    try:
        import onnxruntime  # noqa: F401
    except ImportError:
        return False
    for entry in entries:
        expect(folder / entry.name)
    return True
