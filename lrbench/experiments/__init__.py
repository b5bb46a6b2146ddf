"""The questions that the documents ask, each answered by measurement: one file a question.

A question's module has QUESTION, a sentence, and `run(setting)`, which returns its Findings. It is read only
when it is asked for.
"""

from importlib import import_module
from types import ModuleType

EXPERIMENTS = (
    "house_prices",
    "loss_choice",
    "noise_and_likelihood",
    "best_constant",
    "closed_form_or_sgd",
    "absolute_noise",
    "learning_rate_and_batch_size",
    "initialisation_and_sampling",
    "one_neuron",
    "vectorization",
)


def load(name: str) -> ModuleType:
    """Return the module of the experiment of that name."""
    return import_module(f"{__name__}.{name}")
