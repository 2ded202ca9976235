"""A low-pass filter of one resistor and one capacitor, from impedances and from its differential equation."""

import numpy as np


def transfer(omega, R, C):
    """Voltage over the capacitor by voltage at the input, one complex number: a divider of two impedances."""
    over_capacitor = 1 / (1j * omega * C)
    return over_capacitor / (R + over_capacitor)


def magnitude(omega, R, C):
    """The share of the amplitude that is left, a number."""
    return np.abs(transfer(omega, R, C))


def magnitude_traded(omega, R, C, factor):
    """The same with a larger resistor and a capacitor smaller by the same factor, a number."""
    return magnitude(omega, R * factor, C / factor)


def magnitude_over_resistor(omega, R, C):
    """The same if the output is taken over the resistor, a number."""
    return np.abs(1 - transfer(omega, R, C))


def phase(omega, R, C):
    """The phase of the output relative to the input in radians, a number."""
    return np.angle(transfer(omega, R, C))


def cutoff(R, C):
    """The angular frequency at which the output has half of its greatest power, a number; found by bisection."""
    low, high = 1e-9, 1e12
    for _ in range(200):
        middle = np.sqrt(low * high)
        if magnitude(middle, R, C) ** 2 > 1 / 2:
            low = middle
        else:
            high = middle
    return middle


def magnitude_at_cutoff(R, C):
    """The share of the amplitude that is left at the cut-off, a number."""
    return magnitude(cutoff(R, C), R, C)


def phase_at_cutoff(R, C):
    """The phase at the cut-off in radians, a number."""
    return phase(cutoff(R, C), R, C)


def cutoff_in_hertz():
    """Part (b): the cut-off frequency for 10 kΩ and 22 nF in hertz, a number."""
    return cutoff(10e3, 22e-9) / (2 * np.pi)


def decibels():
    """Part (b): what is left at ten times the cut-off frequency in decibels, a number."""
    return 20 * np.log10(magnitude(10 * cutoff(10e3, 22e-9), 10e3, 22e-9))


def charge(U, R, C, t):
    """The charge of the capacitor at time t after U was switched on, a number."""
    return C * U * (1 - np.exp(-t / (R * C)))


def heat(U, R, C):
    """The energy that heats the resistor until the capacitor is full, a number: the integral of (U − q/C)² / R over time."""
    times = np.linspace(0, 40 * R * C, 4001)
    power = (U - charge(U, R, C, times) / C) ** 2 / R
    return (times[1] - times[0]) * (power.sum() - (power[0] + power[-1]) / 2)


def filtered(u, R, C, h):
    """Part (f): the output at k steps, (k,), by the implicit rule; u is (k,)."""
    a = h / (R * C)
    y, found = 0.0, []
    for value in u:
        y = (y + a * value) / (1 + a)
        found.append(y)
    return np.array(found)


def filtered_at_once(u, R, C, h):
    """The same, (k,), as one system of linear equations for all steps."""
    a = h / (R * C)
    steps = (1 + a) * np.eye(len(u)) - np.eye(len(u), k=-1)
    return np.linalg.solve(steps, a * u)


def filtered_explicitly(u, R, C, h):
    """The explicit rule, (k,): the old output stands on the right."""
    y, found = 0.0, []
    for value in u:
        y = y + h / (R * C) * (value - y)
        found.append(y)
    return np.array(found)


def filtered_without_memory(u, R, C, h):
    """Every step from an output of 0, (k,)."""
    a = h / (R * C)
    return a * u / (1 + a)
