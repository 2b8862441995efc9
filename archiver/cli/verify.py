"""The command that checks an archive, or a file out of one, and writes the report."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.context import INCOMPLETE, PROBLEMS, Paths, settings_of
from archiver.cli.options import with_output
from archiver.cli.terminal import Line, Output, write_utf8
from archiver.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

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
    help="Root certificates (PEM) of who stamped the time; by default those of this computer.",
)
@click.option("--report", "as_report", is_flag=True, help="Print what a certificate needs, about an archive.")
@with_output
@click.pass_obj
def verify(
    paths: Paths,
    what: Path | None,
    deep: bool,
    receipts: tuple[str, ...],
    roots: Path | None,
    as_report: bool,
    output: Output,
) -> int:
    """Check that an archive, or a file of one, is unchanged.

    It is compared with what was captured and sealed; nothing is written. FILE is a document (.md, .html), which is made
    again out of the kept answers and compared byte by byte, or a WACZ. Each problem is one line that names the run or
    the thread. The exit code is 7 where there is one, and 3 where a document cannot be compared.
    """
    from archiver.evidence.chain import receipt
    from archiver.evidence.checking import archive_of, check, is_archive
    from archiver.evidence.finding import result
    from archiver.http.client import now

    if as_report and not is_archive(what):
        raise UsageError("--report is about a whole archive; name its folder")
    folder, moment = archive_of(what, paths.folder), now()
    findings = []
    for finding in check(what, folder, [receipt(text) for text in receipts], moment, deep, roots):
        findings.append(finding)
        if not as_report:  # each at once: a large archive takes minutes
            output(finding)
    verdict = result(findings)
    if as_report:
        by = settings_of(paths).evidence.operator
        _print_report(folder, findings, _check(moment, by, deep, roots), output)
    else:
        output(verdict)
    return PROBLEMS if verdict.problems else INCOMPLETE if verdict.unchecked else 0


def _check(moment: "datetime", operator: str, deep: bool, roots: Path | None) -> "Check":
    """Return how the archive was checked, for the report."""
    from archiver.evidence.report import Check
    from archiver.store.opening import program, system, tool

    return Check(at=moment, by=operator, tool=tool(), program=program(), system=system(), deep=deep, trusted=roots)


def _print_report(folder: Path, findings: "Sequence[Finding]", check: "Check", output: Output) -> None:
    from archiver.evidence.report import records
    from archiver.evidence.report_text import text
    from archiver.store.audit import Audit

    write_utf8()
    try:
        with Audit.opened(folder) as audit:
            report = list(records(audit, findings, check))
    except ArchiveError:
        if not findings:
            raise
        report = [finding.fields for finding in findings]  # too damaged for more
    for record in report:
        output(Line(fields=record))
    output(Line("\n".join(text(report))))
