"""What texts weigh, told by all prompts of a session at once: texts of a kind err alike.

In: the rows of a session's threads. Out: tool use id -> thousandths of a token of its result, for results that share
a sum with others. Always: these only divide sums that are known; the same rows give the same weights.

Where several results enter a prompt together, only their sum is known, and how it divides depends on what each is
estimated to weigh. Those estimates are off by a few percent, not each by a luck of its own: this tokenizer cuts logs
finer than that, all logs. So every sum says something about every text that resembles one of its own. Texts are
taken to be off by so much (`_ALL` all of them together, `_PART` by what they share, `_LIKE` those of a kind, `_OWN`
each for itself), resemblance is the distance between the shares of letters, digits, marks and so on in their shapes,
and the most probable weights given all sums are the solution of one small linear system (a Gaussian process). The same
text read twice is one unknown: a group of two, one of which came alone elsewhere, is known.
"""

from __future__ import annotations

from lineitem.attribution.weights import estimate, family, today, whole
from lineitem.core.sightings import ANSWER, ATTACHMENT, COMPACTION, USER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Final

    from lineitem.attribution.weights import Weights

    Row = list[Any]
    #: letters, words, digits, marks, spaces, numbers, pairs of marks, changes of case
    Shares = tuple[float, float, float, float, float, float, float, float]
    #: model, tokens, texts (as results have them), shapes of other texts: what makes the tokens up
    Sum = tuple[str, int, list[Row], list[Row]]

#: Before the tool use id of what the model wrote to make a call, beside what the call gave.
WRITTEN: Final = "+"
#: Thousandths of a token around a call that the model writes.
FRAME: Final = 2000
#: By how much estimates are off, as parts of them: all alike, as far as they share characters, those of a kind alike,
#: each for itself; and other texts.
_ALL: Final = 0.05
_PART: Final = 0.06
_LIKE: Final = 0.12
_OWN: Final = 0.02
_BESIDE: Final = 0.3
#: Two texts are of a kind where the shares of their characters differ by less than about this.
_NEAR: Final = 0.05
#: Few letters of a text have accents, yet they tell its language: so much for each tells German from English.
_ACCENT: Final = 20
#: Results of fewer bytes are not worth the work.
_WORTH: Final = 400
#: Texts that are looked at: so many in a short session, and fewer where there are more sums, for each matters less;
#: in a long one more again, for there it takes little of the time.
_SHORT: Final = 64
_FADING: Final = 3
_LONG: Final = 9
_GROWING: Final = 32
_MANY: Final = 48
#: Fewer tokens tell nothing; fewer than this are not several calls worth dividing.
_TELLING: Final = 80
_SEVERAL: Final = 200
#: A sum that is so many times its estimate, or so small a part of it, holds something else.
_OFF: Final = 2


def alike(threads: Iterable[Sequence[Row]], weights_of: Callable[[str], Weights]) -> dict[str, int]:
    """What texts of tool calls weigh, where other sums of these threads help to tell.

    By tool use id: what the call gave; by `WRITTEN` and the id: what the model wrote to make it.
    """
    families: dict[str, _Sums] = {}
    of_model: dict[str, _Sums] = {}
    for rows in threads:
        _tell(rows, families, of_model)
    found: dict[str, int] = {}
    for name in sorted(families):
        # what a model writes to make a call is another kind of text than what it reads
        for sums in (families[name].read, families[name].written):
            chosen = _worth(sums)
            if chosen:
                found.update(_weighed(chosen, weights_of(chosen[0][0])))
    return found


class _Sums:
    """What models of one family tell: sums of texts they read, and of calls they wrote at once."""

    __slots__ = ("read", "written")

    def __init__(self) -> None:
        self.read: list[Sum] = []
        self.written: list[Sum] = []

    def take(self, model: str, mid: str, answer: int, grown: int, rows: Sequence[Row]) -> None:
        """Add what an answer tells, and by how much the next prompt grew beyond it.

        answer: its tokens that were not thought.   rows: its own, and what came after it.
        What prompts grew by counts, and answers that are one text, for those tell as much; and answers that made
        several calls. Answers with thoughts tell nothing: how much of them was thought is not always said.
        """
        if grown <= _TELLING and answer <= _TELLING:
            return
        texts: list[Row] = []
        others: list[Row] = []
        blocks: list[Row] = []
        for row in rows:
            kind = row[0]
            if kind == USER:
                texts += row[7]
                if row[6][0]:
                    others.append(row[6])
            elif kind == ANSWER:
                if row[5] == mid:
                    blocks += row[11]
            elif kind == ATTACHMENT and row[7] != 2:
                others.append(row[8])
        if texts and grown > _TELLING:
            self.read.append((model, grown, texts, others))
        if len(blocks) == 1:
            if blocks[0][0] == "t" and answer > _TELLING:
                self.read.append((model, answer, [["", blocks[0][5], 0, 0, None]], []))
        elif answer > _SEVERAL:
            calls = [[WRITTEN + block[2], block[5], 0, 0, None] for block in blocks if block[0] == "u"]
            said = [block[5] for block in blocks if block[0] == "t"]
            if len(calls) > 1 and len(calls) + len(said) == len(blocks):
                self.written.append((model, answer, calls, said))


