"""A linear model as the smallest neural network: the steps that it takes, and what it cannot do.

Source: Dive into Deep Learning, "Linear Regression", section "Linear Regression as a Neural Network".
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrbench.experiments import dense_layer, neuron_figures, reading_digits
from lrbench.experiments.findings import (
    Correction,
    Findings,
    Formula,
    Grid,
    Heading,
    Number,
    Numbers,
    Paragraph,
    Part,
    Setting,
)
from lrbench.problems.houses import make_houses, random_start
from lrbench.regression import closed_form, numpy_vectorized

QUESTION = "In what way is linear regression a neural network, and what can a single layer not do?"

N_SAMPLES = 1000
BATCH_SIZE = 10
N_STEPS = 300
LEARNING_RATE = 0.03

Floats = NDArray[np.float64]
Paths = dict[str, Floats]
Found = dict[str, Number | list[Number]]

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
EITHER_BUT_NOT_BOTH = np.array([0.0, 1.0, 1.0, 0.0])


def run(setting: Setting) -> Findings:
    """Return the layer's steps beside SGD's, and what layers make of pictures of digits."""
    training = training_of(setting.seed)
    paths, skipped = all_paths(training)
    steps = _steps(training, paths)
    corners = _corners()
    setting.advance(0.2, "reading digits")
    try:
        reading = reading_digits.read(setting)
    except ImportError as error:
        reading = None
        skipped.append(f"Reading digits: scikit-learn cannot be imported ({error}). pip install scikit-learn")
    numbers: Numbers = {**steps, **corners, **(reading.numbers if reading else {})}
    parts = (*_neuron(numbers), *_same_steps(paths, numbers, _losses(training, paths)))
    if reading:
        parts += reading.parts
    parts += (*_limits(numbers), *(reading.afterwards if reading else ()))
    answer = _answer(numbers) + (reading.answer if reading else "")
    return Findings(parts, answer, numbers, tuple(skipped))


def training_of(seed: int) -> dict[str, Any]:
    """Return what every path starts from: houses, random parameters, the order of minibatches, the learning rate."""
    X, y = make_houses(f"{N_SAMPLES}x2", seed)
    w, b = random_start(2, seed)
    rng = np.random.default_rng([seed, 4])
    visits = np.concatenate([rng.permutation(N_SAMPLES) for _ in range(N_STEPS * BATCH_SIZE // N_SAMPLES)])
    batches = visits.reshape(N_STEPS, BATCH_SIZE)
    return {"X": X, "y": y, "w": w, "b": b, "batches": batches, "learning_rate": LEARNING_RATE}


def all_paths(training: dict[str, Any]) -> tuple[Paths, list[str]]:
    """Return the paths by name, linear regression's own first, and what was skipped."""
    paths = {"sgd": dense_layer.regression_path(**training), "numpy_layer": dense_layer.layer_path(**training)}
    skipped = []
    try:
        for precision in ("float64", "float32"):
            paths[f"torch_{precision}"] = dense_layer.torch_path(**training, precision=precision)
    except ImportError as error:
        skipped.append(f"The steps of nn.Linear: PyTorch cannot be imported ({error}). pip install torch")
    paths["misprinted"] = dense_layer.misprinted_path(**training)
    return paths, skipped


def _steps(training: dict[str, Any], paths: Paths) -> Found:
    X, y, sgd = training["X"], training["y"], paths["sgd"]
    w, b = closed_form.qr(X, y)
    found: Found = {
        "n_steps": N_STEPS,
        "weight_area": float(sgd[-1, 0]),
        "weight_age": float(sgd[-1, 1]),
        "bias": float(sgd[-1, 2]),
        "loss_start": numpy_vectorized.squared_loss(X, y, sgd[0, :2], float(sgd[0, 2])),
        "loss_end": numpy_vectorized.squared_loss(X, y, sgd[-1, :2], float(sgd[-1, 2])),
        "loss_smallest": numpy_vectorized.squared_loss(X, y, w, b),
        "misprinted_bias": float(paths["misprinted"][-1, 2]),
    }
    for name in neuron_figures.LAYERS:
        if name in paths:
            found[f"{name}_difference"] = float(dense_layer.differences(paths[name], sgd).max())
    return found


def _losses(training: dict[str, Any], paths: Paths) -> Paths:
    X, y = training["X"], training["y"]
    return {
        name: np.array([numpy_vectorized.squared_loss(X, y, p[:2], float(p[2])) for p in path])
        for name, path in paths.items()
    }


def _corners() -> Found:
    """Return what least squares says to "either, but not both": alone, and behind two neurons that bend."""
    w, b = closed_form.solve(CORNERS, EITHER_BUT_NOT_BOTH)
    total = CORNERS.sum(axis=1)
    hidden = np.maximum(np.column_stack((total, total - 1.0)), 0.0)
    v, c = closed_form.solve(hidden, EITHER_BUT_NOT_BOTH)
    return {
        "xor_linear": [float(o) for o in numpy_vectorized.predict(CORNERS, w, b)],
        "xor_hidden": [float(o) for o in numpy_vectorized.predict(hidden, v, c)],
    }


