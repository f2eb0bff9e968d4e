"""What takes part in a measurement: peers as persistent workers, onnx-fcn as one process a round."""
import json
import shutil
import statistics

from .agreement import WRONG, compared
from .children import Broken, Worker, finish, last_words, module
from .convert import converted
from .libraries import PEERS


class Peer:
    """Another runtime; `start` makes a fresh process that stays until `stop`."""

    ours = False

    def __init__(self, name, settings):
        self.name, self.settings = name, settings
        self.worker = None

    def prepare(self, entry):
        self.entry = entry
        self.model = converted(PEERS[self.name].form, entry, self.settings.cache)

    def start(self):
        log = self.settings.cache / "logs" / f"{self.entry['name']}.{self.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        command = module("worker", self.name, self.model, self.entry["input"], self.settings.threads)
        self.worker = Worker(command, log, self.settings.timeout)
        return self.worker.answer()

    def run(self, runs):
        return self.worker.ask("run", runs, 1)

    def difference(self, reference, folder):
        target = folder / f"{self.name}.npy"
        self.worker.ask("save", str(target))
        return compared(reference, target, self.settings.timeout)

    def stop(self):
        if self.worker:
            self.worker.stop()
            self.worker = None


class Program:
    """onnx-fcn with its settings; every call is a process of its own."""

    ours = True

    def __init__(self, name, program, options, settings):
        self.name, self.program, self.settings = name, program, settings
        self.options = [part for key, value in options.items() if value for part in (f"--{key}", value)]
        # Of these `run` takes the device alone.
        self.device = ["--device", options["device"]] if options.get("device") else []

    def prepare(self, entry):
        self.entry = entry

    def call(self, *arguments):
        command = [self.program, *arguments, "--threads", self.settings.threads]
        return finish(command, self.settings.timeout)

    def bench(self, runs):
        status, output, fault = self.call("bench", self.entry["model"], "--json", "--runs", runs, "--warmup", 1,
                                          *self.options)
        if status != 0:
            raise Broken("refuses" if status in (3, 4) else "fails", last_words(fault, status))
        return json.loads(output)

    def start(self):
        got = self.bench(1)
        return {"isa": got["isa"], "base_bytes": 0, "load_ms": got["load_ms"] + got["prepare_ms"],
                "first_ms": got["first_ms"], "warm_ms": got["min_ms"], "peak_bytes": got["peak_rss_bytes"],
                "arena_bytes": got["arena_bytes"]}

    def run(self, runs):
        got = self.bench(runs)
        return {"median_ms": got["median_ms"], "min_ms": got["min_ms"]}

    def difference(self, reference, folder):
        if self.options != self.device:
            return self.tested(reference, folder / self.name)
        target = folder / f"{self.name}.npy"
        status, _, fault = self.call("run", self.entry["model"], "--input", f"{self.entry['tensor']}="
                                     f"{self.entry['input']}", "--save", f"{self.entry['output']}={target}", "--quiet",
                                     *self.device)
        if status != 0:
            raise Broken("fails", last_words(fault, status))
        return compared(reference, target, self.settings.timeout)

    def tested(self, reference, folder):
        """`run` chooses kernels and instructions itself; `test` takes them, and tells only within or beyond."""
        case = folder / "case0"
        case.mkdir(parents=True)
        for source, target in ((self.entry["model"], folder / "model.onnx"), (self.entry["input"], case / "in_0.npy"),
                               (reference, case / "out_0.npy")):
            shutil.copyfile(source, target)
        scale = compared(reference, reference, self.settings.timeout)["scale"]
        (folder / "tolerance.txt").write_text(f"0 {WRONG * scale:.9g}\n")
        status, output, fault = self.call("test", folder, "--json", *self.options)
        shutil.rmtree(folder)
        if status == 0:
            return {"within": WRONG}
        try:
            return {"fault": json.loads(output)["tests"][0]["detail"]}
        except (ValueError, LookupError):
            raise Broken("fails", last_words(fault, status)) from None

    def stop(self):
        pass


def summary(reply):
    """Median and minimum of a round."""
    times = reply.get("times_ms")
    return (statistics.median(times), min(times)) if times else (reply["median_ms"], reply["min_ms"])
