"""Ordinary NumPy, as authors write it: recorded with NumPy's own value and shape, or refused; never something else."""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import pytest

from grader.formula.evaluation.evaluate import evaluate
from grader.formula.evaluation.exact_numbers import Untraceable
from grader.formula.tracing.trace import trace

SHAPES = {"A": (2, 3), "B": (3, 2), "S": (3, 3), "u": (3,), "v": (2,), "a": (), "c": (3, 1), "N": (2, 3, 2)}
POINT = {name: np.random.default_rng(0).uniform(0.2, 0.9, shape) for name, shape in SHAPES.items()}
IDIOMS = [
    'lambda A: A*[1,2,3]',
    'lambda A: [1,2,3]*A',
    'lambda A: A+(1,2,3)',
    'lambda A: np.where(A>.5,[1,2,3],A)',
    'lambda A: np.maximum(A,[0.5,.6,.7])',
    'lambda A: A@[1,2,3]',
    'lambda A: np.dot(A,[1,2,3])',
    "lambda A: A.reshape(3,2,order='F')",
    "lambda A: A.reshape((3,2),order='C')",
    'lambda A,B: np.vdot(A,B)',
    'lambda A,B: np.vdot(A,B.T)',
    'lambda A: np.sum(A,(0,1))',
    'lambda A: np.sum(A,-1,keepdims=True)',
    'lambda A: A.sum((0,1),keepdims=True)',
    'lambda A: A.mean(axis=-2)',
    'lambda A,k=2: A*k',
    "lambda A: np.ravel(A,order='F')",
    "lambda A: A.flatten('F')",
    'lambda A: A.T.ravel()',
    'lambda A: np.mean(A,axis=(0,1))',
    'lambda N: N.sum(axis=(0,2))',
    'lambda N: N.T',
    'lambda N: N.mean(1)',
    'lambda N: N[0]@N[1].T',
    "lambda N,A: np.einsum('ijk,ij->k',N,A)",
    "lambda S: np.einsum('ii->i',S)",
    "lambda S: np.einsum('ii',S)",
    "lambda S: np.einsum('ij,ij',S,S)",
    'lambda u,A: A*u',
    'lambda u,A: A+u-u.mean()',
    'lambda c,A: A@c+A.mean()',
    'lambda c,u: c*u',
    'lambda c,u: c@u[None,:]',
    'lambda v,A: v@A',
    'lambda v,A: v[:,None]*A',
    'lambda A: A[1]',
    'lambda A: A[:,1:]',
    'lambda A: A[...,-1]',
    'lambda A: A[None]',
    'lambda A: A[::-1,::2]',
    'lambda A: A[np.newaxis,:,0]',
    'lambda A: A.max(0)-A.min(0)',
    'lambda A: A.argmax(1)',
    'lambda A: np.argmin(A)',
    'lambda A: A.std(0,ddof=1)',
    'lambda A: np.var(A,1,ddof=1,keepdims=True)',
    'lambda A: (A>0.5).sum()',
    'lambda A: (A>0.5).astype(float)*A',
    'lambda A: ((A>0.3)|(A<0.2))*1',
    'lambda A: ~(A>0.5)*A',
    'lambda A: np.logical_not(A>0.5)*1',
    'lambda A: np.abs(A-0.5)**0.5',
    'lambda A: A**A',
    'lambda A: 2**A',
    'lambda A: np.exp2(A)',
    'lambda A: np.cbrt(A)',
    'lambda A: np.hypot(A,A)',
    'lambda A: np.logaddexp(A,0)',
    'lambda A: np.stack([A,A],axis=1)',
    'lambda A: np.stack([A[0],[1,2,3]])',
    'lambda A: np.concatenate([A,[[1,2,3]]])',
    'lambda A: np.vstack([A,np.ones(3)])',
    'lambda A: np.hstack([A,np.zeros((2,1))])',
    'lambda A: np.column_stack([A,[1,2]])',
    'lambda A: np.c_[A,A]',
    'lambda u: np.outer(u,u)-np.diag(u)',
    'lambda u: np.diag(u)@np.ones((3,3))',
    'lambda S: np.linalg.solve(S,np.eye(3))',
    'lambda S: np.linalg.inv(S)@S',
    'lambda S: np.linalg.det(S)*np.trace(S)',
    'lambda S: S@S**2',
    'lambda S,u: u@S@u',
    'lambda S,u: np.dot(u,S).dot(u)',
    'lambda S,c: c.T@S@c',
    'lambda S,c: (c.T@S@c).item()',
    'lambda S,c: np.squeeze(c.T@S@c)',
    'lambda S,c: (c.T@S@c)[0,0]',
    'lambda A: np.linalg.norm(A)**2',
    'lambda A: np.linalg.norm(A,axis=0)',
    'lambda A: A/np.linalg.norm(A,axis=1,keepdims=True)',
    'lambda u: np.linalg.norm(u,np.inf)',
    'lambda u: np.linalg.norm(u,3)',
    'lambda c: np.linalg.norm(c,1)',
    'lambda c: np.linalg.norm(c.T,1)',
    'lambda A: np.prod(A.shape)*A',
    'lambda A: A.size*A',
    'lambda A: A.ndim*A',
    'lambda A: len(A)*A',
    'lambda A: A/len(A)',
    'lambda A: A*A.shape[0]**0.5',
    'lambda A: A*A.shape[0]**-1',
    'lambda A: (A-A.mean(0))/A.std(0)',
    'lambda A: np.cumsum(A,0)',
    'lambda A: np.cumsum(A)',
    'lambda u: np.cumsum(u)[::-1]',
    'lambda u: np.diff(u)',
    'lambda u: u[1:]-u[:-1]',
    'lambda u: np.roll(u,1)',
    'lambda u: np.sort(u)',
    'lambda u: np.interp(0.5,u,u)',
    'lambda a: a if True else 0',
    'lambda a: np.float64(3)*a',
    'lambda a: a*np.float32(0.1)',
    'lambda a: a*0.1+0.2',
    'lambda a: a*(0.1+0.2)',
    'lambda a: a*1e-20',
    'lambda a: a*123456789012345678',
    'lambda a: a/7+1/7',
    'lambda a: np.power(a,3)',
    'lambda a: pow(a,2)',
    'lambda a: a//1',
    'lambda a: divmod(a,1)',
    'lambda a: np.heaviside(a,0.5)',
    'lambda a: np.real(a)',
    'lambda a: np.isnan(a)',
    'lambda a: np.clip(a,None,1)',
    'lambda a: np.clip(a,0.3,None)',
    'lambda A: A.clip(min=0.3)',
    'lambda A: np.add.accumulate(A)',
    'lambda A: np.add.reduce(A,axis=1)',
    'lambda A: np.multiply.reduce(A,axis=None)',
    'lambda A: np.max(np.abs(A))',
    'lambda A: np.sum(A,axis=0,dtype=np.float64)',
    'lambda A: np.sum(A>0.5,dtype=int)',
    'lambda A: np.tril(A)',
    'lambda A: np.full_like(A,2)*A',
    'lambda A: np.empty_like(A)',
    'lambda A: A.tolist()',
    'lambda A: np.apply_along_axis(np.sum,0,A)',
    'lambda A: np.vectorize(lambda x:x*2)(A)',
    'lambda A: sum(x for row in A for x in row)',
    'lambda A: np.array([row.sum() for row in A])',
    'lambda A: np.array(A)',
    'lambda A: np.mean([A,A],axis=0)',
    'lambda A: np.multiply(A,A,where=A>0.5)',
    'lambda A: A.dot(A.T)',
    'lambda A: A.__matmul__(A.T)',
    'lambda A: np.tensordot(A,A,axes=([1],[1]))',
    'lambda A: A.transpose((1,0))',
    'lambda A: np.moveaxis(A,0,1)',
    'lambda A: A.swapaxes(0,1)',
    'lambda A: np.rollaxis(A,1)',
    'lambda A: np.expand_dims(A,-1)',
    'lambda A: np.expand_dims(A,(0,1))',
    'lambda A: np.repeat(A,2)',
    'lambda A: np.average(A,axis=0)',
    'lambda A: np.median(A)',
    'lambda A: np.ptp(A)',
    'lambda A: np.nanmean(A)',
    'lambda A: np.sinc(A)',
    'lambda A: np.deg2rad(A)',
    'lambda A: np.angle(A)',
    'lambda A: np.positive(A)',
    'lambda A: np.reciprocal(A)',
    'lambda A: np.square(A)+np.float_power(A,2)',
    'lambda A: np.sum(A, axis=1)[:,None]*np.ones((1,3))',
    'lambda A: np.linalg.multi_dot([A,A.T])',
    'lambda A: np.linalg.pinv(A)',
    'lambda A: np.ones((2,2))@A',
    'lambda A: np.eye(2,3)*A',
    'lambda A: np.eye(3,k=1)@A.T',
    'lambda A: np.identity(2)@A',
    'lambda A: np.arange(3)*A',
    'lambda A: np.linspace(0,1,3)*A',
    'lambda A: np.array([[1,0],[0,-1]])@A',
    'lambda A: np.array([0.5,0.25])@A',
    'lambda A: A[[0,1]]',
    'lambda A: A[np.array([1,0])]',
    'lambda A: A[0,[0,1]]',
    'lambda A: A[-1,-1]',
    'lambda A: A.flat[0]',
    'lambda A: A.sum()/A.size',
    'lambda u: np.clip(u, max=0.3)',
    'lambda u: np.clip(u, a_min=0.3, a_max=None)',
    'lambda u: (u > 0.5) + (u > 0.2)',
    'lambda u: -(u > 0.5)',
    'lambda u: (u > 0.5) - (u < 0.5)',
    'lambda S: (S > 0.5) @ (S > 0.2)',
    "lambda A: np.einsum('ij->i', A > 0.5)",
    'lambda u: (u > 0.5) * (u < 0.8)',
    'lambda u: (u > 0.5) * u',
    'lambda u: np.logical_not(u)',
    'lambda u: np.logical_and(u, u)',
    'lambda u: np.logical_or(u > 0.5, u < 0.3)',
    'lambda u: (u * 3).astype(int)',
    'lambda u: u.astype(bool)',
    'lambda u: (u > 0.5).astype(int) * u',
    'lambda A: np.concatenate([A, A], axis=None)',
    'lambda A: np.linalg.norm(A, 2, (0, 1))',
    'lambda N: np.inner(N, N)',
    "lambda A: A.T.ravel(order='K')",
    "lambda A: A.T.reshape(6, order='A')",
    'lambda u: np.logaddexp(0, 1000 * u)',
    'lambda A: np.shape(A)[0] * A',
    'lambda A: np.ndim(A) * A',
    'lambda A: np.size(A) * A',
    'lambda A: np.copy(A)',
    'lambda u: np.mean(u > 0.5)',
    'lambda u: np.sum(u > 0.5)',
]  # fmt: skip


