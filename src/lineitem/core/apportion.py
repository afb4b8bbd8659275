"""Split a whole number by weights, exactly: the one function that divides tokens and money."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """One whole number per weight, summing exactly to `total`.

    Largest remainder; ties go to the earlier weight, so the result is stable. Each part is within 1 of its
    ideal; a zero weight receives 0 (with no positive weight at all, the first takes everything).
    total: any count (tokens, nanodollars), >= 0.   weights: >= 0, at least one of them.
    """
    count = len(weights)
    if count == 1:
        return [total]
    whole = sum(weights)
    if whole <= 0:
        parts = [0] * count
        parts[0] = total
        return parts
    if count == 2:  # two remainders sum to a whole: the first part is rounded, half up
        first = (2 * total * weights[0] + whole) // (2 * whole)
        return [first, total - first]
    parts = []
    left = total
    remainders = []
    for weight in weights:
        part, remainder = divmod(total * weight, whole)
        parts.append(part)
        left -= part
        remainders.append(remainder)
    if left == 1:
        parts[remainders.index(max(remainders))] += 1
    elif left:  # sorting keeps the order of equal ones, also in reverse
        largest = sorted(range(count), key=remainders.__getitem__, reverse=True)
        for index in largest[:left]:
            parts[index] += 1
    return parts
