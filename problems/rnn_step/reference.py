"""One step of a recurrent network with tanh, its gradients, and a whole sequence; beside them what is often written instead."""

import numpy as np


def preactivation(W_ss, W_sx, b, x, s):
    """What enters the activation, m×1."""
    return W_ss @ s + W_sx @ x + b


def step(W_ss, W_sx, b, x, s):
    """Part (a): the new state, m×1."""
    return np.tanh(preactivation(W_ss, W_sx, b, x, s))


def step_swapped(W_ss, W_sx, b, x, s):
    """The weights exchanged, which only goes where d = m; elsewhere it has no value."""
    if W_ss.shape != W_sx.shape:
        return np.full_like(b, np.nan)
    return np.tanh(W_sx @ s + W_ss @ x + b)


def gradients(W_ss, W_sx, b, x, s, dLds):
    """Part (b): the derivatives of the loss with respect to both weights and the bias."""
    delta = (1 - step(W_ss, W_sx, b, x, s) ** 2) * dLds
    return delta @ s.T, delta @ x.T, delta


def gradients_linear(W_ss, W_sx, b, x, s, dLds):
    """The same as if the activation were the identity."""
    return dLds @ s.T, dLds @ x.T, dLds


def states(W_ss, W_sx, b, X):
    """Part (c): all states of a sequence, k×m, from a state of zeros."""
    s = np.zeros_like(b)
    found = []
    for x in X:
        s = step(W_ss, W_sx, b, x[:, None], s)
        found.append(s[:, 0])
    return np.array(found)