def _neuron(numbers: Numbers) -> tuple[Part, ...]:
    return (
        Heading("A neuron"),
        Paragraph(
            "A neural network is made of layers. A layer takes some numbers, its inputs, and computes others, its "
            "outputs; where every output is joined to every input it is called dense, or fully connected. Each joint "
            "has a weight, each output a bias. With one output o, the price of a house say, and the inputs x₁ (area) "
            "and x₂ (age), this is linear regression's own prediction:"
        ),
        Formula("o = w₁ x₁ + w₂ x₂ + b"),
        Paragraph(
            "Such an output is called a neuron: it adds up weighted signals. What networks usually add, a function "
            "that bends each sum, is left out here. Linear regression is a network of one layer and one neuron."
        ),
        neuron_figures.network(numbers),
    )


def _same_steps(paths: Paths, numbers: Numbers, losses: Paths) -> tuple[Part, ...]:
    lines = tuple(
        (name, *(f"{value:.6f}".replace("-", "−") for value in paths[key][-1]), _share(key, numbers))
        for key, name in neuron_figures.NAMES.items()
        if key in paths
    )
    return (
        Heading("The same steps"),
        Paragraph(
            "A network learns by gradient descent. For each output it finds the error signal δ = o − y, the derivative "
            "of the loss ½ (o − y)² by o, and passes it back along the joints, by the chain rule:"
        ),
        Formula("∂L/∂wⱼ = δ · xⱼ\n∂L/∂b = δ"),
        Paragraph(
            f"Averaged over a minibatch, {BATCH_SIZE} of the {N_SAMPLES} houses, this is the gradient of linear "
            "regression. Here both are done, the layer's way and regression's own, from one random start and over "
            f"the same {N_STEPS} minibatches, with learning rate {LEARNING_RATE:g}. Prices are in units of 100 000, "
            "area and age are shifted and scaled to mean 0 and standard deviation 1. The loss falls from "
            f"{numbers['loss_start']:.3f} to {numbers['loss_end']:.5f}; the smallest possible is "
            f"{numbers['loss_smallest']:.5f}."
        ),
        neuron_figures.losses(losses),
        Grid(
            f"Parameters after {N_STEPS} steps, and the largest difference from our SGD at any step (as a share of the "
            "largest parameter)",
            ("trained by", "w₁ (area)", "w₂ (age)", "b", "largest difference"),
            lines,
        ),
        Paragraph(
            "A difference of 1e-16, that is 1/10¹⁶, is the last digit of a number of 64 bits: the layers add the same "
            "terms in another order, and round differently. PyTorch, asked for 32 bits, its default, keeps about seven "
            "digits instead of sixteen."
        ),
        neuron_figures.gaps({name: dense_layer.differences(path, paths["sgd"]) for name, path in paths.items()}),
        Correction(
            "Dive into Deep Learning writes the update of b out with the residual w·x − y: its own “+ b” is missing. "
            "The error signal is δ = w·x + b − y, for b as for the weights. With the formula as printed b never hears "
            f"how large it already is: after the same {N_STEPS} steps it stands at {numbers['misprinted_bias']:.1f} "
            f"instead of {numbers['bias']:.2f}, and it keeps on growing."
        ),
    )


def _share(key: str, numbers: Numbers) -> str:
    difference = numbers.get(f"{key}_difference")
    return "—" if difference is None else f"{difference:.1e}"


def _limits(numbers: Mapping[str, Any]) -> tuple[Part, ...]:
    alone, behind = numbers["xor_linear"], numbers["xor_hidden"]
    lines = tuple(
        (f"({x1:g}, {x2:g})", f"{wanted:g}", f"{alone[k]:.2f}", f"{behind[k] + 0.0:.2f}")
        for k, ((x1, x2), wanted) in enumerate(zip(CORNERS, EITHER_BUT_NOT_BOTH, strict=True))
    )
    return (
        Heading("What no linear layer can do"),
        Paragraph(
            "The shortest example has two inputs, each 0 or 1, and asks for 1 if one of them is 1, but not both (XOR). "
            "To rise from 0 to 1 with either input, a linear layer needs w₁ = 1 and w₂ = 1, and then says 2 where both "
            f"are 1. The least squared loss is had by saying {alone[0]:.1f} to everything:"
        ),
        Grid(
            "Least squares on “either, but not both”",
            ("inputs", "wanted", "one linear layer", "with two bent neurons between"),
            lines,
        ),
        Paragraph(
            "In the last column two neurons stand between: h₁ = max(0, x₁ + x₂) and h₂ = max(0, x₁ + x₂ − 1). "
            "They bend: below zero they stay at zero. The output layer is fitted to h₁ and h₂ by the same least "
            "squares as before, and finds h₁ − 2 h₂, which is right everywhere. Without the bend a second layer gains "
            "nothing, since a weighted sum of weighted sums is one weighted sum: W₂ (W₁ x + b₁) + b₂ = (W₂ W₁) x + "
            "(W₂ b₁ + b₂)."
        ),
    )


def _answer(numbers: Numbers) -> str:
    text = (
        "A dense layer with one output and no bend is linear regression, and learns by the same steps: over "
        f"{N_STEPS} of them the layer's parameters differ from our SGD's by at most "
        f"{numbers['numpy_layer_difference']:.0e} of the largest in NumPy"
    )
    if "torch_float64_difference" in numbers:
        text += f", and by {numbers['torch_float64_difference']:.0e} in PyTorch's nn.Linear"
    return text + ". "
