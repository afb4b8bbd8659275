"""How many tokens a text probably has, from its shape: only ever used to divide a sum that is known.

Weights are thousandths of a token per count of a shape (`sources.shapes`). The first ones were fitted to 9,600
mixed texts (code, prose in thirty languages, logs, numbers of every length, listings, JSON, base64) with a Claude
tokenizer and, so that they suit none too well, a little with six others: median error 4%, against 20% for length / 4.
`learn` fits them to a person's own measured segments, per tokenizer, and `attribution.alike` corrects them by what a
session tells. Growth between requests pins sums, so an error here moves money only inside one group.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Final

    Weights = tuple[int, ...]
    Example = tuple[tuple[float, ...], int]

#: letters, words, digits, punctuation, spaces, other, escapes, numbers, digits beyond the second of a number,
#: punctuation pairs, double spaces, changes of case, rare letters, common pairs of letters; then characters by script,
#: Devanagari, box-drawing lines.
WEIGHTS: Final[Weights] = (
    146, 593, -131, 796, -4, -16, -7, 1402, 520, -570, 61, 2844, 957, -971,
    1903, 1271, 591, 1195, 1930, 1351, 636, 1038, 1294, 984, 3012, -590, -135,
)  # fmt: skip
#: Mean square of each count per token over the texts that the first weights were fitted to.
_USUAL: Final = (
    3.42, 0.208, 0.203, 0.157, 0.316, 0.634, 0.0333, 0.0274, 0.0464, 0.0166, 0.104, 0.000185, 0.00229, 0.00419,
    0.0016, 0.00277, 0.0329, 0.00675, 0.00578, 0.00304, 0.0244, 0.0089, 0.0017, 2.73e-05, 0.00111, 0.00227, 0.00384,
)  # fmt: skip
FEATURES: Final = len(WEIGHTS)
#: Lengths of shapes of texts in ASCII and of others; and of older shapes, without rare letters and common pairs.
_PLAIN: Final = 15
_LENGTHS: Final = (_PLAIN, FEATURES + 1)
_OLDER: Final = (_PLAIN - 2, FEATURES - 1)
#: Thousandths of letters that are rare, and of those that begin a common pair, in the middle of those texts.
_RARE: Final = 12
_COMMON: Final = 21

#: Pixels a token (platform.claude.com, vision), and tokens of an image of unknown size: 1.15 megapixels.
PIXELS: Final = 750
IMAGE: Final = 1500

#: How strongly learnt weights are held to the first ones: as if so many examples had agreed with them.
_TRUST: Final = 40
#: Fewer examples than this teach nothing.
_ENOUGH: Final = 100


def picture(images: int, pixels: int) -> int:
    """Thousandths of a token of so many images, one of them of known size."""
    return (pixels * 1000 // PIXELS + (images - 1) * IMAGE * 1000) if pixels else images * IMAGE * 1000


def whole(shape: Sequence[int]) -> bool:
    """Whether a shape tells of all characters of its text, as a length alone does not."""
    return len(shape) in _LENGTHS or len(shape) in _OLDER


def today(shape: Sequence[int]) -> list[int]:
    """A shape as it is counted today: what an older one does not tell is taken to be as in most texts."""
    counts = list(shape)
    if len(counts) in _OLDER:
        counts[_PLAIN - 2 : _PLAIN - 2] = counts[1] * _RARE // 1000, counts[1] * _COMMON // 1000
    return counts


def kept(text: str | None) -> Weights:
    """Weights as a store keeps what was learnt; the first ones where nothing was, or of shapes with other counts."""
    numbers = tuple(int(part) for part in (text or "").split())
    return numbers if len(numbers) == FEATURES else WEIGHTS


def estimate(shape: list[int], weights: Weights = WEIGHTS) -> int:
    """Thousandths of a token of a text with this shape; at least one token's worth for any text."""
    size = shape[0]
    if len(shape) not in _LENGTHS:
        if len(shape) not in _OLDER:
            return size * 280
        shape = today(shape)
    _, letters, words, digits, marks, spaces, other, escapes, numbers, beyond, pairs, doubles, cases, rare, common = (
        shape[:_PLAIN]
    )
    w = weights
    milli = (
        letters * w[0] + words * w[1] + digits * w[2] + marks * w[3] + spaces * w[4] + other * w[5] + escapes * w[6]
        + numbers * w[7] + beyond * w[8] + pairs * w[9] + doubles * w[10] + cases * w[11]
        + rare * w[12] + common * w[13]
    )  # fmt: skip
    for place in range(_PLAIN, len(shape)):
        count = shape[place]
        if count:  # few texts are of many scripts
            milli += count * w[place - 1]
    looked = letters + digits + marks + spaces + other + escapes
    if looked != size:
        milli = milli * size // (looked or 1)
    least = size * 60
    return milli if milli > least else max(1000, least)


