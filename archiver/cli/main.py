"""The command line: results on stdout, everything else on stderr, one line for each error.

Imports that cost time are inside the commands: `--help` must be there at once.
"""

from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

import click

from archiver import __version__
from archiver.cli import evidence, files, pages, reading, saving, verify
from archiver.cli.context import Paths, report
from archiver.cli.options import with_output
from archiver.cli.terminal import LINE, Line, Output, complain, print_text, take_any_text, unwritable
from archiver.errors import ArchiverError, Interrupted, UsageError

NEAR = 0.75  # likeness from which a command may be meant; "watch" and "attach" have 0.73
BEFORE = ("--archive", "--config")  # the options that stand in front of the command

EXAMPLES = """
\b
Examples:
  archiver save https://bsky.app/profile/ann.example.com/post/3lbq2vxkm4s2a
  archiver --archive river save https://mastodon.example/@ann/112233445566778899
  archiver list
  archiver export --out site/
"""


class Commands(click.Group):
    """The commands; what is near none of them gets no guess."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant."""
        name = args[0]
        if name.startswith("-") or self.get_command(ctx, name):
            return super().resolve_command(ctx, args)
        if "://" in name:
            raise click.UsageError("A URL needs a command in front of it: archiver save URL", ctx)
        near = get_close_matches(name, self.commands, cutoff=NEAR)
        guess = f" Did you mean '{near[0]}'?" if near else ""
        raise click.UsageError(f"No such command '{name}'.{guess}", ctx)


@click.group(cls=Commands, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--archive",
    "folder",
    type=click.Path(path_type=Path),
    default="archive",
    envvar="ARCHIVER_ARCHIVE",
    show_default=True,
    show_envvar=True,
    help="The archive's folder.",
)
@click.option("--config", type=click.Path(path_type=Path), help="Settings, instead of the folder's archiver.toml.")
@click.version_option(__version__, prog_name="archiver")
@click.pass_context
def cli(context: click.Context, folder: Path, config: Path | None) -> None:
    """Archive whole public threads: any post's URL in, one SQLite file and a readable article out."""
    context.obj = Paths(folder, config)


@cli.command(epilog="\b\nExample:\n  archiver platforms")
@with_output
def platforms(output: Output) -> None:
    """Show which platforms are known, and the forms of their URLs."""
    from archiver.platforms import platforms

    for platform in platforms():
        routes = [route.name for route in platform.routes]
        lines = [f"{platform.title} ({platform.name}): routes {', '.join(routes)}", *platform.examples]
        fields = {
            "platform": platform.name,
            "title": platform.title,
            "routes": routes,
            "examples": list(platform.examples),
        }
        output(Line("\n  ".join(lines), fields))


COMMANDS = (
    *(saving.save, saving.storm),
    *(files.import_, files.reparse),
    *(reading.list_, reading.show, reading.export),
    *(pages.open_, pages.serve),
    *(evidence.seal, evidence.redact, evidence.remove, evidence.attach, evidence.backup),
    verify.verify,
)
for command in COMMANDS:
    cli.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    take_any_text()
    try:
        return _run(arguments)
    except ArchiverError as error:
        return report(error, "", print_text)
    except click.ClickException as error:
        LINE.clear()
        if isinstance(error, click.NoSuchOption) and error.option_name in BEFORE:
            complain(f"error: {error.option_name} stands before the command: archiver {error.option_name} … COMMAND")
            return error.exit_code
        with suppress(OSError):  # nobody can read it
            error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        complain("stopped; everything that had come is kept")
        return Interrupted.exit_code


def _run(arguments: Sequence[str]) -> int:
    try:
        code = cli.main(args=list(arguments), prog_name="archiver", standalone_mode=False)
    except SystemExit:  # so click ends where the reader of its help has left
        return 0
    except OSError as error:  # its help, again: all that we print ourselves sees to this
        if error.filename:  # such as one that is longer than the disk takes
            raise UsageError(f"{str(error.filename)[:100]} cannot be used: {error.strerror}") from error
        unwritable(error)
        return 0
    return code if isinstance(code, int) else 0
