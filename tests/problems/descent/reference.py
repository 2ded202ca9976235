"""Two layers, a loss and a cost, and the key of part (b)."""

import numpy as np


def output(W, x):
    return W @ x


def loss(W, x, t):
    return 0.5 * np.sum((output(W, x) - t) ** 2)


def input_gradient(W, x, t):
    return W.T @ (W @ x - t)


def through(P, Q, x):
    return Q @ (P @ x)


def cost(a, b, s):
    return 0.5 * a * s**2 - b * s


def newton(a, b):
    return b / a


def multiplications():
    return np.zeros((3, 2)).size
