"""one_neuron's claims against finite differences, an optimiser, and scikit-learn's own least squares."""

import sys

import numpy as np
import pytest
from scipy.optimize import minimize

from lrbench.experiments import dense_layer, digits, neuron_figures, one_neuron, reading_digits
from lrbench.experiments.findings import Setting

# A step rounds each parameter once and its update by a few of its own roundings, and the update is smaller than the
# parameter or of its size. With this learning rate no step enlarges a difference, so they add up at worst.
WITHIN_ROUNDING = one_neuron.N_STEPS * 8 * 2.0**-53


@pytest.fixture(scope="module", params=[0, 1])
def seed(request):
    return request.param


@pytest.fixture(scope="module")
def found(seed):
    return one_neuron.run(Setting(seed, quick=True))


@pytest.fixture(scope="module")
def readings(seed):
    return {n: reading_digits.readings(n, reading_digits.N_FOLDS_QUICK, seed) for n in (3, 10)}


def numerical_gradient(loss, parameters):
    """Return the central differences, exact for a loss of second degree but for rounding."""
    steps = np.eye(len(parameters)) * 1e-3
    return np.array([(loss(parameters + step) - loss(parameters - step)) / 2e-3 for step in steps])


def test_the_layers_gradient_is_its_losses_derivative():
    rng = np.random.default_rng(5)
    inputs, wanted, W, b = (rng.standard_normal(shape) for shape in ((7, 4), (7, 3), (3, 4), 3))

    def loss(parameters):
        layer = dense_layer.Dense(parameters[:12].reshape(3, 4), parameters[12:])
        return np.sum((dense_layer.forward(layer, inputs) - wanted) ** 2) / 2

    grad = dense_layer.backward(inputs, dense_layer.forward(dense_layer.Dense(W, b), inputs) - wanted)
    exact = numerical_gradient(loss, np.append(W, b))
    assert np.append(grad.W, grad.b) == pytest.approx(exact, rel=1e-9, abs=1e-9)


def test_every_path_takes_the_steps_of_steepest_descent_on_each_minibatch(seed):
    training = one_neuron.training_of(seed)
    paths, _ = one_neuron.all_paths(training)
    assert np.sort(training["batches"].reshape(3, -1)).tolist() == [list(range(one_neuron.N_SAMPLES))] * 3
    for k, batch in enumerate(training["batches"][:20]):
        rows, wanted = training["X"][batch], training["y"][batch]

        def loss(p, rows=rows, wanted=wanted):
            return np.mean((rows @ p[:2] + p[2] - wanted) ** 2) / 2

        here = paths["sgd"][k]
        there = here - one_neuron.LEARNING_RATE * numerical_gradient(loss, here)
        for name in {"sgd", "numpy_layer", "torch_float64"} & set(paths):
            assert paths[name][k + 1] == pytest.approx(there, rel=1e-10), name


def test_the_numpy_layer_stays_within_rounding_of_sgd(found):
    assert 0 <= found.numbers["numpy_layer_difference"] < WITHIN_ROUNDING


def test_pytorchs_layer_does_too_and_in_its_default_precision_keeps_seven_digits(found):
    pytest.importorskip("torch", reason="needs torch: pip install 'lrbench[torch]'")
    assert found.skipped == ()
    assert 0 <= found.numbers["torch_float64_difference"] < WITHIN_ROUNDING
    assert 1e-9 < found.numbers["torch_float32_difference"] < one_neuron.N_STEPS * 8 * 2.0**-24


def test_a_difference_is_the_worst_parameters_over_the_largest():
    path, other = np.array([[1.0, 2.0], [3.0, -8.0]]), np.array([[1.0, 2.0], [1.0, -4.0]])
    assert dense_layer.differences(path, other).tolist() == [0.0, 1.0]


def test_it_learns_nearly_all_that_can_be_learnt(found, seed):
    X, y = (one_neuron.training_of(seed)[name] for name in ("X", "y"))
    residual = np.linalg.lstsq(np.column_stack((X, np.ones(len(y)))), y, rcond=None)[1]
    smallest = residual[0] / (2 * len(y))
    assert found.numbers["loss_smallest"] == pytest.approx(smallest, rel=1e-12)
    assert smallest < found.numbers["loss_end"] < 1.05 * smallest < 0.1 * found.numbers["loss_start"]


def test_the_misprinted_bias_grows_by_the_mean_price_at_every_step(found, seed):
    training = one_neuron.training_of(seed)
    mean = training["y"].mean()  # the inputs' means are 0: the printed residual is -y on the mean, for ever
    grown = training["b"] + one_neuron.N_STEPS * one_neuron.LEARNING_RATE * mean
    assert found.numbers["misprinted_bias"] == pytest.approx(grown, rel=0.02)
    assert found.numbers["bias"] == pytest.approx(mean, rel=0.02)


@pytest.mark.parametrize("n_classes", [3, 10])
def test_outputs_are_those_of_scikit_learn_on_the_same_folds(readings, n_classes):
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import PredefinedSplit, cross_val_predict

    found = readings[n_classes]
    split = PredefinedSplit(found.fold)
    one = cross_val_predict(LinearRegression(), found.pictures, found.written.astype(float), cv=split)
    many = cross_val_predict(LinearRegression(), found.pictures, np.eye(n_classes)[found.written], cv=split)
    assert found.one_output == pytest.approx(one, abs=1e-9)
    assert found.outputs == pytest.approx(many, abs=1e-9)


