"""The models to measure, with fixed shapes, their inputs, and their forms for the peers that read no ONNX.

usage: python -m peers.models CACHE          lists the networks of tools/make-networks, making them where needed
       python -m peers.models CACHE FILE [HxW]    takes one model, with the size fixed

Prints a list of {name, model, input, shape, tensor, output} as JSON. In its own process, so that the tool itself stays
small: a child's peak memory begins at the size of its parent.
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from .environment import TOOLS, Failure, clean


def stamp():
    """Changes with the generator."""
    digest = hashlib.sha256()
    for path in [TOOLS / "make-networks", *sorted((TOOLS / "networks").glob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def generate(folder):
    """All networks of the benchmark, batch 1, unless this generator made them already."""
    mark = folder / "generator.sha256"
    if mark.exists() and mark.read_text() == stamp():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as fresh:
        command = [sys.executable, "-B", TOOLS / "make-networks", "--all", fresh, "--batch", "1"]
        result = subprocess.run(command, capture_output=True, text=True, env=clean())
        if result.returncode != 0:
            raise Failure(f"make-networks: {result.stderr.strip()[-300:]}")
        for path in pathlib.Path(fresh).glob("*.onnx"):
            os.replace(path, folder / path.name)
    mark.write_text(stamp())


def benchmark_names():
    from networks.catalogue import ENTRIES
    return [entry.name for entry in ENTRIES if entry.bench]


def image_input(model, name):
    """The only input that is no weight."""
    weights = {item.name for item in model.graph.initializer}
    inputs = [item for item in model.graph.input if item.name not in weights]
    if len(inputs) != 1 or inputs[0].type.tensor_type.elem_type != 1:
        raise Failure(f"{name}: expected one float32 input, got {len(inputs)} inputs")
    return inputs[0]


def fix(source, size, folder):
    """A copy with batch 1 and the spatial size given; the file itself if it has no free dimension."""
    import onnx
    model = onnx.load(source)
    dimensions = image_input(model, source.name).type.tensor_type.shape.dim
    if all(d.HasField("dim_value") for d in dimensions) and not size:
        return source
    for index, value in zip(range(-len(size), 0), size):
        dimensions[index].dim_value = value
    if not dimensions[0].HasField("dim_value"):
        dimensions[0].dim_value = 1
    if not all(d.HasField("dim_value") for d in dimensions):
        raise Failure(f"{source.name}: free dimensions: say --size HxW")
    del model.graph.value_info[:]
    for output in model.graph.output:
        for index, dimension in enumerate(output.type.tensor_type.shape.dim):
            dimension.dim_param = f"{output.name}.{index}"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{source.stem}_{'x'.join(map(str, size))}.onnx"
    onnx.save(model, target)
    return target


def describe(path, cache):
    """What the benchmark has to know; writes the seeded input."""
    import numpy
    import onnx
    model = onnx.load(path, load_external_data=False)
    tensor = image_input(model, path.name)
    shape = [d.dim_value for d in tensor.type.tensor_type.shape.dim]
    target = cache / "inputs" / f"{'x'.join(map(str, shape))}.npy"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        numpy.save(target, numpy.random.default_rng(1).random(shape, dtype=numpy.float32))
    return {"name": path.stem, "model": str(path), "input": str(target), "shape": shape, "tensor": tensor.name,
            "output": model.graph.output[0].name}


def main():
    cache = pathlib.Path(sys.argv[1])
    try:
        if len(sys.argv) > 2:
            size = [int(part) for part in sys.argv[3].split("x")] if len(sys.argv) > 3 else []
            paths = [fix(pathlib.Path(sys.argv[2]), size, cache / "given")]
        else:
            generate(cache / "models")
            paths = [cache / "models" / f"{name}.onnx" for name in benchmark_names()]
        print(json.dumps([describe(path, cache) for path in paths]))
    except (Failure, OSError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
