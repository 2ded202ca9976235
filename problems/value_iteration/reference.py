"""Bellman backups, the policy that follows from values, and value iteration; beside them what is often written instead.

The functions at the end come to the same values in another way, for the claims on the keys.
"""

from itertools import product

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


def backup_by_loops(P, R, gamma, V):
    """One backup, (n,), with the sum over the next states written out."""
    states, actions = R.shape
    best = []
    for j in range(states):
        values = [R[j, i] + gamma * sum(P[i, j, k] * V[k] for k in range(states)) for i in range(actions)]
        best.append(max(values))
    return np.array(best)


def policy_by_loops(P, R, gamma, V):
    """The best action in each state, (n,) integers: an action that no other beats."""
    states, actions = R.shape
    chosen = []
    for j in range(states):
        best = 0
        for i in range(1, actions):
            ahead = sum((P[i, j, k] - P[best, j, k]) * V[k] for k in range(states))
            if R[j, i] - R[j, best] + gamma * ahead > 0:
                best = i
        chosen.append(best)
    return np.array(chosen)


def best_reward(R):
    """The largest reward at once in each state, (n,)."""
    return np.array([max(row) for row in R])


def best_of_policies(P, R, gamma):
    """The values of the best policy, (n,): each policy's V = R + gamma P V is solved, and the largest values are kept."""
    states, actions = R.shape
    rows = np.arange(states)
    values = []
    for policy in product(range(actions), repeat=states):
        chosen = list(policy)
        values.append(np.linalg.solve(np.eye(states) - gamma * P[chosen, rows], R[rows, chosen]))
    return np.max(values, axis=0)
