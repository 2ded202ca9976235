import numpy as np


def states(W_ss, W_sx, b, X):
    s, found = np.zeros_like(b), []
    for x in X:
        s = np.tanh(W_ss @ s + W_sx @ x[:, None] + b)
        found.append(s[:, 0])
    return np.array(found)
