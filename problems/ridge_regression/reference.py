"""Ridge regression in ordinary NumPy, and the keys that follow from it. X is n×p with independent columns, vectors are columns."""

import numpy as np


def objective(X, y, w, lam):
    """Squared errors and penalty, a single number."""
    return np.sum((y - X @ w) ** 2) + lam * np.sum(w**2)


def gram(X):
    """The scalar products of the columns of X, p×p."""
    return X.T @ X


def hat(X, lam):
    """What turns the targets into the fitted values, n×n."""
    return X @ np.linalg.inv(X.T @ X + lam * np.eye(X.shape[1])) @ X.T


def slope(X, y, w, lam):
    """Part (b): the gradient of the objective with respect to w, p×1."""
    return 2 * X.T @ (X @ w - y) + 2 * lam * w


def ridge(X, y, lam):
    """Part (c): the minimiser of the objective, p×1."""
    return np.linalg.inv(X.T @ X + lam * np.eye(X.shape[1])) @ X.T @ y


def mean_error(X, beta, lam):
    """The estimate from targets without noise, minus the true weights, p×1: the estimate is linear in the targets."""
    return ridge(X, X @ beta, lam) - beta


def least_squares(X, y):
    """The minimiser without a penalty, by a QR decomposition, p×1."""
    Q, R = np.linalg.qr(X)
    return np.linalg.solve(R, Q.T @ y)


def fitted(X, y, lam):
    """The fitted values, n×1."""
    return hat(X, lam) @ y


def averages(y):
    """The mean of the targets for every measurement, n×1."""
    return np.full_like(y, np.mean(y))


def scaled_ridge(X, y, lam):
    """The minimiser times lambda, p×1."""
    return lam * ridge(X, y, lam)
