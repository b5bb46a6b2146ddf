"""A document of lrbench languages with literal times, for the tests of what reads and shows it."""

import dataclasses

from lrbench.languages.document import make_document
from lrbench.languages.rows import Row

SIZES = (10, 100, 1_000, 10_000, 1_000_000, 10_000_000)
ENVIRONMENT = {"cpu": "a processor", "python": "3.11", "caches": {"L1": "32K", "L2": "1024K"}}
CEILINGS = [
    {"kind": kind, "threads": 1, "working_set_bytes": 24.0 * n, "value": value, "low": value, "high": 1.25 * value}
    for kind, factor in (("read", 2.0), ("add", 1.0))
    for n, value in ((1_000, factor * 1e11), (10_000, factor * 8e10), (10_000_000, factor * 3e10))
]


def row(language, method, size, median_s, **fields):
    known = Row(
        language=language,
        method=method,
        version="1.0",
        size=size,
        status="ok",
        reason="",
        median_s=median_s,
        iqr_s=0.0,
        seconds_per_element=median_s / size,
        program="numpy",
        kind="whole",
        output="new",
        threads=1,
        dtype="float64",
        label="a + b",
        flags="",
        note="output allocated in each call",
        processes=2,
        calls_per_sample=4,
        samples_s=((median_s, median_s), (median_s,)),
    )
    return dataclasses.replace(known, **fields)


def refused(language, method, size, status, reason, **fields):
    nothing = {"median_s": None, "iqr_s": None, "seconds_per_element": None, "version": "", "note": "", "dtype": ""}
    left = {"processes": 0, "calls_per_sample": None, "samples_s": ()}
    return dataclasses.replace(
        row(language, method, size, 1.0), status=status, reason=reason, **nothing, **left, **fields
    )


def along(language, method, overhead_s, element_s, large_s, **fields):
    """Return rows on a line up to 10000 elements, and at a cost per element of its own beyond."""
    return [
        row(language, method, n, overhead_s + element_s * n if n <= SIZES[3] else large_s * n, **fields) for n in SIZES
    ]


def once(method, median_s, **fields):
    known = {"kind": "protocol", "calls_per_sample": 1, "processes": 1, "samples_s": ((median_s,),)}
    return row(
        "Python", f"{method}, the documents' protocol{fields.pop('more', '')}", 10_000, median_s, **known, **fields
    )


MXNET = {"program": "mxnet", "dtype": "float32", "threads": 2}
ROWS = [
    *along("Python", "list, index loop", 1e-7, 4e-8, 5e-8, program="lists", kind="loop"),
    *along("Python", "NumPy, item by item", 5e-7, 1.5e-7, 1.6e-7, kind="loop"),
    *along("Python", "NumPy, a + b", 4e-7, 2.5e-10, 1.2e-9),
    *along("Python", "NumPy, out=", 2e-7, 2e-10, 8.8e-10, output="given", note="output given"),
    once("NumPy, a + b", 1.2e-5),
    row("Python", "MXNet, item by item, waited for", 10_000, 2.0, kind="loop", **MXNET),
    row("Python", "MXNet, a + b, waited for", 10_000, 9e-5, **MXNET),
    once("MXNet, item by item", 1.9, **MXNET),
    once("MXNet, a + b", 3e-5, **MXNET),
    once("MXNet, a + b", 1e-4, more=" but waited for", **MXNET),
    *along("C", "loop, -O0", 0.0, 1.6e-9, 1.8e-9, program="c", kind="loop", flags="-O0", output="given"),
    *along("C", "loop, -O3", 0.0, 2e-10, 8.4e-10, program="c", kind="loop", flags="-O3", output="given"),
    *along("Perl", "loop", 1e-7, 5e-8, 5e-8, program="perl", kind="loop", output="given"),
    refused("Tcl", "loop", 10, "failed", "wrong answer: checksum 1.5, where 2.5 is right", program="tcl", kind="loop"),
    refused("Julia", "loop", 10, "skipped", "no julia on PATH", program="julia", kind="loop"),
    refused("Julia", "loop", 100, "skipped", "no julia on PATH", program="julia", kind="loop"),
]
DOCUMENT = make_document(ENVIRONMENT, CEILINGS, ROWS)
