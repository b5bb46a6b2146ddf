"""All programs, in the order of the reports. To add one: a file in vector_addition/languages and an entry here."""

from typing import Literal

from lrbench.languages import packages
from lrbench.languages.programs import Method, Program
from lrbench.languages.toolchains import Compiler, Interpreter

_NATIVE = "-O3 -march=native"
_RUST = "-C opt-level=3 -C target-cpu=native"
# A heap of one size, touched beforehand: under the usual collector, new arrays of 10000 elements cost 200 us, not 5.
_JAVA = (
    "-XX:+IgnoreUnrecognizedVMOptions -XX:+UseTransparentHugePages "
    "-XX:+UseSerialGC -Xms640m -Xmx640m -Xmn256m -XX:+AlwaysPreTouch"
)


def _debian(package: str) -> str:
    return f"On Debian: apt install {package}"


def _loop(title: str, ns: float, *, name: str = "loop", output: Literal["given", "new"] = "given") -> Method:
    return Method(name, title, "loop", output, ns)


def _whole(title: str, ns: float, *, name: str = "whole", output: Literal["given", "new"] = "given") -> Method:
    return Method(name, title, "whole", output, ns)


def _c(flags: str, ns: float) -> Program:
    return Program(
        name="c",
        language="C",
        source="add.c",
        prepare=Compiler(
            ("gcc", "cc", "clang"),
            _debian("gcc libc6-dev"),
            (*flags.split(), f'-DFLAGS="{flags}"', "{source}", "-o", "{target}"),
        ),
        setup_ns=20,
        methods=(
            _loop(f"loop, {flags}", ns),
            _loop(f"loop, new output, {flags}", ns + 5, name="loop-new", output="new"),
        ),
    )


PROGRAMS: tuple[Program, ...] = (
    *packages.PROGRAMS,
    _c("-O0", 2),
    _c("-O3", 1),
    _c(_NATIVE, 1),
    Program(
        name="fortran",
        language="Fortran",
        source="add.f90",
        prepare=Compiler(
            ("gfortran",),
            _debian("gfortran"),
            (*_NATIVE.split(), "-cpp", f'-DFLAGS="{_NATIVE}"', "{source}", "-o", "{target}"),
        ),
        setup_ns=20,
        methods=(
            _loop("loop", 1),
            _whole("whole", 1),
            _whole("whole, new output", 6, name="whole-new", output="new"),
        ),
    ),
    Program(
        name="rust",
        language="Rust",
        source="add.rs",
        prepare=Compiler(
            ("rustc",),
            _debian("rustc"),
            (*_RUST.split(), "{source}", "-o", "{target}"),
            variables={"LRBENCH_VERSION": "{version}", "LRBENCH_FLAGS": _RUST},
        ),
        setup_ns=20,
        methods=(
            _loop("loop", 1),
            _loop("iterators", 1, name="zip"),
            _loop("iterators, new output", 6, name="zip-new", output="new"),
        ),
    ),
    Program(
        name="go",
        language="Go",
        source="add.go",
        prepare=Compiler(
            ("go",),
            _debian("golang-go"),
            ("build", "-o", "{target}", "{source}"),
            version="version",
            variables={"GO111MODULE": "off", "GOTOOLCHAIN": "local", "GOFLAGS": ""},
        ),
        setup_ns=20,
        methods=(_loop("loop", 1), _loop("loop, new output", 6, name="loop-new", output="new")),
    ),
    Program(
        name="java",
        language="Java",
        source="Add.java",
        prepare=Compiler(
            ("javac",),
            _debian("default-jdk-headless"),
            ("-d", "{folder}", "{source}"),
            start=("java", *_JAVA.split(), "-cp", "{folder}", "Add"),
        ),
        setup_ns=20,
        largest_n=10_000_000,  # what its heap holds
        methods=(_loop("loop", 1), _loop("loop, new output", 2, name="loop-new", output="new")),
    ),
    Program(
        name="javascript",
        language="JavaScript",
        source="add.js",
        prepare=Interpreter(("node", "nodejs"), _debian("nodejs")),
        setup_ns=50,
        methods=(
            _loop("loop, Float64Array", 2),
            _loop("loop, new Float64Array", 4, name="loop-new", output="new"),
            _loop("loop, Array", 2, name="array"),
            _loop("map, new Array", 14, name="map-new", output="new"),
        ),
    ),
    Program(
        name="julia",
        language="Julia",
        source="add.jl",
        prepare=Interpreter(
            ("julia",), "Debian has none: see https://julialang.org/downloads/", ("--startup-file=no", "-O3")
        ),
        setup_ns=100,
        methods=(
            _loop("loop", 1),
            _whole("whole", 6, output="new"),
            _whole("whole, given output", 1, name="whole-given"),
        ),
    ),
    Program(
        name="octave",
        language="GNU Octave",
        source="add.m",
        prepare=Interpreter(("octave-cli",), _debian("octave"), ("--norc",)),
        setup_ns=150,
        bytes_per_element=64,
        methods=(_loop("loop", 2_200, output="new"), _whole("whole", 6, output="new")),
    ),
    Program(
        name="r",
        language="R",
        source="add.R",
        prepare=Interpreter(("Rscript",), _debian("r-base-core"), ("--vanilla",)),
        setup_ns=150,
        bytes_per_element=64,
        methods=(_loop("loop, byte-compiled", 65, output="new"), _whole("whole", 6, output="new")),
    ),
    Program(
        name="perl",
        language="Perl",
        source="add.pl",
        prepare=Interpreter(("perl",), _debian("perl")),
        setup_ns=900,
        bytes_per_element=200,
        methods=(_loop("loop", 50), _loop("map, new output", 90, name="map-new", output="new")),
    ),
    Program(
        name="tcl",
        language="Tcl",
        source="add.tcl",
        prepare=Interpreter(("tclsh",), _debian("tcl")),
        setup_ns=1_500,
        bytes_per_element=200,
        methods=(_loop("loop", 100), _loop("lmap, new output", 60, name="lmap-new", output="new")),
    ),
)
