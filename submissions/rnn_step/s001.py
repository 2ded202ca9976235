import numpy as np


def step(W_ss, W_sx, b, x, s):
    return np.tanh(W_ss @ s + W_sx @ x + b)


def gradients(W_ss, W_sx, b, x, s, dLds):
    delta = (1 - np.tanh(W_ss @ s + W_sx @ x + b) ** 2) * dLds
    return delta @ s.T, delta @ x.T, delta


def states(W_ss, W_sx, b, X):
    s, found = np.zeros_like(b), []
    for x in X:
        s = np.tanh(W_ss @ s + W_sx @ x[:, None] + b)
        found.append(s[:, 0])
    return np.array(found)
