"""All implementations of one problem and size in this process: prepared, tried out, measured."""

import contextlib
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from lrbench import gate, results
from lrbench.measure import ceilings, clock, environment
from lrbench.problems import PROBLEMS
from lrbench.registry import Case, Problem, n_elements
from lrbench.results import Measurement, Side, Status


class Sides:
    """The sides of one job: which of them are right, and what they cost."""

    def __init__(self, job: Mapping[str, Any], announce: Callable[[str], None]) -> None:
        self.job = job
        self.announce = announce  # called with each implementation's name before it is run for the first time
        self.problem: Problem = next(p for p in PROBLEMS if p.name == job["problem"])
        self.prepared: dict[str, gate.Prepared] = {}
        self.refused: dict[str, tuple[Status, str]] = {}
        self.gate_s: dict[str, float] = {}
        self.loading_s = 0.0  # of the implementations' modules
        self.checksum = ""

    def prepare(self, *, thorough: bool) -> None:
        """Make the inputs and take every implementation through the gate."""
        refused: Mapping[str, tuple[Status, str]] = self.job["refused"]
        failed: Mapping[str, str] = self.job["failed"]
        if reason := environment.shortage(n_elements(self.job["size"])):
            self.refused = dict.fromkeys(self.job["implementations"], ("not run", reason))
            return
        try:
            question = self.ask()
        except gate.Unavailable as error:
            self.refused = dict.fromkeys(self.job["implementations"], ("skipped", str(error)))
            return
        for name in self.job["implementations"]:
            case = self.case(name)
            if name in failed:
                self.refused[name] = ("failed", failed[name])
            elif name in refused:
                self.refused[name] = refused[name]
            elif case.too_slow:
                self.refused[name] = ("not run", case.too_slow)
            else:
                self._pass_gate(case, question, thorough=thorough)

    def ask(self, *, unchecked: bool = False) -> gate.Question:
        """Return the job's inputs and, unless no answer is to be checked here, their reference."""
        data = self._load if self.job["data_path"] else None
        question = gate.ask(self.problem, self.job["size"], seed=self.job["seed"], data=data, unchecked=unchecked)
        self.checksum = question.checksum
        return question

    def case(self, name: str) -> Case:
        """Return the case of one of the job's implementations."""
        return Case(self.problem, self.job["size"], self.problem.implementation(name))

    def _load(self) -> tuple[Any, Any]:
        with np.load(self.job["data_path"], allow_pickle=False) as stored:
            return stored["X"], stored["y"]

    def _pass_gate(self, case: Case, question: gate.Question, *, thorough: bool) -> None:
        name = case.implementation.name
        self.announce(name)
        start = time.perf_counter()
        with contextlib.suppress(Exception):  # the gate says what is wrong with it
            gate.resolve(case.implementation.target)
        self.loading_s += time.perf_counter() - start
        start = time.perf_counter()
        try:
            self.prepared[name] = gate.prepare(case, question, thorough=thorough)
        except gate.TooSlow as error:
            self.refused[name] = ("not run", str(error))
        except gate.Unavailable as error:
            self.refused[name] = ("skipped", str(error))
        except gate.WrongAnswer as error:
            self.refused[name] = ("wrong answer", str(error).removeprefix(f"{case.id}: "))
        self.gate_s[name] = time.perf_counter() - start

    def pilot(self, first_setup_s: float) -> Mapping[str, Any]:
        """Return seconds of one call, by implementation, who was refused, and what a later process needs to get ready.

        A second, shorter passage through the gate, compiled and with references at hand, tells the latter.
        first_setup_s: how long the first one took, start and imports included, which bounds it.
        """
        calls = {}
        for name, prepared in self.prepared.items():
            self.announce(name)
            calls[name] = clock.estimate_call_s(prepared.call)
        loading_s = 0.3 + 0.05 * len(self.prepared) + self.loading_s  # interpreter, NumPy, compiled code from disk
        start = time.perf_counter()
        self.prepare(thorough=False)
        again_s = time.perf_counter() - start
        return {
            "call_s": calls,
            "refused": self.refused,
            "gate_s": self.gate_s,
            "setup_s": min(first_setup_s, again_s + loading_s),
            "baselines": self._baselines(),
        }

    def _baselines(self) -> list[str]:
        return sorted({self._baseline(name) for name in self.prepared})

    def _baseline(self, name: str) -> str:
        return self.problem.baseline_of(self.problem.implementation(name))

    def measure(self) -> str:
        """Time all sides in balanced rounds and return the measurement as one line of JSON."""
        before = environment.describe()
        started = datetime.now(UTC).isoformat(timespec="seconds")
        epochs: dict[str, list[tuple[int, float, float]]] = {name: [] for name in self.prepared}
        twins: dict[str, list[tuple[int, float, float]]] = {name: [] for name in self.job["twins"]}
        chance = random.Random(f"{self.job['seed']} {self.job['process']} {self.problem.name} {self.job['size']}")  # noqa: S311  (an order, not a secret)
        for number, names in enumerate(self._rounds(chance)):
            for name, is_twin in names:
                self.announce(name)
                wall, cpu = clock.quiet_epoch(
                    self.prepared[name].call, self.job["numbers"][name], call_s=self.job["calls_s"][name]
                )
                (twins if is_twin else epochs)[name].append((number, wall, cpu))
        timed = [self._side(name, epochs.get(name, ())) for name in self.job["implementations"]]
        again = [self._side(name, found) for name, found in twins.items() if found]
        measurement = self.measurement(timed, again, {**before, "load_after": environment.load()}, started)
        if self.job["ceilings"]:
            found = ceilings.at_working_set(self.job["threads"], self.problem.least_work(self.job["size"]).size_bytes)
            measurement = replace(measurement, ceilings=tuple(found))
        return results.to_json(measurement)

    def _rounds(self, chance: random.Random) -> list[list[tuple[str, bool]]]:
        """Return the order of sides round by round, each with whether it stands in as its own twin.

        A slow side joins one round, anywhere.
        """
        steady = [(name, False) for name in self.prepared if name not in self.job["few"]]
        steady += [(name, True) for name in self.job["twins"] if name in self.prepared]
        orders = clock.balanced_orders(len(steady), chance) if steady else iter(())
        rounds = [[steady[k] for k in next(orders, ())] for _ in range(self.job["rounds"])]
        for name in self.prepared:
            if name in self.job["few"]:
                chosen = chance.choice(rounds)
                chosen.insert(chance.randint(0, len(chosen)), (name, False))
        return rounds

    def measurement(
        self, sides: Sequence[Side], twins: Sequence[Side], described: Mapping[str, Any], started: str
    ) -> Measurement:
        """Return the record of what was found in this process, whose environment has been described."""
        job = self.job
        work = self.problem.least_work(job["size"])
        return Measurement(
            problem=self.problem.name,
            size=job["size"],
            threads=job["threads"],
            process=job["process"],
            sides=tuple(sides),
            twins=tuple(twins),
            environment={**described, "data": job["data"], "load_before": job["load_before"]},
            title=self.problem.title,
            seed=job["seed"],
            version=self.problem.version,
            data_checksum=self.checksum,
            flops=work.flops,
            size_bytes=work.size_bytes,
            traffic=self.problem.traffic,
            iterative=self.problem.iterative,
            family=self.problem.family,
            target=self.problem.target,
            started=started,
        )

    def untimed(self, name: str) -> Side:
        """Return the record of an implementation of which nothing is known yet."""
        implementation = self.problem.implementation(name)
        return Side(name, implementation.algorithm, self._baseline(name), implementation.arithmetic)

    def _side(self, name: str, epochs: Sequence[tuple[int, float, float]]) -> Side:
        side = self.untimed(name)
        if name in self.refused:
            status, reason = self.refused[name]
            return replace(side, status=status, reason=reason)
        prepared = self.prepared[name]
        return replace(
            side,
            digits=prepared.digits,
            steps=prepared.steps,
            number=self.job["numbers"][name],
            epochs_s=tuple(wall for _, wall, _ in epochs),
            rounds=tuple(number for number, _, _ in epochs),
            few_samples=name in self.job["few"],
            cpu_s=sum(cpu for _, _, cpu in epochs),
        )
