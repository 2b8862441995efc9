"""All that is asked of one platform, in seconds: `make platform-check NAME=hackernews`."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent


def commands(name: str) -> dict[str, list[str]]:
    """Return what is run for a platform, each with what it asks."""
    package = Path("archiver/platforms") / name
    source = str(package if (ROOT / package).is_dir() else package.with_suffix(".py"))
    tests = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").glob(f"test_{name}*.py"))
    shared = ["tests/test_platforms.py", "tests/test_layers.py", "tests/test_documents.py", "tests/test_contract.py"]
    wanted = ["test_platforms", "test_layers", "(up_to_date and platforms)", *(Path(test).stem for test in tests)]
    covered = f"{package}/*" if (ROOT / package).is_dir() else source
    return {
        "lint": ["ruff", "check", source, *tests],
        "shape": ["ruff", "format", "--check", source, *tests],
        "types": ["mypy", "--strict", source],
        "tests": ["coverage", "run", "-m", "pytest", "-q", "-k", " or ".join([name, *wanted]), *shared, *tests],
        "branches": ["coverage", "report", f"--include={covered}", "--fail-under=100"],
    }


def main(name: str) -> None:
    """Run each in turn; end at the first that fails."""
    if not name or not list((ROOT / "archiver" / "platforms").glob(f"{name}*")):
        sys.exit("usage: make platform-check NAME=hackernews, the name of a file or package in archiver/platforms")
    begun = time.monotonic()
    for what, command in commands(name).items():
        print(f"-- {what}", flush=True)
        if subprocess.run([sys.executable, "-m", *command], cwd=ROOT).returncode:
            sys.exit(f"{name}: {what} failed")
    print(f"{name}: all is well, in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main(*(sys.argv[1:] or [""]))
