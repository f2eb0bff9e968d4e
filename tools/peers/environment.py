"""The virtual environment of the peers, and what children see of the machine and of the surroundings."""
import hashlib
import importlib.metadata
import os
import pathlib
import platform
import subprocess
import sys

from .libraries import PEERS

TOOLS = pathlib.Path(__file__).resolve().parent.parent
ROOT = TOOLS.parent
REQUIREMENTS = TOOLS / "peers/requirements.txt"
# A variable that picks kernels, threads or waiting for one of the runtimes would be measured with it.
STEERING = ("OPENBLAS_", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENCV_", "MALLOC_", "GLIBC_TUNABLES")
FLAGS = ("avx2", "fma", "f16c", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "asimd", "sve")


class Failure(Exception):
    """Ends the tool with one line."""


def clean():
    """The environment of every child: that of the caller without what steers a runtime."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(STEERING)}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"}


def python_of(venv):
    return venv / "bin/python"


def install(venv):
    """Makes the virtual environment, or completes it to the pinned versions."""
    if not python_of(venv).exists():
        made = subprocess.run([sys.executable, "-m", "venv", venv], capture_output=True, text=True)
        if made.returncode != 0:
            text = (made.stderr or made.stdout).strip().split("\n")
            raise Failure(f"no virtual environment in {venv}: {text[-1]} (Debian: python3-venv)")
    command = [python_of(venv), "-m", "pip", "install", "--no-deps", "--no-input", "--disable-pip-version-check",
               "--quiet", "-r", REQUIREMENTS]
    result = subprocess.run(command)
    if result.returncode != 0:
        raise Failure(f"pip ended with status {result.returncode}; some peers may be absent from {venv}")


def enter(venv):
    """Goes on with the Python of the virtual environment; returns if it is that one already."""
    if pathlib.Path(sys.prefix).resolve() == venv.resolve():
        return
    if not python_of(venv).exists():
        raise Failure(f"no virtual environment in {venv}: make it with tools/bench-peers --setup")
    python = str(python_of(venv))
    os.execv(python, [python, "-B", *sys.argv])


def machine():
    """Processor, its flags that matter, cores and load."""
    fields = {}
    for line in pathlib.Path("/proc/cpuinfo").read_text().split("\n"):
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    present = (fields.get("flags") or fields.get("Features") or "").split()
    return {"cpu": fields.get("model name") or platform.machine(), "flags": [f for f in FLAGS if f in present],
            "cores": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0], "system": platform.platform()}


def versions(peers):
    """Installed versions by peer; those that are absent are missing."""
    found = {}
    for name in peers:
        try:
            found[name] = importlib.metadata.version(PEERS[name].package)
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


def knows(program, option):
    """Whether `onnx-fcn bench` has the option."""
    return option in subprocess.run([program, "bench", "--help"], capture_output=True, text=True).stdout


def revision(program):
    """What `onnx-fcn --version` says, and the beginning of the file's SHA-256, which tells builds apart."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True)
    digest = hashlib.sha256(program.read_bytes()).hexdigest()[:10]
    return {"version": said.stdout.strip(), "digest": digest}