def _tell(rows: Sequence[Row], families: dict[str, _Sums], of_model: dict[str, _Sums]) -> None:
    """Take what each answer of a thread tells, as soon as all of it was seen: its rows are still at hand."""
    model = mid = ""
    size = output = thinking = first = 0
    seen: set[str] = set()
    for place, row in enumerate(rows):
        kind = row[0]
        if kind == ANSWER:
            usage = row[9]
            if row[5] != mid:
                prompt = usage[0] + usage[2] + usage[3] + usage[4]
                if not prompt or row[5] in seen:
                    continue
                seen.add(row[5])
                if mid:
                    grown = prompt - size - output if size and row[8] == model else 0
                    _family(model, families, of_model).take(model, mid, output - thinking, grown, rows[first:place])
                mid, model, size, output, thinking, first = row[5], row[8], prompt, 0, 0, place
            if usage[1] > output:
                output = usage[1]
            if usage[5] > thinking:
                thinking = usage[5]
        elif kind == COMPACTION:
            size = 0
    if mid:
        _family(model, families, of_model).take(model, mid, output - thinking, 0, rows[first:])


def _family(model: str, families: dict[str, _Sums], of_model: dict[str, _Sums]) -> _Sums:
    found = of_model.get(model)
    if found is None:
        found = of_model[model] = families.setdefault(family(model), _Sums())
    return found


def _is_text(result: Row) -> bool:
    """Whether all that a tool gave is in its shape: no picture, and no second text."""
    if result[3] or not whole(result[1]):
        return False
    given = result[4]
    return not given or not ("more" in given or "px" in given)


