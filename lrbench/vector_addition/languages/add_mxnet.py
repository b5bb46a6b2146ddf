"""c = a + b in MXNet, as the documents have it and as it ought to be timed: item by item, and at once; float32.

Usage: python add_mxnet.py N[,N ...] REPETITIONS SEED [METHOD]; the protocol is described in
lrbench/languages/__init__.py. Needs mxnet 1.9.1 and numpy 1.23.5 under Python 3.11, the last that it works with.

MXNet puts operations in a queue and returns before they are done. What ends in _once reads the clock then, as the
documents do; the others wait for the result first.
Source: Dive into Deep Learning, "Linear Regression", section "Vectorization for Speed", MXNet's edition.
"""

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any

from add import GIVEN, LOOP, NEW, ONCE, inputs, main, once, repeated, show, versions

BEFORE = 1000  # elements, at most, of the documents' loop where it only comes before what is timed
WAITED = "the result waited for"


def loop(a: Any, b: Any, c: Any) -> Any:
    """Add item by item; the items may still be in the queue."""
    for i in range(len(a)):
        c[i] = a[i] + b[i]
    return c


def whole(a: Any, b: Any, _c: Any) -> Any:
    """Add at once; the sum may still be in the queue."""
    return a + b


def waited(add: Callable[..., Any], *arguments: Any) -> Any:
    """Add, and return when it has been done."""
    output = add(*arguments)
    output.wait_to_read()
    return output


METHODS: Mapping[str, tuple[Callable[..., Any], str, str]] = {
    "loop": (functools.partial(waited, loop), f"{LOOP}; c.wait_to_read()", f"{GIVEN}; {WAITED}"),
    "whole": (functools.partial(waited, whole), "(a + b).wait_to_read()", f"{NEW}; {WAITED}"),
    "loop_once": (loop, LOOP, ONCE),
    "whole_once": (whole, "a + b", f"{ONCE}, after the loop; its end is not waited for"),
    "whole_once_waited": (
        functools.partial(waited, whole),
        "(a + b).wait_to_read()",
        f"{ONCE}, after the loop; {WAITED}",
    ),
}


def measure(method: str, n: int, repetitions: int, seed: int) -> None:
    """Time one method and print its line."""
    from mxnet import np, npx

    npx.set_np()
    add, label, note = METHODS[method]
    a, b = (np.array(values, dtype="float32") for values in inputs(n, seed))

    def make() -> Callable[[], Any]:
        c = np.zeros(n)
        npx.waitall()  # nothing of the inputs is left in the queue
        return functools.partial(add, a, b, c)

    call = make()
    if method in {"whole_once", "whole_once_waited"}:
        loop(a[:BEFORE], b[:BEFORE], np.zeros(min(n, BEFORE)))
    samples, calls, output = once(call) if "_once" in method else repeated(make, repetitions)
    show(
        method,
        n,
        (samples, calls, output.asnumpy()),
        label=label,
        note=note,
        version=versions("mxnet"),
        dtype="float32",
    )


if __name__ == "__main__":
    main(sys.argv[1:], METHODS, measure)