def test_accuracies_are_what_the_outputs_say(found, readings):
    from sklearn.metrics import accuracy_score

    for name, reading in (("three", readings[3]), ("ten", readings[10])):
        written = reading.written
        one, many = found.numbers[f"{name}_one_output_accuracy"], found.numbers[f"{name}_accuracy"]
        nearest = np.abs(reading.one_output[:, None] - np.arange(reading.n_classes)).argmin(axis=1)
        assert one == accuracy_score(written, nearest)
        assert many == accuracy_score(written, reading.outputs.argmax(axis=1))
        assert found.numbers[f"{name}_wrong"] == round((1 - many) * len(written))
        assert found.numbers[f"{name}_one_output_wrong"] == round((1 - one) * len(written))


def test_one_neuron_reads_three_digits_and_not_ten_which_takes_ten(found):
    numbers = found.numbers
    assert numbers["three_accuracy"] > numbers["three_one_output_accuracy"] > 0.9
    assert 0.1 < numbers["ten_one_output_accuracy"] < 0.4
    assert 0.9 < numbers["ten_accuracy"] < 0.96


def test_the_folds_are_equal_shares():
    assert np.bincount(digits.folds(1797, 5, 0)).tolist() == [360, 360, 359, 359, 359]


def test_two_linear_layers_are_one_and_a_bend_between_them_spares_mistakes(found):
    numbers = found.numbers
    assert numbers["stacked_difference"] < 1e-9
    assert numbers["stacked_accuracy"] == numbers["ten_accuracy"]
    assert numbers["bent_wrong"] < 0.7 * numbers["ten_wrong"]
    assert numbers["bent_accuracy"] == pytest.approx(1 - numbers["bent_wrong"] / numbers["ten_pictures"])


def test_the_first_layers_weights_have_orthogonal_columns_and_its_bend_is_at_zero():
    zero, basis = np.full((1, 4), 0.5), 0.5 + np.eye(4)
    bias = digits.hidden_outputs(zero, 9, 0, bent=False)
    weights = digits.hidden_outputs(basis, 9, 0, bent=False) - bias
    assert weights @ weights.T == pytest.approx(9 / 4 * np.eye(4), abs=1e-12)
    unbent = digits.hidden_outputs(basis, 9, 0, bent=False)
    assert digits.hidden_outputs(basis, 9, 0, bent=True).tolist() == np.where(unbent > 0, unbent, 0).tolist()


def test_no_plane_is_nearer_to_either_but_not_both_than_a_half_and_two_bends_reach_it(found):
    def loss(p):
        return np.sum((one_neuron.CORNERS @ p[:2] + p[2] - [0, 1, 1, 0]) ** 2)

    best = minimize(loss, [0.3, -0.2, 0.1], tol=1e-12).x
    assert found.numbers["xor_linear"] == pytest.approx(one_neuron.CORNERS @ best[:2] + best[2], abs=1e-6)
    assert found.numbers["xor_linear"] == pytest.approx([0.5] * 4, abs=1e-12)
    assert found.numbers["xor_hidden"] == pytest.approx([0, 1, 1, 0], abs=1e-12)


def test_the_pictures_shown_are_those_read_wrong(readings):
    reading = readings[10]
    wrong = np.flatnonzero(reading.largest != reading.written)
    figure = neuron_figures.wrong_pictures(
        "it", reading.pictures[wrong], reading.written[wrong], reading.largest[wrong]
    )
    layout = figure.chart["layout"]
    assert len(figure.chart["data"]) == 12 < len(wrong)
    for k, trace in enumerate(figure.chart["data"]):
        assert np.array(trace["z"]).ravel() == pytest.approx(reading.pictures[wrong[k]], abs=1e-3)
        title = layout[trace["xaxis"].replace("x", "xaxis")]["title"]["text"]
        assert title == f"{reading.written[wrong[k]]} → {reading.largest[wrong[k]]}"
        assert layout[trace["yaxis"].replace("y", "yaxis")]["autorange"] == "reversed"  # the first line is the top
    assert f"the first 12 of {len(wrong)}" in figure.caption


def test_fewer_mistakes_than_places_are_all_shown():
    figure = neuron_figures.wrong_pictures("it", np.zeros((1, 64)), np.array([2]), np.array([1]))
    assert "all 1." in figure.caption
    assert figure.alternative == "1 small grey pictures: 2 read as 1."


def test_without_pytorch_its_part_is_skipped_and_the_rest_is_done(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    found = one_neuron.run(Setting(0, quick=True))
    assert len(found.skipped) == 1
    assert found.skipped[0].startswith("The steps of nn.Linear: PyTorch cannot be imported")
    assert not any(name.startswith("torch") for name in found.numbers)
    assert "PyTorch" not in found.answer
    assert {"numpy_layer_difference", "ten_accuracy", "xor_linear"} <= set(found.numbers)


def test_without_scikit_learn_no_digits_are_read_and_the_rest_is_done(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    found = one_neuron.run(Setting(0, quick=True))
    assert found.skipped[-1].startswith("Reading digits: scikit-learn cannot be imported")
    assert not any(name.startswith(("three", "ten", "stacked", "bent")) for name in found.numbers)
    assert "digits" not in found.answer
    assert {"numpy_layer_difference", "misprinted_bias", "xor_linear"} <= set(found.numbers)