def _worth(sums: list[Sum]) -> list[Sum]:
    """The sums to learn from, those to be divided first; none where nothing is to be divided."""
    together: list[tuple[int, int, int]] = []
    alone: list[tuple[int, int, int]] = []
    for place, (_, tokens, texts, _) in enumerate(sums):
        worth = 0
        for text in texts:
            if text[1][0] >= _WORTH:
                worth += 1
        if worth:
            (together if worth > 1 else alone).append((-tokens, place, worth))
    if not together:
        return []
    room = max(_SHORT - len(sums) // _FADING, min(_MANY, _LONG + len(sums) // _GROWING))
    chosen = []
    for order in (together, alone):
        for _, place, worth in sorted(order):
            if worth <= room:
                room -= worth
                chosen.append(place)
    return [sums[place] for place in sorted(chosen)]


def _weighed(chosen: list[Sum], weights: Weights) -> dict[str, int]:
    texts: dict[tuple[int, ...], int] = {}
    calls: dict[str, int] = {}  # tool use id -> its text
    small: dict[str, int] = {}
    guesses: list[float] = []
    sums: list[tuple[dict[int, int], float, float, float]] = []  # (text -> times, tokens, of them others, estimate)
    for _, tokens, parts, others in chosen:
        members: dict[int, int] = {}
        beside = sum(estimate(shape, weights) for shape in others if shape[0]) / 1000
        for part in parts:
            call, shape = part[:2]
            if not (shape[0] and _is_text(part)):
                break
            milli = estimate(shape, weights) + (FRAME if call.startswith(WRITTEN) else 0)
            if shape[0] < _WORTH:
                small[call] = milli
                beside += milli / 1000
                continue
            key = tuple(today(shape))
            text = texts.get(key)
            if text is None:
                text = texts[key] = len(guesses)
                guesses.append(milli / 1000)
            members[text] = members.get(text, 0) + 1
            calls[call] = text
        else:
            expected = 0.0
            for text, times in members.items():
                expected += guesses[text] * times
            expected += beside
            if members and expected < tokens * _OFF and tokens < expected * _OFF:
                sums.append((members, tokens, beside, expected))
    if not sums:
        return {}
    told = guessed = 0.0
    for _, amount, _, guess in sums:
        told += amount
        guessed += guess
    scale = told / guessed
    near = _likeness([_kind(key) for key in texts])
    errors = _errors([guess * scale for guess in guesses], near, [(m, t - e * scale, b) for m, t, b, e in sums])
    found = {call: round(milli * scale) for call, milli in small.items()}
    for call, text in calls.items():
        factor = min(max(1 + errors[text], 1 / _OFF), _OFF)
        found[call] = round(guesses[text] * scale * factor * 1000)
    return found


def _kind(shape: tuple[int, ...]) -> tuple[Shares, list[float]]:
    """Shares of kinds of characters in what was looked at of a text: near each other for texts of a kind.

    What only texts beyond ASCII have comes apart from the rest: none for others.
    """
    _, letters, words, digits, marks, spaces, other, escapes, numbers, _, pairs, _, cases, _, _, *scripts = shape
    one = 1 / (letters + digits + marks + spaces + other + escapes or 1)
    two = 2 * one
    plain = (letters * one, words * two, digits * one, marks * one, (spaces + escapes) * one,
             numbers * two, pairs * one, 4 * cases * one)  # fmt: skip
    if not scripts:
        return plain, []
    latin, _, cyrillic, _, indic, _, _, han, *_ = scripts
    return plain, [other * one, _ACCENT * latin * one, cyrillic * two, indic * two, han * two]


def _product(one: list[float], other: list[float]) -> float:
    """The scalar product, added up in order: the same on every Python, compiled or not (`sum` is not)."""
    product = 0.0
    for left, right in zip(one, other):
        product += left * right
    return product


def _likeness(kinds: list[tuple[Shares, list[float]]]) -> list[list[float]]:
    """How the errors of texts go together: covariances of their parts."""
    near: list[list[float]] = []
    squares: list[float] = []
    far = 2 * _NEAR * _NEAR
    every, like, part = _ALL * _ALL, _LIKE * _LIKE * far, _PART * _PART
    for place, (one, beyond) in enumerate(kinds):
        a, b, c, d, e, f, g, h = one  # written out: every text meets every other here
        row: list[float] = []
        square = a * a + b * b + c * c + d * d + e * e + f * f + g * g + h * h + _product(beyond, beyond)
        mine = square + far
        for k in range(place):
            (p, q, r, s, t, u, v, w), others = kinds[k]
            shared = a * p + b * q + c * r + d * s + e * t + f * u + g * v + h * w
            if beyond and others:
                shared += _product(beyond, others)
            row.append(every + part * shared + like / (mine + squares[k] - 2 * shared))
        row.append(every + part * square + like / far + _OWN * _OWN)
        squares.append(square)
        near.append(row)
    for place, row in enumerate(near):
        row += [near[k][place] for k in range(place + 1, len(near))]
    return near


def _errors(
    guesses: list[float], near: list[list[float]], sums: list[tuple[dict[int, int], float, float]]
) -> list[float]:
    """By which part of its guess each text is probably off, given what each sum has too much."""
    weighed = [[(text, times * guesses[text]) for text, times in members.items()] for members, _, _ in sums]
    rows: list[list[float]] = []
    for place, mine in enumerate(weighed):
        text, amount = mine[0]
        toward = [amount * share for share in near[text]]
        for text, amount in mine[1:]:
            toward = [one + amount * share for one, share in zip(toward, near[text])]
        row = []
        for other in weighed[place:]:
            both = 0.0
            for text, amount in other:
                both += toward[text] * amount
            row.append(both)
        row[0] += 16 + (_BESIDE * sums[place][2]) ** 2
        row.append(sums[place][1])
        rows.append(row)
    pulls = _solved(rows)
    drawn = [0.0] * len(guesses)
    for pull, mine in zip(pulls, weighed):
        for text, amount in mine:
            drawn[text] += pull * amount
    return [_product(row, drawn) for row in near]


def _solved(rows: list[list[float]]) -> list[float]:
    """The solution of a symmetric positive definite system.

    Of each row there is what stands from the diagonal on, and its right side: what stands before is known from the
    rows above, and stays so while they are taken away.
    """
    for place, head in enumerate(rows):
        first = head[0]
        for k in range(1, len(head) - 1):
            factor = head[k] / first
            if factor:
                rows[place + k] = [mine - factor * its for mine, its in zip(rows[place + k], head[k:])]
    solution: list[float] = []  # from the last to the first
    for row in reversed(rows):
        known = row[-1]
        for its, found in zip(row[-2:0:-1], solution):
            known -= its * found
        solution.append(known / row[0])
    return solution[::-1]
