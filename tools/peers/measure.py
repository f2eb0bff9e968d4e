"""The measurement of one network: fresh starts, agreement, interleaved rounds."""
import pathlib
import statistics
import sys
import tempfile
import time

from .agreement import ROUNDING, compared, condition_of, fault_of, is_equal
from .children import Broken
from .runtimes import Peer, summary

REFERENCE = "onnxruntime"


def rotated(items, by):
    by %= max(len(items), 1)
    return items[by:] + items[:by]


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


class Measurement:
    """Figures of every runtime for one network; a runtime that breaks keeps its reason and drops out."""

    note = None
    runs = 0

    def __init__(self, entry, runtimes, settings):
        self.entry, self.settings = entry, settings
        self.runtimes = list(runtimes)
        self.figures = {runtime.name: {"state": "works", "starts": [], "medians": [], "minima": [], "idle": []}
                        for runtime in runtimes}

    def attempt(self, runtime, action):
        """The result of the action, or None if the runtime broke now or before."""
        figures = self.figures[runtime.name]
        if figures["state"] not in ("works", "wrong"):
            return None
        try:
            result = action()
        except Broken as error:
            figures.update(state=error.state, reason=str(error))
            runtime.stop()
            return None
        time.sleep(self.settings.rest)
        return result

    def measure(self):
        try:
            for runtime in self.runtimes:
                self.attempt(runtime, lambda: runtime.prepare(self.entry))
            self.start()
            with tempfile.TemporaryDirectory(dir=self.settings.cache, prefix="outputs.") as folder:
                self.agree(pathlib.Path(folder))
            self.race()
        finally:
            for runtime in self.runtimes:
                runtime.stop()
            progress("")
        return self.result()

    def start(self):
        """Every start is a fresh process; those of the last turn stay for the rounds."""
        for turn in range(self.settings.starts):
            for runtime in rotated(self.runtimes, turn):
                progress(f"{self.entry['name']}: start {turn + 1} of {runtime.name}")
                runtime.stop()
                figures = self.attempt(runtime, runtime.start)
                if figures:
                    self.figures[runtime.name]["starts"].append(figures)

    def agree(self, folder):
        reference = folder / "reference.npy"
        first = Peer(REFERENCE, self.settings)
        try:
            first.prepare(self.entry)
            first.start()
            first.worker.ask("save", str(reference))
            self.condition(first.worker, reference, folder / "disturbed.npy")
        except Broken as error:
            self.note = f"agreement unknown: {REFERENCE} {error.state}: {error}"
            return
        finally:
            first.stop()
        for runtime in self.runtimes:
            progress(f"{self.entry['name']}: output of {runtime.name}")
            got = self.attempt(runtime, lambda: runtime.difference(reference, folder))
            if got:
                figures = self.figures[runtime.name]
                figures["agreement"] = got
                if fault := fault_of(got):
                    figures.update(state="wrong", reason=fault)

    def condition(self, worker, reference, target):
        """Notes a network whose output is not determined: the reference once more, with noise on its input."""
        worker.ask("disturb", ROUNDING)
        worker.ask("run", 1, 0)
        worker.ask("save", str(target))
        self.note = condition_of(compared(reference, target, self.settings.timeout))

    def race(self):
        """Rounds in which every runtime that works has its turn, each time another one first."""
        racing = [r for r in self.runtimes if self.figures[r.name]["state"] in ("works", "wrong")]
        self.runs = self.settings.runs or self.fitting_runs()
        for number in range(self.settings.rounds):
            for runtime in rotated(racing, number):
                progress(f"{self.entry['name']}: round {number + 1} of {self.settings.rounds}, {runtime.name}")
                reply = self.attempt(runtime, lambda: runtime.run(self.runs))
                if reply:
                    median, least = summary(reply)
                    figures = self.figures[runtime.name]
                    figures["medians"].append(median)
                    figures["minima"].append(least)
                    figures["idle"].append(reply.get("idle_cpu_ms", 0))

    def fitting_runs(self):
        """Runs of a turn: about a second of the runtime in the middle, 3 to 20."""
        warm = [f["starts"][-1]["warm_ms"] for f in self.figures.values() if f["starts"]]
        return min(max(round(1000 / max(statistics.median(warm), 1e-3)), 3), 20) if warm else 3

    def result(self):
        table = {}
        for runtime in self.runtimes:
            figures = self.figures[runtime.name]
            row = {key: figures[key] for key in ("state", "reason", "agreement", "starts") if key in figures}
            if figures["starts"]:
                starts = figures["starts"]
                for key in ("load_ms", "first_ms", "peak_bytes"):
                    row[key] = statistics.median(start[key] for start in starts)
                row["net_bytes"] = statistics.median(start["peak_bytes"] - start["base_bytes"] for start in starts)
            if figures["state"] in ("works", "wrong") and figures["medians"]:
                row.update(median_ms=statistics.median(figures["medians"]), min_ms=min(figures["minima"]),
                           rounds_ms=figures["medians"])
                row["spins_ms"] = statistics.median(figures["idle"])
            table[runtime.name] = row
        compare_times(table, self.runtimes[0].name)
        rivals = [r.name for r in self.runtimes
                  if not r.ours and table[r.name]["state"] == "works" and "ratio" in table[r.name]
                  and is_equal(table[r.name])]
        # By the ratios, which a slow minute of the machine moves less than the times.
        fastest = max(rivals, key=lambda name: table[name]["ratio"]["median"], default=None)
        return {"network": self.entry["name"], "shape": self.entry["shape"], "runs": self.runs,
                "note": self.note, "fastest": fastest, "runtimes": table}


def compare_times(table, ours):
    """Adds to every other row the ratio of our time to its time: median, least and greatest over the rounds."""
    mine = table[ours].get("rounds_ms")
    for name, row in table.items():
        if name != ours and mine and "rounds_ms" in row:
            ratios = [own / other for own, other in zip(mine, row["rounds_ms"])]
            row["ratio"] = {"median": statistics.median(ratios), "least": min(ratios), "greatest": max(ratios)}
