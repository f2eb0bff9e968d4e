"""How far outputs lie from those of onnxruntime.

usage: python -m peers.agreement REFERENCE.npy OUTPUT.npy

Prints {"relative": max|d| / max|reference|}, or {"fault": why they cannot be compared}.
"""
import json
import sys

# Beyond this share of the largest value a runtime computes something else.
WRONG = 1e-3


def compare(reference, output):
    import numpy
    if reference.size != output.size:
        return {"fault": f"shape {list(output.shape)}, expected {list(reference.shape)}"}
    output = output.reshape(reference.shape).astype(numpy.float64)
    if not numpy.isfinite(output).all():
        return {"fault": "output is not finite"}
    if not numpy.isfinite(reference).all():
        return {"fault": "the reference is not finite"}
    scale = float(abs(reference).max()) or 1.0
    return {"relative": float(abs(output - reference).max()) / scale, "scale": scale}


def main():
    import numpy
    print(json.dumps(compare(numpy.load(sys.argv[1]), numpy.load(sys.argv[2]))))


if __name__ == "__main__":
    main()
