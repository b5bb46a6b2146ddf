"""The records of a program and its methods. The table of all of them is in `known`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["loop", "whole", "protocol"]

FOLDER = Path(__file__).parents[1] / "vector_addition" / "languages"
_SLOWEST_CALL_S = 3.0
_LONGEST_SETUP_S = 5.0
_FEWEST_CALLS = 4  # a look and three samples


class Missing(Exception):
    """What runs or builds a program is not here; the message says what to install."""


class BuildFailed(Exception):
    """A compiler refused a program; the message has its last line."""


@dataclass(frozen=True, slots=True)
class Method:
    """One way in which a program adds."""

    name: str  # what the program is called with
    title: str  # how reports name it; unique within a language
    kind: Kind  # coordinate by coordinate, at once, or the documents' own protocol
    output: Literal["given", "new"]
    ns_per_element: float  # of one call, roughly: tells what would take too long
    threads: Literal["one", "all"] = "one"
    one_shot: bool = False  # a single call, however short: the documents' protocol
    sizes: tuple[int, ...] = ()  # of the usual ones, those at which it tells something; empty: all


@dataclass(frozen=True, slots=True)
class Program:
    """One program, built and started in one way."""

    name: str  # what --only takes
    language: str
    source: str  # its file in vector_addition/languages
    methods: tuple[Method, ...]
    prepare: Callable[[Path], tuple[str, ...]]  # from its file to the command before N; raises Missing, BuildFailed
    setup_ns: float = 100.0  # for one element of the inputs and of the checksum, roughly
    bytes_per_element: float = 32.0  # of all vectors together
    install: Callable[[], None] | None = None  # gets, when it is asked for by name, what it needs; raises Missing
    many_sizes: bool = False  # whether N may be several, such as 10,100: for programs that take long to start
    largest_n: int = 1_000_000_000  # beyond it checksums may be rounded

    @property
    def path(self) -> Path:
        """Where its source is."""
        return FOLDER / self.source

    def refusal(self, method: Method, n: int, free_bytes: float) -> str:
        """Return why a method is not run at a size, from what it is known to need; empty if it is run."""
        call_s = method.ns_per_element * n * 1e-9
        if call_s > _SLOWEST_CALL_S:
            return f"about {call_s:.0f} s a call"
        if (setup_s := self.setup_ns * n * 1e-9) > _LONGEST_SETUP_S:
            return f"about {setup_s:.0f} s to make the inputs"
        if n > self.largest_n:
            return f"more than {self.largest_n} elements, the most that it is set up for"
        if (needed := self.bytes_per_element * n) > free_bytes / 2:
            return f"needs about {needed / 1e9:.1f} GB of memory"
        return ""

    def process_s(self, method: Method, n: int) -> float:
        """Return about how long a process takes at least."""
        return n * 1e-9 * (self.setup_ns + _FEWEST_CALLS * method.ns_per_element)
