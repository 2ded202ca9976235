"""Projection onto the column space of a tall matrix of full rank: the keys, and other ways to the same values."""

import numpy as np


def squared_error(A, x, b):
    """The squared distance from A x to b, a number; A is m×n, x is n×1 and b is m×1."""
    return np.sum((A @ x - b) ** 2)


def coefficients_by_qr(A, b):
    """The coefficients of the projection of b, n×1: R x = Qᵀ b."""
    Q, R = np.linalg.qr(A)
    return np.linalg.solve(R, Q.T @ b)


def orthonormal(A):
    """Part (e): an orthonormal basis of the column space, m×n, by Gram-Schmidt: column after column."""
    columns = []
    for a in A.T:
        for q in columns:
            a = a - (q @ a) * q
        columns.append(a / np.sqrt(a @ a))
    return np.stack(columns, axis=1)


def only_scaled(A):
    """Columns of length 1 that still lean on each other, m×n."""
    return A / np.sqrt((A**2).sum(axis=0))


def not_scaled(A):
    """Columns at right angles, m×n, that keep the length with which they are left over."""
    columns = []
    for a in A.T:
        for q in columns:
            a = a - (q @ a) / (q @ q) * q
        columns.append(a)
    return np.stack(columns, axis=1)


def orthonormal_by_householder(A):
    """What NumPy's QR gives, m×n: an orthonormal basis too, but some of its columns point the other way."""
    return np.linalg.qr(A)[0]


def orthonormal_by_cholesky(A):
    """The same basis, m×n: with Aᵀ A = Rᵀ R, where R is triangular with a positive diagonal, it is A R⁻¹."""
    R = np.linalg.cholesky(A.T @ A).T
    return A @ np.linalg.inv(R)


def projector(A):
    """The matrix that projects onto the column space of A, m×m: Q Qᵀ, from an orthonormal basis."""
    Q = orthonormal(A)
    return Q @ Q.T


def projector_twice(A):
    """P P, m×m."""
    return projector(A) @ projector(A)


def projector_transposed(A):
    """Pᵀ, m×m."""
    return projector(A).T


def projector_transposed_times_itself(A):
    """Pᵀ P, m×m: the identity if P were an orthogonal matrix."""
    return projector(A).T @ projector(A)


def projected_columns(A):
    """P A, m×n."""
    return projector(A) @ A


def projector_of_combined(A, M):
    """The projector of A M, m×m, where M is n×n: other columns that span the same space."""
    return projector(A @ M)


def projector_trace(A):
    """The sum of the diagonal of P, a number."""
    return np.trace(projector(A))


def coefficients_of_combination(A, c):
    """The coefficients that are found for b = A c, n×1, where c is n×1."""
    return coefficients_by_qr(A, A @ c)


LINE = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]])
MEASURED = np.array([[2.0], [2.0], [4.0], [8.0]])


def slope():
    """Part (d): the slope of the line through the four points, a number."""
    return coefficients_by_qr(LINE, MEASURED)[1, 0]


def least_error():
    """Part (d): the sum of squared vertical distances from that line, a number: ‖b‖² − ‖Qᵀ b‖²."""
    return np.sum(MEASURED**2) - np.sum((orthonormal(LINE).T @ MEASURED) ** 2)
