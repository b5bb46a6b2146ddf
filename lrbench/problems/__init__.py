"""The problems, one file each. PROBLEMS is the table that every driver and the report go by."""

from lrbench.problems import (
    empty_call,
    fit,
    gradient,
    least_absolute_deviations,
    least_squares,
    least_squares_out_of_core,
    predict,
    sgd_epoch,
    squared_loss,
    vector_addition,
)
from lrbench.registry import Problem

PROBLEMS: tuple[Problem, ...] = (
    vector_addition.PROBLEM,
    predict.PROBLEM,
    squared_loss.PROBLEM,
    gradient.PROBLEM,
    sgd_epoch.PROBLEM,
    sgd_epoch.PROBLEM_256,
    least_squares.PROBLEM,
    least_squares_out_of_core.PROBLEM,
    *fit.PROBLEMS,
    least_absolute_deviations.PROBLEM,
    empty_call.PROBLEM,
)
