"""Damaged result files: seeded mutations of real ones, and what the readers make of them.

    python tests/damage.py 100000 [SEED]

reads so many, each within a bound of time and memory, and tells of every one that ended in anything but a reading
or an error that names the file. SEED is the first of those used, one for each 500 files: 0 unless told.
"""

import collections
import json
import multiprocessing
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import replace
from pathlib import Path

from mutations import damaged

DATA = Path(__file__).parent / "data"
SECONDS, BYTES = 20, 10**9
INTACT = "intact"
CHART = {
    "data": [{"type": "scatter", "name": "loss", "x": [1, 2], "y": [0.5, None], "text": ["a", "b"]}],
    "layout": {"xaxis": {"title": {"text": "step"}, "type": "log"}, "yaxis": {"range": [0, 1]}},
    "height": 400,
}
ANSWER = {
    "name": "one_neuron",
    "question": "What is it?",
    "status": "ok",
    "reason": "",
    "answer": "A regression.",
    "parts": [
        {"kind": "heading", "text": "Loss"},
        {"kind": "formula", "text": "y = X w + b"},
        {"kind": "figure", "chart": CHART, "caption": "Loss", "alternative": "loss against steps"},
        {"kind": "grid", "caption": "Losses", "columns": ["step", "loss"], "lines": [["1", "0.5"], ["2", "0.25"]]},
    ],
    "skipped": ["needs torch"],
}