def scaled(shape: Sequence[int]) -> tuple[float, ...]:
    """All counts of a shape, scaled up from the part of the text that was looked at."""
    size, *counts = today(shape)
    looked = counts[0] + sum(counts[2:7])
    factor = size / looked if looked else 1.0
    return (*(count * factor for count in counts), *(0.0,) * (FEATURES - len(counts)))


def family(model: str) -> str:
    """Models that share a tokenizer: Opus 4.7 and later, and all of generation 5, cut text finer."""
    if "-5" in model.replace("-4-5", "").replace("-3-5", ""):
        return "finer"
    return "finer" if "opus-4-7" in model or "opus-4-8" in model else "coarser"


def learn(examples: Iterable[tuple[Sequence[int], int]]) -> Weights | None:
    """Weights fitted to (shape, measured tokens) by least squares on relative errors; None: nothing was learnt.

    A ridge pulls them towards the first weights, scaled to the same overall length: what the examples do not
    show stays as it was. They are only taken if weights from either half of the examples do better on the other
    half. The result depends on the set of examples, not on their order.
    """
    rows = sorted((scaled(shape), tokens) for shape, tokens in examples if tokens > 0)
    if len(rows) < _ENOUGH:
        return None
    halves = rows[::2], rows[1::2]
    for seen, held_back in (halves, halves[::-1]):
        if _error(held_back, _fitted(seen)) >= _error(held_back, WEIGHTS):
            return None
    return tuple(round(weight) for weight in _fitted(rows))


def calibrated(examples: Iterable[tuple[list[int], int]], weights: Weights) -> tuple[int, int, int] | None:
    """What makes weights, which only divide sums, good for counting: (examples, scale, error), in thousandths.

    scale: what an estimate is to be multiplied with. error: half of the examples lie closer to their estimate then.
    None: too few examples to tell.
    """
    rows = [(estimate(shape, weights), tokens) for shape, tokens in examples if tokens > 0]
    if len(rows) < _ENOUGH:
        return None
    scale = round(1000 * _scale([(tokens * 1000 / milli, tokens) for milli, tokens in rows]))
    errors = sorted(abs(milli * scale // 1000 - tokens * 1000) // tokens for milli, tokens in rows)
    return len(rows), scale, errors[len(errors) // 2]


def _fitted(rows: Sequence[Example]) -> list[float]:
    scale = _scale([(tokens * 1000 / max(1.0, _milli(counts, WEIGHTS)), tokens) for counts, tokens in rows])
    prior = [weight * scale for weight in WEIGHTS]
    matrix = [[0.0] * FEATURES for _ in range(FEATURES)]
    vector = [0.0] * FEATURES
    for counts, tokens in rows:
        relative = [count / tokens for count in counts]
        for i, left in enumerate(relative):
            vector[i] += left * 1000
            row = matrix[i]
            for j, right in enumerate(relative):
                row[j] += left * right
    for i, usual in enumerate(_USUAL):
        hold = _TRUST * max(usual, matrix[i][i] / len(rows))
        matrix[i][i] += hold
        vector[i] += hold * prior[i]
    return _solve(matrix, vector)


def _milli(counts: Sequence[float], weights: Sequence[float]) -> float:
    return sum(count * weight for count, weight in zip(counts, weights, strict=True))


def _error(rows: Sequence[Example], weights: Sequence[float]) -> float:
    """Share of the tokens that these weights would put in the wrong place, whatever their overall length."""
    ratios = [(max(1.0, _milli(counts, weights)) / tokens, tokens) for counts, tokens in rows]
    scale = _scale(ratios)
    return sum(tokens * abs(ratio / scale - 1) for ratio, tokens in ratios) / sum(tokens for _, tokens in ratios)


def _scale(ratios: Sequence[tuple[float, int]]) -> float:
    """The median of the ratios, each counted by its tokens."""
    half = sum(tokens for _, tokens in ratios) / 2
    for ratio, tokens in sorted(ratios):
        half -= tokens
        if half <= 0:
            return ratio
    return 1.0


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
