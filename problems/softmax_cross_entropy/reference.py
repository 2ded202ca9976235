"""Softmax and cross-entropy in ordinary NumPy, and the keys that follow from them. z, p and y are columns, K×1."""

import numpy as np


def softmax(z):
    """The probabilities of the classes, K×1."""
    return np.exp(z) / np.sum(np.exp(z))


def loss(z, y):
    """The cross-entropy between the target and the probabilities, a single number."""
    return -np.sum(y * np.log(softmax(z)))


def loss_shifted(z, y, c):
    """The loss where c is added to every logit, a single number."""
    return loss(z + c, y)


def loss_scaled(z, y, c):
    """The loss where every logit is multiplied by c, a single number."""
    return loss(c * z, y)


def slope(z, y):
    """Part (b): the gradient of the loss with respect to the logits, K×1."""
    return softmax(z) - y


def total(z):
    """The probabilities added up, a single number."""
    return np.sum(softmax(z))


def first(z):
    """The probability of the first class, a single number."""
    return softmax(z)[0, 0]


def spread(z, c):
    """The probabilities where every logit is divided by c, K×1."""
    return softmax(z / c)


def uniform(z):
    """The same probability for every class, K×1."""
    return np.ones_like(z) / len(z)


def example_loss():
    """Part (d): the loss for logits 0, 0, ln 2 and ln 4 where the third class is the true one, a single number."""
    return loss(np.log([[1.0], [1.0], [2.0], [4.0]]), np.array([[0], [0], [1], [0]]))
