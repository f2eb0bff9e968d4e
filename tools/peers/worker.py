"""One peer in one process: loads a model, computes once, then waits for commands and is idle while it waits.

usage: python -m peers.worker PEER MODEL INPUT.npy THREADS

Commands are lines of JSON, each answered by a line: ["run", runs, warmup], ["save", "FILE.npy"]
and ["disturb", amount], which adds noise of this deviation to the input for the runs that follow.
"""
import json
import os
import pathlib
import sys
import time


def memory(field):
    """VmRSS or VmHWM in bytes. Not ru_maxrss: that begins at the size of the process which started this one."""
    for line in pathlib.Path("/proc/self/status").read_text().split("\n"):
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    return 0


def private_output():
    """A channel for answers alone: what libraries print goes to standard error."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return channel


def told(error):
    """One line; of a long text the beginning and the end, where most libraries name the operator."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 320 else f"{text[:120]} … {text[-200:]}"


class Bench:
    """Times of one peer, in milliseconds."""

    def __init__(self, peer, image):
        self.peer, self.image = peer, image
        self.result = None
        self.busy = time.process_time()

    def once(self):
        start = time.perf_counter()
        self.result = self.peer.run()
        return (time.perf_counter() - start) * 1e3

    def run(self, runs, warmup):
        idle = (time.process_time() - self.busy) * 1e3
        for _ in range(warmup):
            self.once()
        times = [self.once() for _ in range(runs)]
        self.busy = time.process_time()
        return {"times_ms": times, "idle_cpu_ms": idle}

    def save(self, file):
        import numpy
        numpy.save(file, numpy.asarray(self.result, dtype=numpy.float32))
        self.busy = time.process_time()
        return {}

    def disturb(self, amount):
        import numpy
        # In place: the peer holds this very array.
        self.image += numpy.float32(amount) * numpy.random.default_rng(2).standard_normal(
            self.image.shape, dtype=numpy.float32)
        return {}


def start(name, model, image_file, threads):
    """The bench with the model loaded and warm, and the figures of the start; the library is imported before."""
    import numpy
    from .libraries import PEERS
    peer = PEERS[name]()
    image = numpy.load(image_file)
    figures = {"base_bytes": memory("VmRSS")}
    begin = time.perf_counter()
    peer.load(pathlib.Path(model), int(threads), image)
    figures["load_ms"] = (time.perf_counter() - begin) * 1e3
    bench = Bench(peer, image)
    figures["first_ms"] = bench.once()
    figures["warm_ms"] = min(bench.once(), bench.once())
    figures["peak_bytes"] = memory("VmHWM")
    bench.busy = time.process_time()
    return bench, figures


def main():
    channel = private_output()

    def answer(reply):
        channel.write(json.dumps(reply) + "\n")
        channel.flush()

    try:
        bench, figures = start(*sys.argv[1:])
    except ImportError as error:
        return answer({"state": "absent", "error": str(error)})
    except Exception as error:
        return answer({"state": "refuses", "error": told(error)})
    answer(figures)
    for line in sys.stdin:
        task, *arguments = json.loads(line)
        try:
            answer({"run": bench.run, "save": bench.save, "disturb": bench.disturb}[task](*arguments))
        except Exception as error:
            return answer({"state": "fails", "error": told(error)})


if __name__ == "__main__":
    main()
