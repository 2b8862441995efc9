"""The command that checks an archive, or a file out of one, and writes the report."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.context import INCOMPLETE, PROBLEMS, Place, as_json, settings_of
from archiver.cli.terminal import emit, say, write_utf8
from archiver.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archiver.evidence.finding import Finding
    from archiver.evidence.report import Check


@click.command(
    epilog="\b\nExamples:\n  archiver verify --deep\n  archiver verify --receipt 118:9f2c41d07a55"
    "\n  archiver verify archive/threads/2026-03-12_ann_112233.md\n  archiver verify --report > report.txt"
)
@click.argument("what", required=False, type=click.Path(path_type=Path, exists=True), metavar="[ARCHIVE|FILE]")
@click.option("--deep", is_flag=True, help="Also read the kept answers again, and compare threads and documents.")
@click.option("--receipt", "receipts", multiple=True, metavar="N:HASH", help="What was printed, published or mailed.")
@click.option(
    "--roots",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Root certificates (PEM) of who stamped the time; those of this computer if not said.",
)
@click.option("--report", "as_report", is_flag=True, help="Print what a certificate needs, about an archive.")
@as_json
@click.pass_obj
def verify(
    place: Place,
    what: Path | None,
    deep: bool,
    receipts: tuple[str, ...],
    roots: Path | None,
    as_report: bool,
    as_json: bool,
) -> int:
    """Check that an archive, or a file of one, is unchanged.

    It is compared with what was captured and sealed; nothing is written. FILE is a document (.md, .html), which is made
    again out of the kept answers and compared byte by byte, or a WACZ. Each problem is one line that names the run or
    the thread. The exit code is 7 where there is one, and 3 where a document cannot be compared.
    """
    from archiver.evidence.chain import receipt
    from archiver.evidence.checking import archive_of, check, is_archive
    from archiver.evidence.finding import result
    from archiver.evidence.report import Check
    from archiver.http.client import now
    from archiver.store.opening import program, system, tool

    if as_report and not is_archive(what):
        raise UsageError("--report is about a whole archive; name its folder")
    given, folder, moment = [receipt(text) for text in receipts], archive_of(what, place.folder), now()
    found = []
    for finding in check(what, folder, given, moment, deep, roots):
        found.append(finding)
        if as_report:
            continue
        if as_json:
            emit(**finding.fields)
        else:
            say(str(finding))
    came_to = result(found)
    if as_report:
        write_utf8()
        by = settings_of(place).evidence.operator
        told = Check(at=moment, by=by, tool=tool(), program=program(), system=system(), deep=deep, trusted=roots)
        _report(folder, found, told, as_json)
    elif as_json:
        emit(
            **{
                "is": "result",
                "problems": came_to.problems,
                "unchecked": came_to.unchecked,
                "entry": came_to.entry,
                "since": came_to.since,
            }
        )
    else:
        say(str(came_to))
    return PROBLEMS if came_to.problems else INCOMPLETE if came_to.unchecked else 0


def _report(folder: Path, found: "Sequence[Finding]", check: "Check", as_json: bool) -> None:
    from archiver.evidence.report import records
    from archiver.evidence.report_text import text
    from archiver.store.audit import Audit

    try:
        with Audit.opened(folder) as audit:
            told = list(records(audit, found, check))
    except ArchiveError:
        if not found:
            raise
        told = [finding.fields for finding in found]  # too damaged for more
    if as_json:
        for record in told:
            emit(**record)
    else:
        for line in text(told):
            say(line)


COMMANDS: tuple[click.Command, ...] = (verify,)
"""Those that `cli` adds to its own."""