@pytest.mark.parametrize("source", IDIOMS)
def test_it_is_what_numpy_makes_of_it_or_refused(source):
    function = eval(source, {"np": np})
    try:
        expression = trace(function, SHAPES)
    except Untraceable:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = function(**{name: POINT[name] for name in inspect.signature(function).parameters if name in POINT})
    value = evaluate(expression, POINT)
    assert value.shape == np.shape(expected)
    assert np.allclose(value, expected, rtol=1e-12)


def test_most_of_them_are_recorded():
    recorded = 0
    for source in IDIOMS:
        try:
            trace(eval(source, {"np": np}), SHAPES)
        except Untraceable:
            continue
        recorded += 1
    assert recorded >= 126, recorded


def ravelled(A):
    B = A.ravel()
    B *= 2
    return A


def reshaped(A):
    B = A.reshape(-1)
    B *= 2
    return A


def viewed_the_other_way(S):
    B = np.diagonal(S)
    S += 1
    return B


def of_another_type(A):
    B = A.astype(float)
    B -= 1
    return A + B


def plus(A):
    B = +A
    B += 1
    return A


def total(u):
    t = u.sum()
    q = t
    q += 1
    return t


def number(a):
    t = a
    t *= 2
    return a + t


def entries(A):
    t = A[0, 0]
    t += A[1, 1]
    return t + A[0, 0]


