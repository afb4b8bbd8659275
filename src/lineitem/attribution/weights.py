"""How many tokens a text probably has, from its shape: only ever used to divide a sum that is known.

Weights are thousandths of a token per count of a shape (`sources.shapes`). The first ones were fitted to 1,280
mixed texts (code, prose in eight languages, logs, numbers of every length, listings, JSON) with a Claude
tokenizer: median error 5.5%, against 24% for length / 4. `learn` fits them to a person's own measured segments,
per tokenizer. Growth between requests pins sums, so an error here moves money only inside one group.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Weights = tuple[int, ...]

#: letters, words, digits, punctuation, spaces, other, escapes, numbers, digits beyond the second of a number,
#: punctuation pairs, double spaces.
WEIGHTS: Weights = (95, 708, -62, 906, -72, 314, -45, 1180, 466, -785, 153)
FEATURES = len(WEIGHTS)

#: Pixels a token (platform.claude.com, vision), and tokens of an image of unknown size: 1.15 megapixels.
PIXELS, IMAGE = 750, 1500

#: How strongly learnt weights are held to the first ones: as if so many examples had agreed with them.
_TRUST = 40
#: Fewer examples than this teach nothing.
_ENOUGH = 30


def picture(images: int, pixels: int) -> int:
    """Thousandths of a token of so many images, one of them of known size."""
    return (pixels * 1000 // PIXELS + (images - 1) * IMAGE * 1000) if pixels else images * IMAGE * 1000


def estimate(shape: Sequence[int], weights: Weights = WEIGHTS) -> int:
    """Thousandths of a token of a text with this shape; at least one token's worth for any text."""
    if len(shape) <= FEATURES:
        return shape[0] * 280
    size, letters, words, digits, marks, spaces, other, escapes, numbers, beyond, pairs, doubles = shape
    w = weights
    milli = (
        letters * w[0] + words * w[1] + digits * w[2] + marks * w[3] + spaces * w[4] + other * w[5] + escapes * w[6]
        + numbers * w[7] + beyond * w[8] + pairs * w[9] + doubles * w[10]
    )  # fmt: skip
    looked = letters + digits + marks + spaces + other + escapes
    if looked != size:
        milli = milli * size // (looked or 1)
    least = size * 60
    return milli if milli > least else max(1000, least)


def scaled(shape: Sequence[int]) -> tuple[float, ...]:
    """The counts of a shape, scaled up from the part of the text that was looked at."""
    size, *counts = shape
    looked = counts[0] + sum(counts[2:7])
    return tuple(count * size / looked for count in counts) if looked else tuple(map(float, counts))


def family(model: str) -> str:
    """Models that share a tokenizer: Opus 4.7 and later, and all of generation 5, cut text finer."""
    if "-5" in model.replace("-4-5", "").replace("-3-5", ""):
        return "finer"
    return "finer" if "opus-4-7" in model or "opus-4-8" in model else "coarser"


def learn(examples: Iterable[tuple[Sequence[int], int]]) -> Weights | None:
    """Weights fitted to (shape, measured tokens) by least squares on relative errors; None: too few.

    A ridge pulls them towards the first weights, scaled to the same overall length: what the examples do not
    show stays as it was. The result depends on the set of examples, not on their order.
    """
    rows = sorted((scaled(shape), tokens) for shape, tokens in examples if tokens > 0)
    if len(rows) < _ENOUGH:
        return None
    scale = _scale(rows)
    prior = [weight * scale for weight in WEIGHTS]
    matrix = [[0.0] * FEATURES for _ in range(FEATURES)]
    vector = [0.0] * FEATURES
    typical = [0.0] * FEATURES
    for counts, tokens in rows:
        relative = [count / tokens for count in counts]
        for i, left in enumerate(relative):
            typical[i] += left * left
            vector[i] += left * 1000
            row = matrix[i]
            for j, right in enumerate(relative):
                row[j] += left * right
    for i in range(FEATURES):
        hold = _TRUST * (typical[i] / len(rows) + 1e-4)
        matrix[i][i] += hold
        vector[i] += hold * prior[i]
    return tuple(round(weight) for weight in _solve(matrix, vector))


def _scale(rows: Sequence[tuple[tuple[float, ...], int]]) -> float:
    """How many tokens there really were for each one the first weights give: the median."""
    ratios = sorted(
        tokens * 1000 / max(1000, sum(count * weight for count, weight in zip(counts, WEIGHTS, strict=True)))
        for counts, tokens in rows
    )
    return ratios[len(ratios) // 2]


def _solve(matrix: list[list[float]], vector: list[float]) -> list[float]:
    """The solution of a small positive definite system, by elimination with pivots."""
    size = len(vector)
    rows = [[*row, value] for row, value in zip(matrix, vector, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda index: abs(rows[index][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column][column]
        for other in range(column + 1, size):
            factor = rows[other][column] / head
            if factor:
                for place in range(column, size + 1):
                    rows[other][place] -= factor * rows[column][place]
    solution = [0.0] * size
    for column in reversed(range(size)):
        known = sum(rows[column][place] * solution[place] for place in range(column + 1, size))
        solution[column] = (rows[column][size] - known) / rows[column][column]
    return solution
