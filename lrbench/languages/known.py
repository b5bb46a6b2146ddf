"""All programs, in the order of the reports. To add one: a file in vector_addition/languages and an entry here."""

from lrbench.languages import packages
from lrbench.languages.programs import Method, Program
from lrbench.languages.toolchains import Compiler

_O3 = "-O3"
_NATIVE = "-O3 -march=native"


def _c(flags: str, ns_per_element: float) -> Program:
    arguments = (*flags.split(), f'-DFLAGS="{flags}"', "{source}", "-o", "{target}")
    return Program(
        name="c",
        language="C",
        source="add.c",
        prepare=Compiler(("gcc", "cc", "clang"), "gcc", arguments),
        setup_ns=20.0,
        methods=(
            Method("loop", f"loop, {flags}", "loop", "given", ns_per_element),
            Method("loop-new", f"loop, new output, {flags}", "loop", "new", ns_per_element + 5.0),
        ),
    )


PROGRAMS: tuple[Program, ...] = (
    _c("-O0", 2.0),
    _c(_O3, 1.0),
    _c(_NATIVE, 1.0),
    *packages.PROGRAMS,
)
