"""The command line: arguments in, an answer on stdout, talk on stderr, an exit code.

Exit codes: 0 fine, 1 a limit is exceeded, a check failed or the store cannot be used, 2 wrong use.
"""

from __future__ import annotations

import gc
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code."""
    # A command lives for milliseconds or allocates a few large lists: collecting garbage only costs.
    gc.disable()
    words = sys.argv[1:] if argv is None else list(argv)
    from lineitem.surfaces.cli import argv as reader

    try:
        understood = reader.read(words)
        if understood is None:
            from lineitem.surfaces.cli.app import run_with_click

            return run_with_click(words)
        from lineitem.surfaces.cli.run import run

        return run(*understood)
    except BrokenPipeError:
        from lineitem.surfaces.cli.output import silence_stdout

        silence_stdout()
        return 0
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. What was read before is kept; run it again to go on.\n")
        return 130
    except Exception as error:  # noqa: BLE001 - the rim: a person gets a sentence, --debug the traceback
        return _failed(error, words)


def _failed(error: Exception, words: Sequence[str]) -> int:
    from lineitem.core.problems import LineitemError

    if isinstance(error, LineitemError):
        sys.stderr.write(f"lineitem: {error}\n")
        return error.exit_code
    if "--debug" in words or "-d" in words:
        raise error
    import traceback

    place = traceback.extract_tb(error.__traceback__)[-1]
    sys.stderr.write(
        f"lineitem: something broke that should not: {type(error).__name__}: {error}"
        f" ({place.filename.rpartition('lineitem/')[2]}:{place.lineno}).\n"
        "Nothing was lost: what is kept is kept whole or not at all. Run it again with --debug for the details,\n"
        "and `lineitem doctor` for the state of the store.\n"
    )
    return 1