def summed_rows(A):
    t = 0
    for row in A:
        t = t + row
    return t


def copied(A):
    B = A.copy()
    B += 1
    A *= 2
    return A + B


IN_PLACE = [
    ravelled,
    reshaped,
    viewed_the_other_way,
    of_another_type,
    plus,
    total,
    number,
    entries,
    summed_rows,
    copied,
]


@pytest.mark.parametrize("function", IN_PLACE)
def test_changes_in_place_reach_what_they_reach_in_numpy(function):
    names = list(inspect.signature(function).parameters)
    try:
        expression = trace(function, SHAPES)
    except Untraceable:
        assert function in (ravelled, reshaped, viewed_the_other_way)
        return
    given = {name: np.float64(POINT[name]) if POINT[name].shape == () else POINT[name].copy() for name in names}
    assert np.allclose(evaluate(expression, POINT), function(**given))


def test_an_authors_own_except_does_not_swallow_a_refusal():
    def swallowing(u):
        try:
            return u if u[0] > 0 else -u
        except Exception:
            return 5 * u

    with pytest.raises(Untraceable):
        trace(swallowing, SHAPES)


def test_symbols_may_be_called_like_constants():
    shapes = {"e": (), "pi": (), "x": ()}
    point = {"e": np.float64(0.5), "pi": np.float64(7.0), "x": np.float64(2.0)}
    assert np.isclose(evaluate(trace(lambda e, x: x * np.e + e, shapes), point), 2 * np.e + 0.5)
    assert np.isclose(evaluate(trace(lambda pi, x: x * np.pi + pi, shapes), point), 2 * np.pi + 7)
    with pytest.raises(Untraceable):
        trace(lambda e: e if e > 0 else -e, shapes)
