"""`dedup warm`."""

from __future__ import annotations

import time

import click


@click.command()
def warm() -> None:
    """Compile all that runs need, and keep it for them.

    The first run does so by itself, for what it uses. Do it before where runs may not write, as in
    a container with a read-only file system:

    \b
    Example:
      RUN pip install dedup && dedup warm
    """
    from dedup.kernels import prepare_all

    started = time.perf_counter()
    n_compiled, folders = prepare_all()
    seconds = time.perf_counter() - started
    kept = ", ".join(sorted(map(str, folders)))
    click.echo(f"{n_compiled} kernels compiled in {seconds:.1f} s; all are kept in {kept}")
