"""Bellman backups, the policy that follows from values, and value iteration; beside them what is often written instead."""

import numpy as np


def action_values(P, R, gamma, V):
    """Q(j, i) for each action i and state j, a×n."""
    return R.T + gamma * P @ V


def backup(P, R, gamma, V):
    """Part (a): the values after one backup, (n,)."""
    return action_values(P, R, gamma, V).max(axis=0)


def backup_transposed(P, R, gamma, V):
    """The transitions taken backwards."""
    return (R.T + gamma * P.transpose(0, 2, 1) @ V).max(axis=0)


def backup_least(P, R, gamma, V):
    """The worst action for the best one."""
    return action_values(P, R, gamma, V).min(axis=0)


def policy(P, R, gamma, V):
    """Part (b): the best action in each state, (n,) integers."""
    return action_values(P, R, gamma, V).argmax(axis=0)


def iterate(P, R, gamma, k):
    """Part (c): the values after k backups of zero, (n,)."""
    V = np.zeros(len(R))
    for _ in range(k):
        V = backup(P, R, gamma, V)
    return V
