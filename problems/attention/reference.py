"""One attention head in ordinary NumPy, and what follows from it. Rows are tokens: X n×d, Q and K n×d_k, V n×d_v."""

import numpy as np


def softmax_rows(S):
    """Each row of scores as weights that add up to 1, in the shape of S."""
    E = np.exp(S)
    return E / E.sum(axis=1, keepdims=True)


def scores(Q, K):
    """The scalar products of all queries with all keys, n×n."""
    return Q @ K.T


def weights(Q, K):
    """How much each token attends to each, n×n."""
    return softmax_rows(scores(Q, K) / np.sqrt(Q.shape[1]))


def mixed(A, V):
    """The sums of all values by the weights A, n×d_v."""
    return A @ V


def head(Q, K, V):
    """The output of the head, n×d_v."""
    return mixed(weights(Q, K), V)


def head_of_one_key(Q, K, V):
    """The head where every key is the first one, n×d_v."""
    return head(Q, np.repeat(K[:1], len(K), axis=0), V)


def averages(V):
    """The mean of the values for every token, n×d_v."""
    return np.repeat(V.mean(axis=0, keepdims=True), len(V), axis=0)


def looked_up(Q, K, V, seen):
    """The output token by token, n×d_v: ``seen(i)`` says how many tokens, from the first on, token i may attend to."""
    out = []
    for i in range(len(Q)):
        shares = [
            np.exp(sum(Q[i, c] * K[j, c] for c in range(Q.shape[1])) / np.sqrt(Q.shape[1]))
            for j in range(seen(i))
        ]
        out.append(sum(share * V[j] for j, share in enumerate(shares)) / sum(shares))
    return np.stack(out)


def head_by_token(Q, K, V):
    """The head as the question describes it, n×d_v."""
    return looked_up(Q, K, V, lambda i: len(Q))


def causal_by_token(Q, K, V):
    """The head in which a token attends to itself and to those before it, n×d_v."""
    return looked_up(Q, K, V, lambda i: i + 1)


def causal(Q, K, V):
    """Part (d): the same with a mask on the scores, n×d_v."""
    mask = np.tril(np.ones((len(Q), len(Q)))) == 1
    return softmax_rows(np.where(mask, Q @ K.T / np.sqrt(Q.shape[1]), -np.inf)) @ V


def causal_unscaled(Q, K, V):
    """The scores not divided."""
    mask = np.tril(np.ones((len(Q), len(Q)))) == 1
    return softmax_rows(np.where(mask, Q @ K.T, -np.inf)) @ V


def causal_masked_late(Q, K, V):
    """The weights masked after the softmax, so that they no longer add up to 1."""
    return np.tril(weights(Q, K)) @ V


def causal_masked_to_zero(Q, K, V):
    """Scores of 0 where there should be no weight."""
    return softmax_rows(np.tril(Q @ K.T / np.sqrt(Q.shape[1]))) @ V


def causal_strict(Q, K, V):
    """A token attends to those before it alone, the first to itself."""
    return looked_up(Q, K, V, lambda i: max(i, 1))


def causal_backwards(Q, K, V):
    """A token attends to itself and to those after it."""
    return causal(Q[::-1], K[::-1], V[::-1])[::-1]


def values(X, W_V):
    """The values of the tokens, n×d_v."""
    return X @ W_V


def from_tokens(X, W_Q, W_K, W_V):
    """The head on the tokens themselves, n×d_v."""
    return head(X @ W_Q, X @ W_K, values(X, W_V))


def causal_from_tokens(X, W_Q, W_K, W_V):
    """The masked head on the tokens themselves, n×d_v."""
    return causal(X @ W_Q, X @ W_K, values(X, W_V))


def from_tokens_backwards(X, W_Q, W_K, W_V):
    """The same on the tokens in reverse order, its rows put back in order, n×d_v."""
    return from_tokens(X[::-1], W_Q, W_K, W_V)[::-1]


def causal_from_tokens_backwards(X, W_Q, W_K, W_V):
    """The same with the masked head, n×d_v."""
    return causal_from_tokens(X[::-1], W_Q, W_K, W_V)[::-1]


def first(X, W_Q, W_K, W_V):
    """The masked head's output for the first token, (d_v,)."""
    return causal_from_tokens(X, W_Q, W_K, W_V)[0]


def last(X, W_Q, W_K, W_V):
    """The masked head's output for the last token, (d_v,)."""
    return causal_from_tokens(X, W_Q, W_K, W_V)[-1]
