"""What layers make of handwritten digits: accuracies, and the pictures that they get wrong."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrbench.experiments import digits, neuron_figures
from lrbench.experiments.findings import Figure, Grid, Heading, Number, Paragraph, Part, Setting

N_FOLDS, N_FOLDS_QUICK = 5, 3
N_HIDDEN = 300  # 64 read as well as no hidden layer, and 500, with a thousand pictures to fit, no better

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Readings:
    """What single layers say to pictures of some digits that they were not fitted to."""

    pictures: Floats  # (n_samples, 64)
    written: Indices  # (n_samples,)
    fold: Indices  # (n_samples,)
    one_output: Floats  # (n_samples,): the digit as a number
    outputs: Floats  # (n_samples, n_classes): one output for each digit

    @property
    def n_classes(self) -> int:
        """How many digits there are."""
        return self.outputs.shape[1]

    @property
    def rounded(self) -> Indices:
        """What the one output reads: the nearest digit there is."""
        return np.clip(np.rint(self.one_output), 0, self.n_classes - 1).astype(np.int64)

    @property
    def largest(self) -> Indices:
        """What the many read: the digit whose output is largest."""
        return self.outputs.argmax(axis=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """The digits' share of the findings."""

    numbers: dict[str, Number]
    parts: tuple[Part, ...]  # of single layers
    afterwards: tuple[Part, ...]  # of layers behind layers
    answer: str


def read(setting: Setting) -> Reading:
    """Return the readings of 0, 1, 2 and of all ten, and of two layers. ImportError without scikit-learn."""
    n_folds = N_FOLDS_QUICK if setting.quick else N_FOLDS
    three = readings(3, n_folds, setting.seed)
    ten = readings(10, n_folds, setting.seed)
    setting.advance(0.4, "two layers without a bend")
    stacked = second_layer(ten, setting.seed, bent=False)
    setting.advance(0.7, "two layers with a bend")
    bent = second_layer(ten, setting.seed, bent=True)
    written, said, times = _commonest(ten)
    numbers: dict[str, Number] = {
        "n_folds": n_folds,
        "n_hidden": N_HIDDEN,
        **_numbers("three", three),
        **_numbers("ten", ten),
        "ten_confused": f"{written} read as {said}",
        "ten_confused_times": times,
        "stacked_accuracy": accuracy(stacked.argmax(axis=1), ten.written),
        "stacked_difference": float(np.abs(stacked - ten.outputs).max()),
        "bent_accuracy": accuracy(bent.argmax(axis=1), ten.written),
        "bent_wrong": int(np.sum(bent.argmax(axis=1) != ten.written)),
    }
    return Reading(numbers, _parts(three, ten, numbers), _afterwards(numbers), _answer(numbers))


def readings(n_classes: int, n_folds: int, seed: int) -> Readings:
    """Return the outputs of single layers, each picture's by layers that were fitted to the other folds."""
    pictures, written = digits.load(n_classes)
    fold = digits.folds(len(written), n_folds, seed)
    as_number = digits.held_out(pictures, written[:, np.newaxis].astype(np.float64), fold)[:, 0]
    outputs = digits.held_out(pictures, digits.one_per_class(written, n_classes), fold)
    return Readings(pictures, written, fold, as_number, outputs)


def second_layer(single: Readings, seed: int, *, bent: bool) -> Floats:
    """Return the outputs behind a first layer of N_HIDDEN neurons with random weights."""
    hidden = digits.hidden_outputs(single.pictures, N_HIDDEN, seed, bent=bent)
    return digits.held_out(hidden, digits.one_per_class(single.written, single.n_classes), single.fold)


def accuracy(said: Indices, written: Indices) -> float:
    """Return the share of pictures that were read right."""
    return float(np.mean(said == written))


def _numbers(name: str, found: Readings) -> dict[str, Number]:
    return {
        f"{name}_pictures": len(found.written),
        f"{name}_one_output_accuracy": accuracy(found.rounded, found.written),
        f"{name}_accuracy": accuracy(found.largest, found.written),
        f"{name}_one_output_wrong": int(np.sum(found.rounded != found.written)),
        f"{name}_wrong": int(np.sum(found.largest != found.written)),
    }


def _commonest(found: Readings) -> tuple[int, int, int]:
    """Return the commonest mistake: what was written, what was read, how often."""
    counts = np.zeros((found.n_classes, found.n_classes), dtype=np.int64)
    np.add.at(counts, (found.written, found.largest), 1)
    np.fill_diagonal(counts, 0)
    written, said = np.unravel_index(counts.argmax(), counts.shape)
    return int(written), int(said), int(counts.max())


