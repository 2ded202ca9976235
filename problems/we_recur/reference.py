"""The two networks of "We Recur!", in ordinary NumPy, and the keys that follow from them. All biases are zero."""

import numpy as np


def z2(W_ss, W_sx, W_o, s_prev, x_t):
    """RNN-A: what enters the output activation at time t, n×1."""
    return W_o @ (W_ss @ s_prev + W_sx @ x_t)


def state_b(W_ssx, s_prev, x_t):
    """RNN-B: the new state, from state and input stacked under one weight, m×1."""
    return W_ssx @ np.concatenate([s_prev, x_t])


def output_b(W_ox, s_t, x_t):
    """RNN-B: what enters the output activation, from the new state and the input stacked, n×1."""
    return W_ox @ np.concatenate([s_t, x_t])


def z2_b(W_ssx, W_ox, s_prev, x_t):
    """RNN-B: both of its layers, n×1."""
    return output_b(W_ox, state_b(W_ssx, s_prev, x_t), x_t)


def input_gradient(W_sx, W_o, dLdz2):
    """Part (b): the derivative of the loss at time t with respect to x_t, d×1."""
    return W_sx.T @ W_o.T @ dLdz2
