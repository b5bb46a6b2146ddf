"""Reports that the tests in a browser open, and what they ask of every page."""

from pathlib import Path

from lrbench.comparisons import make_report
from lrbench.readers import read
from lrbench.results import Ceiling, Measurement, Side

DATA = Path(__file__).parent / "data"
HOSTILE = "<script>alert('1')</script><img src=x onerror=alert(2)>\"'&é中\u202e=" + "long" * 75
SEEN = (
    "[...document.querySelectorAll('table.cases tbody tr')].filter((r) => r.getClientRects().length).map((r) => r.id)"
)
ALL_DRAWN = "[...document.querySelectorAll('.plot')].every((p) => p.querySelector('.main-svg'))"


def side(name, time_s, **fields):
    return Side(
        name, "sum", "plain", number=1, epochs_s=(time_s,) * 4, rounds=(0, 1, 2, 3),
        **{"digits": 15.0, "first_call_s": 1e-2, "peak_memory_bytes": 1e6, **fields},
    )  # fmt: skip


def measured(sides, **fields):
    given = {
        "problem": "gradient", "size": "1000x2", "threads": 1, "flops": 1e4, "size_bytes": 24e4,
        "ceilings": (Ceiling("read", 1, 24e4, 1e11), Ceiling("flops", 1, None, 5e10)),
        "twins": (side("plain", 4.1e-6),),
    }  # fmt: skip
    return [Measurement(**{**given, "process": process, "sides": sides, **fields}) for process in range(6)]


SIDES = (
    side("plain", 4e-6),
    side("jit", 1e-6, digits=13.0, first_call_s=2.0),
    side("slow", 1e-3, few_samples=True),
    Side("broken", "sum", "plain", status="wrong answer", reason="relative error 1.6 is above the tolerance 1e-10"),
    Side("absent", "sum", "plain", status="skipped", reason="needs torch"),
    Side("later", "sum", "plain", status="not run", reason="about 40 s"),
    Side("dead", "sum", "plain", status="failed", reason="killed"),
)
SIZES = ("10x2", "1000x2", "1000x20", "100000x20")


def every_kind():
    return make_report([m for size in SIZES for m in measured(SIDES, size=size)], remarks=["Load was 2.5."])


def hostile():
    sides = (side("plain", 4e-6), side(HOSTILE, 1e-6), Side(HOSTILE[::-1], "sum", "plain", "strict", "failed", HOSTILE))
    return make_report(measured(sides, problem=HOSTILE, title=HOSTILE, environment={"cpu": HOSTILE}), remarks=[HOSTILE])


def many():
    """1000 cases: 10 problems, 10 sizes, 10 implementations."""
    sides = tuple(side("plain" if i == 0 else f"side_{i}", (i + 1) * 1e-6, digits=15.0 - i / 10) for i in range(10))
    sizes = [f"{n}x{d}" for d in (2, 20) for n in (10, 100, 1000, 10000, 100000)]
    return make_report([m for p in range(10) for s in sizes for m in measured(sides, problem=f"problem_{p}", size=s)])


def from_files(*names):
    measurements, remarks = read([DATA / name for name in names])
    return make_report(measurements, remarks)


PAGES = {
    "every kind of row": every_kind,
    "a run": lambda: from_files("readme"),
    "asv": lambda: from_files("asv"),
    "a history": lambda: from_files("history"),
    "pytest-benchmark": lambda: from_files("pytest_benchmark.json"),
    "a mix": lambda: from_files("readme", "asv", "pytest_benchmark.json"),
    "hostile": hostile,
    "nothing": lambda: make_report([]),
    "no times": lambda: make_report(measured(SIDES[3:])),
}


def draw_all(window):
    """Scroll through the page until every figure is drawn."""
    window.value("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    for i in range(window.value("document.querySelectorAll('.plot').length")):
        plot = f"document.querySelectorAll('.plot')[{i}]"
        window.value(f"{plot}.scrollIntoView({{behavior: 'instant'}})")
        window.until(f"Boolean({plot}.querySelector('.main-svg'))")
    window.until(ALL_DRAWN)
