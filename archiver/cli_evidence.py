"""The commands about evidence: sealing what is archived, checking it, handing it on."""

import click

COMMANDS: tuple[click.Command, ...] = ()
"""Those that `cli` adds to its own."""
