"""`python -m archiver`: the command line, and the one place where errors become exit codes."""

import sys


def main() -> None:
    """Run the command line; every error is one line on stderr and an exit code of its own (errors.py lists them)."""
    from archiver.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