def originals():
    """Return name and text of each file that is damaged."""
    lines = (DATA / "readme" / "measurements.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    asv = sorted((DATA / "asv" / "results").glob("*/????????-*.json"))
    toy = sorted((DATA / "history").glob("*/????????-*.json"))
    accuracy = json.loads((DATA / "accuracy.json").read_text(encoding="utf-8"))
    few = {"environment": accuracy["environment"], "rows": accuracy["rows"][:4]}
    wanted = {row["dataset"] for row in few["rows"]}
    few["datasets"] = [each for each in accuracy["datasets"] if each["name"] in wanted]
    languages = json.loads((DATA / "languages.json").read_text(encoding="utf-8"))
    languages = {name: part[:3] if isinstance(part, list) else part for name, part in languages.items()}
    languages["rows"] = [{**row, "samples_s": [[1e-6, 2e-6], [3e-6]]} for row in languages["rows"]]
    scaling = {}
    for name in ("passes", "workers"):
        scaling |= json.loads((DATA / f"scaling_{name}.json").read_text(encoding="utf-8"))
    scaling = {name: part[:2] if isinstance(part, list) else part for name, part in scaling.items()}
    starts = '{"processes": 10, "starts": [["predict", "1000x2", 1, true]]}\n'
    return {
        **{f"asv-{path.name}": path.read_text(encoding="utf-8") for path in (asv + toy)[:3]},
        "pytest_benchmark.json": (DATA / "pytest_benchmark.json").read_text(encoding="utf-8"),
        "measurements.jsonl": lines[0] + lines[-1],
        "accuracy.json": json.dumps(few),
        "languages.json": json.dumps(languages),
        "experiments.json": json.dumps({"experiments": [ANSWER]}),
        "plan.json": starts,
        "scaling.json": json.dumps(scaling),
    }


def outcome(path):
    """Return "read" or "refused" for a file, by what the commands do with it; raise whatever escapes them."""
    from lrbench.accuracy import document as accuracy
    from lrbench.cli.folder import planned

    if path.name == "plan.json":
        return "refused" if planned(path.parent) is None else "read"
    if path.name == "accuracy.json":
        try:
            found = accuracy.loads(path.read_bytes())
        except accuracy.BadDocument:
            return "refused"
        _render_accuracy(found)
        return "read"
    return _scaling(path) if path.name == "scaling.json" else _report(path)


def _scaling(path):
    from lrbench.readers import scaling
    from lrbench.report import scaling as report
    from lrbench.results import BadRecord

    try:
        document = scaling.read(path)
    except BadRecord as error:
        return _refused(error, path)
    for render in (report.text, report.markdown, report.page):
        render(document).encode("utf-8", "backslashreplace")
    return "read"


def _refused(error, path):
    """Return "refused" for a message that is short and begins with its file; AssertionError for any other."""
    if not str(error).startswith(str(path)) or len(str(error)) > len(str(path)) + 400:
        message = f"the message does not name the file, or is long: {error!s:.500}"
        raise AssertionError(message) from None
    return "refused"


def _report(path):
    from lrbench.advice import advise
    from lrbench.cli.report import in_order
    from lrbench.comparisons import make_report
    from lrbench.readers import read
    from lrbench.readers.answers import FILE, read_answers
    from lrbench.report import csv, html, markdown, terminal
    from lrbench.report import json as json_report
    from lrbench.results import BadRecord, to_json

    try:
        answers = read_answers([path.parent]) if path.name == FILE else ()
        # Beside an intact run of the same cases there are histories and pairs as well.
        intact = path.parent / INTACT / path.name
        measurements, remarks = ([], []) if answers else read([path, *([intact] if intact.exists() else [])])
    except BadRecord as error:
        return _refused(error, path)
    report = replace(advise(make_report(in_order(measurements), remarks), measurements), experiments=answers)
    for renderer in (csv, html, json_report, markdown, terminal):
        renderer.render(report).encode("utf-8", "backslashreplace")
    if measurements and measurements[0].source == "lrbench":
        to_json(measurements[0])
    return "read"


def _render_accuracy(document):
    from lrbench.report import accuracy, accuracy_page

    accuracy.markdown(document)
    accuracy_page.render(document)
    accuracy.renderables(document)


def try_many(seed, count):
    """Return the outcomes of so many damaged files by name, the failures' tracebacks, and the longest seconds."""
    rng = random.Random(seed)
    texts = originals()
    counts, failures, longest = collections.Counter(), [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / INTACT).mkdir()
        for name in texts:
            (Path(folder) / INTACT / name).write_text(texts[name], encoding="utf-8")
        for k in range(count):
            name = rng.choice(sorted(texts))
            path = Path(folder) / name
            path.write_bytes(damaged(texts[name], rng))
            start = time.monotonic()
            signal.alarm(SECONDS)
            try:
                counts[name, outcome(path)] += 1
            except Exception:  # noqa: BLE001  (what is looked for)
                counts[name, "ESCAPED"] += 1
                if len(failures) < 20:
                    failures.append((seed, k, name, traceback.format_exc()))
            finally:
                signal.alarm(0)
            longest = max(longest, time.monotonic() - start)
    return counts, failures, longest, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _limited():
    resource.setrlimit(resource.RLIMIT_AS, (4 * BYTES, 4 * BYTES))  # addresses; what is resident is told at the end
    signal.signal(signal.SIGALRM, _too_long)


def _too_long(_signal, _frame):
    message = f"took longer than {SECONDS} s"
    raise TimeoutError(message)


def main(count, first=0):
    """Try so many on two processors, from a seed on, and print what came of them."""
    part = 500
    totals, failures, longest, largest = collections.Counter(), [], 0.0, 0
    with multiprocessing.get_context("spawn").Pool(2, _limited) as pool:
        jobs = [pool.apply_async(try_many, (seed, part)) for seed in range(first, first - (-count // part))]
        for job in jobs:
            counts, failed, seconds, peak = job.get()
            totals += counts
            failures += failed
            longest, largest = max(longest, seconds), max(largest, peak)
    for (name, what), n in sorted(totals.items()):
        print(f"{name:50} {what:10} {n:7}")  # noqa: T201  (a command's report)
    kinds = {trace.strip().rpartition("\n")[2][:80]: (seed, k, name, trace) for seed, k, name, trace in failures}
    for seed, k, name, trace in list(kinds.values())[:12]:
        print(f"\nseed {seed}, file {k} ({name}):\n{trace[-1500:]}")  # noqa: T201  (likewise)
    print(f"{totals.total()} files; longest {longest:.2f} s; peak memory {largest / 1e6:.2f} GB")  # noqa: T201  (likewise)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
