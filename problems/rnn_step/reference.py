"""One step of a recurrent network with tanh, its gradients, and a whole sequence; beside them what is often written instead.

`step_by_units` and `states_backwards` come to the same values in another way, for the claims on the keys.
"""

import numpy as np


def preactivation(W_ss, W_sx, b, x, s):
    """What enters the activation, m×1."""
    return W_ss @ s + W_sx @ x + b


def step(W_ss, W_sx, b, x, s):
    """Part (a): the new state, m×1."""
    return np.tanh(preactivation(W_ss, W_sx, b, x, s))


def step_by_units(W_ss, W_sx, b, x, s):
    """The new state, m×1, unit by unit; tanh(z) is 1 - 2 / (exp(2z) + 1)."""
    new = []
    for i in range(len(b)):
        z = b[i, 0]
        for j in range(len(s)):
            z += W_ss[i, j] * s[j, 0]
        for j in range(len(x)):
            z += W_sx[i, j] * x[j, 0]
        new.append([1 - 2 / (np.exp(2 * z) + 1)])
    return np.array(new)


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


def states_backwards(W_ss, W_sx, b, X):
    """All states, k×m: each one anew from the inputs up to it, by recursion instead of a loop."""

    def state(t):
        before = W_ss @ state(t - 1) if t else np.zeros(len(b))
        return np.tanh(before + W_sx @ X[t] + b.ravel())

    return np.stack([state(t) for t in reversed(range(len(X)))])[::-1]
