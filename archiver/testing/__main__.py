"""Write what the cases of a platform give: `python -m archiver.testing my_package.module:platform FOLDER`."""

import sys
from importlib import import_module
from pathlib import Path

from archiver.testing import invented
from archiver.testing.case import cases, goldens


def main(arguments: list[str]) -> None:
    """Write the golden files of every case in a folder, and print the names of those that changed."""
    if len(arguments) != 2 or ":" not in arguments[0]:
        sys.exit("usage: python -m archiver.testing my_package.module:platform FOLDER")
    module, _, attribute = arguments[0].partition(":")
    platform = getattr(import_module(module), attribute)
    fixtures = Path(arguments[1])
    for file in sorted(fixtures.glob(f"*/{invented.FILE}")):
        invented.write(file.parent)
    for case in cases(fixtures):
        for name, content in goldens(platform, case).items():
            path = case / name
            if not path.exists() or path.read_bytes() != content.encode():
                path.write_bytes(content.encode())
                print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
