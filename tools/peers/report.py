"""Results as text for the terminal, as Markdown for the README and as JSON."""
import json

from .agreement import EQUAL, is_equal

# Processor time an idle worker may take between its turns before it counts as disturbing the others.
SPINNING_MS = 20
TITLES = {"onnxruntime": "onnxruntime", "openvino": "OpenVINO", "mnn": "MNN", "ncnn": "ncnn", "opencv": "OpenCV"}
MIB = 1 << 20


def figure(value):
    """Three significant digits or whole milliseconds."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def shape_of(result):
    """Channels and spatial size, as in 3×512²."""
    _, channels, *size = result["shape"]
    spatial = f"{size[0]}²" if len(size) == 2 and size[0] == size[1] else "×".join(map(str, size))
    return f"{channels}×{spatial}"


def agreement_of(row):
    got = row.get("agreement", {})
    if "relative" in got:
        return f"{got['relative']:.1e}"
    return f"≤ {got['within']:g}" if "within" in got else "–"


def ratio_of(row, with_range=True):
    if "ratio" not in row:
        return "–"
    ratio = row["ratio"]
    span = f" ({ratio['least']:.2f}–{ratio['greatest']:.2f})" if with_range else ""
    return f"{ratio['median']:.2f}{span}"


def network_text(result):
    """The table of one network."""
    lines = [f"{result['network']}  {shape_of(result)}, {result['runs']} runs a turn",
             f"  {'':<13}{'median':>9}{'minimum':>9}  {'ours / it (range)':<19}{'load':>8}{'first':>8}"
             f"{'peak':>7}{'net':>7}  agreement"]
    for name, row in result["runtimes"].items():
        if "median_ms" in row:
            net = f"{row['net_bytes'] / MIB:.0f}"
            lines.append(f"  {name:<13}{figure(row['median_ms']):>9}{figure(row['min_ms']):>9}  {ratio_of(row):<19}"
                         f"{figure(row['load_ms']):>8}{figure(row['first_ms']):>8}{row['peak_bytes'] / MIB:>7.0f}"
                         f"{net:>7}  {agreement_of(row)}")
            if row["spins_ms"] > SPINNING_MS:
                lines.append(f"  {'':<13}computes while it should be idle: {row['spins_ms']:.0f} ms between turns")
        if row["state"] != "works":
            lines.append(f"  {name:<13}{row['state']}: {row.get('reason', '')}")
    if result["fastest"]:
        row = result["runtimes"][result["fastest"]]
        lines.append(f"  fastest peer {result['fastest']}: ours / it {ratio_of(row)}")
    if result["note"]:
        lines.append(f"  {result['note']}")
    return "\n".join(lines)


def heading(document):
    """One paragraph: machine, versions, settings, date."""
    machine, versions = document["machine"], document["versions"]
    peers = ", ".join(f"{TITLES[name]} {versions[name]}" for name in versions if name in TITLES)
    flags = ", ".join(machine["flags"]) or "no known flags"
    against = "".join(f", {name}: {value}" for name, value in document["programs"].items())
    return (f"{machine['cpu']} ({flags}), {machine['cores']} cores, {document['threads']} threads, float32, "
            f"{document['rounds']} interleaved rounds, {document['date']}; {peers or 'no peers'}{against}")


def cell(row):
    """What a table says about a runtime."""
    if row["state"] == "wrong":
        return "wrong"
    if "ratio" not in row:
        return row["state"]
    return ratio_of(row, with_range=False) + ("" if is_equal(row) else "*")


def markdown(document):
    """Two tables: times, then starts and memory."""
    results = document["results"]
    names = [name for name in results[0]["runtimes"] if name != document["ours"]]
    titles = [TITLES.get(name, name) for name in names]
    lines = [heading(document) + ".", "",
             "Our time over theirs, below 1 we are faster; in the last column the fastest whose output is equal within "
             f"{EQUAL:g} of the largest value, with the range of the rounds; * beyond that.", "",
             f"| network | input | onnx-fcn | {' | '.join(titles)} | fastest |",
             "|---|---|---" + "|---" * (len(names) + 1) + "|"]
    for result in results:
        rows = result["runtimes"]
        mine = rows[document["ours"]]
        own = f"{figure(mine['median_ms'])} ms" if "median_ms" in mine else mine["state"]
        own += ", wrong" if mine["state"] == "wrong" else ""
        best = result["fastest"]
        last = f"{TITLES[best]} {ratio_of(rows[best])}" if best else "–"
        lines.append(f"| {result['network']} | {shape_of(result)} | {own} | "
                     f"{' | '.join(cell(rows[name]) for name in names)} | {last} |")
    lines += [f"\n{result['network']}: {result['note']}." for result in results if result["note"]]
    lines += ["", "Load and first inference in ms, peak memory in MiB (in brackets without what the process takes "
              "before it loads).", "",
              f"| network | onnx-fcn | {' | '.join(titles)} |", "|---" * (len(names) + 2) + "|"]
    for result in results:
        cells = [start_cell(result["runtimes"][name]) for name in [document["ours"], *names]]
        lines.append(f"| {result['network']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def start_cell(row):
    if "peak_bytes" not in row:
        return row["state"]
    start, peak, net = row["load_ms"] + row["first_ms"], row["peak_bytes"] / MIB, row["net_bytes"] / MIB
    return f"{start:.0f} ms, {peak:.0f}" + (f" ({net:.0f})" if round(net) != round(peak) else "")


def summary(document):
    """The geometric means of the ratios, against each and against the fastest, where ours is right."""
    ratios = {}
    right = [r for r in document["results"] if r["runtimes"][document["ours"]]["state"] == "works"]
    for result in right:
        for name, row in result["runtimes"].items():
            if row["state"] == "works" and "ratio" in row:
                ratios.setdefault(name, []).append(row["ratio"]["median"])
        if result["fastest"]:
            ratios.setdefault("fastest peer", []).append(result["runtimes"][result["fastest"]]["ratio"]["median"])
    lines = []
    for name, values in ratios.items():
        product = 1.0
        for value in values:
            product *= value ** (1 / len(values))
        ahead = sum(value < 1 for value in values)
        lines.append(f"  {name:<13}geometric mean {product:.2f}, ours ahead on {ahead} of {len(values)}")
    left = [r["network"] for r in document["results"] if r not in right]
    lines += [f"  without {', '.join(left)}, where ours is not right"] if left and lines else []
    return "\n".join(["ours / it", *lines]) if lines else "nothing to compare"


def write_json(document, path):
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
