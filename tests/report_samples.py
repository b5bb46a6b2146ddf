"""Measurements of every outcome, and of hostile names, that the tests of reports share; and a page's elements."""

import re
from html.parser import HTMLParser

from lrbench.comparisons import make_report
from lrbench.results import Measurement, Side

HOSTILE = "<script>alert('1')</script>|`x`\"&\n\x1b[31m</td>" + "long" * 75


def side(name, time_s, *, algorithm="sum", n_epochs=4, **fields):
    epochs = tuple(time_s for _ in range(n_epochs))
    return Side(name, algorithm, "numpy_vectorized", number=1, epochs_s=epochs, rounds=tuple(range(n_epochs)), **fields)


def refused(name, status, reason):
    return Side(name, "sum", "numpy_vectorized", status=status, reason=reason)


SIDES = (
    side("python_loop", 4e-4, digits=15.24, few_samples=True),
    side("numpy_vectorized", 2e-6, digits=15.95),
    side("numpy_out", 2e-6, digits=15.95),
    side("numba_jit", 1.6e-6, digits=15.0, arithmetic="reassociated", first_call_s=0.25),
    side("fourier", 1e-3, digits=12.0, algorithm="fft"),
    refused("slow", "not run", "about 40 s a call"),
    refused("broken", "wrong answer", "relative error 1.6e+00 is above the tolerance 1e-10"),
    refused("absent", "skipped", "needs torch: pip install 'lrbench[peers]'"),
)


def measurements(*sides, **fields):
    given = {"problem": "vector_addition", "size": "10000", "threads": 1, "title": "c = a + b"}
    return [
        Measurement(**{**given, "process": process, "sides": sides, "environment": {"cpu": "AMD <EPYC>"}, **fields})
        for process in range(6)
    ]


def every_outcome():
    return make_report(measurements(*SIDES), remarks=["Load was 2.5: close other programs."])


def hostile_names():
    sides = side(HOSTILE, 1.0, digits=1.0), refused(f"={HOSTILE}", "failed", HOSTILE)
    fields = {"problem": HOSTILE, "size": HOSTILE, "title": HOSTILE, "environment": {HOSTILE: HOSTILE}}
    return make_report(measurements(*sides, **fields), remarks=[HOSTILE])


class Page(HTMLParser):
    """What a browser would find in a page: elements, attributes, and text by element."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    def of(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def without_plotly(text):
    """Return a page without the one script that is not ours."""
    return re.sub(r'(?<=id="plotly">)[^<]{100000,}(?=</script>)', "", text)