def _parts(three: Readings, ten: Readings, numbers: dict[str, Number]) -> tuple[Part, ...]:
    return (
        Heading("Reading digits with one layer"),
        Paragraph(
            f"scikit-learn ships with {numbers['ten_pictures']} pictures of handwritten digits, {digits.SIDE} by "
            f"{digits.SIDE} pixels each. The inputs are now the {digits.SIDE**2} pixels, the ink of each from 0 to 1, "
            "and the output is to be the digit. To be fair, no layer is asked about pictures that it was fitted to: "
            f"they are dealt at random into {numbers['n_folds']} heaps, and each heap is read by layers that were "
            "fitted to the others, by least squares."
        ),
        Paragraph(
            "With a single neuron, the digit itself is the target: the output should be 0 for a zero, 1 for a one, "
            f"and is rounded to the nearest digit. For 0, 1 and 2 this works: {_percent(three.rounded, three)} are "
            f"right. For all ten it does not: {_percent(ten.rounded, ten)}. The neuron is forced to have 4 between "
            "3 and 5, though a 4 looks like neither."
        ),
        neuron_figures.one_output(three.written, three.one_output),
        neuron_figures.one_output(ten.written, ten.one_output),
        Paragraph(
            "With a neuron for each digit, each is fitted to say 1 to its own digit and 0 to the others, and the "
            f"loudest is believed. Now {_percent(three.largest, three)} of 0, 1 and 2 are right, and "
            f"{_percent(ten.largest, ten)} of all ten."
        ),
        _accuracies(three, ten),
        Heading("The pictures that it gets wrong"),
        _wrong("one neuron, digits 0 to 2", three, three.rounded),
        _wrong("a neuron for each digit, all ten digits", ten, ten.largest),
        Paragraph(
            f"The commonest mistake of ten neurons is {numbers['ten_confused']}, {numbers['ten_confused_times']} times "
            f"of {numbers['ten_wrong']}. A linear layer gives each pixel one weight, whatever the other pixels show: "
            "it knows where there is usually ink, but not which strokes belong together, and a digit moved by a "
            "pixel is another set of inputs."
        ),
    )


def _accuracies(three: Readings, ten: Readings) -> Grid:
    return Grid(
        "Pictures read right, of those not fitted to; ± two standard errors",
        ("one linear layer", "digits 0, 1, 2", "all ten digits"),
        (
            ("one neuron, rounded", _with_error(three.rounded, three), _with_error(ten.rounded, ten)),
            ("a neuron for each digit", _with_error(three.largest, three), _with_error(ten.largest, ten)),
            ("guessing", f"{1 / 3:.1%}", f"{1 / 10:.1%}"),
        ),
    )


def _wrong(which: str, found: Readings, said: Indices) -> Figure:
    wrong = np.flatnonzero(said != found.written)
    return neuron_figures.wrong_pictures(which, found.pictures[wrong], found.written[wrong], said[wrong])


def _afterwards(numbers: dict[str, Number]) -> tuple[Part, ...]:
    return (
        Paragraph(
            f"The same holds for the digits. A first layer of {N_HIDDEN} neurons with random weights, never trained, "
            "is put before the ten, which are fitted to its outputs. Without the bend the two layers read "
            f"{numbers['stacked_accuracy']:.1%} right, and no output differs from the single layer's by more than "
            f"{numbers['stacked_difference']:.0e}: they are a single layer. With max(0, ·) on each of the {N_HIDDEN} "
            f"they read {numbers['bent_accuracy']:.1%}; of {numbers['ten_wrong']} mistakes {numbers['bent_wrong']} are "
            "left. That bend, with weights "
            "that are trained in every layer, is what makes a network more than a regression."
        ),
    )


def _answer(numbers: dict[str, Number]) -> str:
    return (
        f"Of pictures of the digits 0, 1 and 2 one such neuron reads {numbers['three_one_output_accuracy']:.0%} right, "
        f"of all ten digits {numbers['ten_one_output_accuracy']:.0%}; a neuron for each digit reads "
        f"{numbers['ten_accuracy']:.0%}. A second linear layer changes no answer. With a bend between the two they "
        f"read {numbers['bent_accuracy']:.0%}."
    )


def _percent(said: Indices, found: Readings) -> str:
    return f"{accuracy(said, found.written):.1%}"


def _with_error(said: Indices, found: Readings) -> str:
    share = accuracy(said, found.written)
    return f"{share:.1%} ± {2 * np.sqrt(share * (1 - share) / len(said)):.1%}"
