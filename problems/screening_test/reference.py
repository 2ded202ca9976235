"""A screening test with known error rates: the joint distribution of disease and result, and what follows from it."""

import numpy as np


def joint(se, sp, p):
    """The probabilities of (healthy, ill) × (negative, positive), 2×2."""
    return np.array([[(1 - p) * sp, (1 - p) * (1 - sp)], [p * (1 - se), p * se]])


def given_positive(table):
    """The probability of being ill given a positive result, a number: a column of the table, divided by its sum."""
    return table[1, 1] / table[:, 1].sum()


def predictive_value(se, sp, p):
    """The probability of being ill after a positive result, a number."""
    return given_positive(joint(se, sp, p))


def negative_predictive_value(se, sp, p):
    """The probability of being healthy after a negative result, a number."""
    table = joint(se, sp, p)
    return table[0, 0] / table[:, 0].sum()


def rest_of_predictive_value(se, sp, p):
    """1 minus the probability of being ill after a positive result, a number."""
    return 1 - predictive_value(se, sp, p)


def odds_afterwards(se, sp, p):
    """The odds of being ill after a positive result, a number."""
    value = predictive_value(se, sp, p)
    return value / (1 - value)


def odds_times_ratio(se, sp, p):
    """The odds before the test times the likelihood ratio of a positive result, a number."""
    return p / (1 - p) * se / (1 - sp)


def value_without_information(se, p):
    """The probability of being ill after a positive result of a test with sp = 1 - se, a number."""
    return predictive_value(se, 1 - se, p)


def after_two_positives(se, sp, p):
    """The same after a second positive result, a number: the first posterior is the prior of the second."""
    return predictive_value(se, sp, predictive_value(se, sp, p))


def share_of_town():
    """Part (b): the share of the ill among the positives, a number, from whole people in a town of 100,000."""
    ill, healthy = 1_000, 99_000
    found, false_alarms = ill * 90 // 100, healthy * 5 // 100
    return found / (found + false_alarms)


def log_likelihood(se, sp, p, k, n):
    """The logarithm of the likelihood of k positives among n, without the binomial coefficient, a number."""
    positive = joint(se, sp, p)[:, 1].sum()
    return k * np.log(positive) + (n - k) * np.log(1 - positive)


def prevalence_by_search(se, sp, k, n):
    """The prevalence at which a share k / n of positives is expected, a number; by bisection, not only from 0 to 1."""
    low, high = -100.0, 100.0
    for _ in range(100):
        middle = (low + high) / 2
        if joint(se, sp, middle)[:, 1].sum() < k / n:
            low = middle
        else:
            high = middle
    return middle
