"""Models in the forms of MNN and ncnn. A refusal is a result: it is kept beside the model and told again.

usage: python -m peers.convert mnn MODEL FOLDER SHAPE
       python -m peers.convert ncnn MODEL FOLDER SHAPE
"""
import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from .children import PATIENCE, Broken, finish, last_words, module

CONVERTERS = {"mnn": "MNN", "ncnn": "pnnx"}
SUFFIXES = {"mnn": ".mnn", "ncnn": ".param"}


def to_mnn(model, folder, shape):
    # The module behind mnnconvert: the command itself reports its use over the network.
    import _tools
    target = folder / f"{model.stem}.mnn"
    _tools.mnnconvert(["mnnconvert", "-f", "ONNX", "--modelFile", str(model), "--MNNModel", str(target), "--bizCode",
                       "MNN"])


def to_ncnn(model, folder, shape):
    program = pathlib.Path(importlib.metadata.distribution("pnnx").locate_file("pnnx/pnnx"))
    with tempfile.TemporaryDirectory(dir=folder) as work:
        # It writes its stages beside the model.
        link = pathlib.Path(work) / "net.onnx"
        link.symlink_to(model)
        result = subprocess.run([program, link, f"inputshape=[{shape}]", "fp16=0"], cwd=work)
        for suffix in (".bin", ".param"):
            made = pathlib.Path(work) / f"net.ncnn{suffix}"
            if made.exists():
                os.replace(made, folder / f"{model.stem}{suffix}")
        if result.returncode < 0:
            sys.exit(f"pnnx ended by signal {-result.returncode}")


def converted(form, entry, cache):
    """The file for a peer of this form; raises `Broken` with the converter's reason."""
    model = pathlib.Path(entry["model"])
    if form == "onnx":
        return model
    folder = cache / form
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{model.stem}{SUFFIXES[form]}"
    try:
        version = importlib.metadata.version(CONVERTERS[form])
    except importlib.metadata.PackageNotFoundError:
        raise Broken("absent", f"no converter {CONVERTERS[form]}") from None
    state = model.stat()
    key = [str(model), state.st_size, state.st_mtime_ns, version]
    record = folder / f"{model.stem}.json"
    known = json.loads(record.read_text()) if record.exists() else {}
    if known.get("key") != key:
        target.unlink(missing_ok=True)
        shape = ",".join(map(str, entry["shape"]))
        status, output, fault = finish(module("convert", form, model, folder, shape), PATIENCE)
        reason = None if target.exists() else f"{CONVERTERS[form]}: {last_words(output + fault, status)}"
        known = {"key": key, "refuses": reason}
        record.write_text(json.dumps(known))
        (folder / f"{model.stem}.log").write_text(output + fault)
    if known["refuses"]:
        raise Broken("refuses", known["refuses"])
    return target


if __name__ == "__main__":
    {"mnn": to_mnn, "ncnn": to_ncnn}[sys.argv[1]](pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4])
