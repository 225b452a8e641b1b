"""Compiling numeric kernels: one place for how numba is used."""

from collections.abc import Callable

import numba


def jit(function: Callable | None = None, *, parallel: bool = False, inline: str = "never") -> Callable:
    """Compile a kernel to machine code when it is first called, keeping the code on disk where a folder can be written.

    Results do not depend on the number of threads: sums are not reordered (no fast-math).
    """
    if function is None:
        return lambda given: jit(given, parallel=parallel, inline=inline)
    options = {"parallel": parallel, "inline": inline, "nogil": True}
    try:
        return numba.njit(function, cache=True, **options)
    except RuntimeError:  # neither beside the source nor in the user's cache can a file be written
        return numba.njit(function, **options)


def set_threads(threads: int) -> None:
    """Let the kernels use so many threads, at most those that numba was started with."""
    numba.set_num_threads(max(1, min(threads, numba.config.NUMBA_NUM_THREADS)))
