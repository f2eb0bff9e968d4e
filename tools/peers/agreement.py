"""How far outputs lie from those of onnxruntime.

usage: python -m peers.agreement REFERENCE.npy OUTPUT.npy

Prints {"relative": max|d| / max|reference|, "beyond": the share of elements that differ by more than `WRONG`}, or
{"fault": why they cannot be compared}.
"""
import json
import pathlib
import sys

from .children import Broken, finish, last_words, module

# Beyond this share of the largest value a runtime computes something else.
WRONG = 1e-3
# Within this share outputs count as equal; a runtime beyond it computes more coarsely, and is no rival.
EQUAL = 1e-4
# About the rounding of float32 in the input; what it does to an output, no other order of sums can avoid.
ROUNDING = 1e-6


def compared(reference, output, timeout):
    """What this module prints, run in a process of its own; removes the output unless it is the reference."""
    status, text, fault = finish(module("agreement", reference, output), timeout)
    if status != 0:
        raise Broken("fails", last_words(fault, status))
    if pathlib.Path(output) != pathlib.Path(reference):
        pathlib.Path(output).unlink()
    return json.loads(text)


def fault_of(got):
    """Why an output is wrong, or None."""
    if got.get("relative", 0) <= WRONG:
        return got.get("fault")
    return (f"differs by {got['relative']:.1e} of the largest value, {got['beyond'] * 1e6:.0f} elements in a million "
            f"by more than {WRONG:g}")


def is_equal(row):
    """Whether a runtime's output equals the reference's, as far as float32 goes."""
    return row.get("agreement", {}).get("relative", 0) <= EQUAL


def condition_of(got):
    """What to say of a network whose output moves by more than `WRONG`, as one does that unpools by near ties."""
    if got.get("relative", 0) <= WRONG:
        return None
    return (f"ill-conditioned: noise of {ROUNDING:g} in the input moves onnxruntime's own output by "
            f"{got['relative']:.1e}, {got['beyond'] * 1e6:.0f} elements in a million by more than {WRONG:g}")


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
    difference = abs(output - reference) / scale
    return {"relative": float(difference.max()), "beyond": float((difference > WRONG).mean()), "scale": scale}


def main():
    import numpy
    print(json.dumps(compare(numpy.load(sys.argv[1]), numpy.load(sys.argv[2]))))


if __name__ == "__main__":
    main()
