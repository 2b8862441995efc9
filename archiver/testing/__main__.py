"""Write what the cases of a platform give: `python -m archiver.testing my_package.module:platform FOLDER`."""

import sys
from importlib import import_module
from pathlib import Path

from archiver.testing.case import cases, goldens


def main(arguments: list[str]) -> None:
    """Write the golden files of every case below a folder, and print the names of those that changed."""
    if len(arguments) != 2 or ":" not in arguments[0]:
        sys.exit("usage: python -m archiver.testing my_package.module:platform FOLDER")
    module, _, name = arguments[0].partition(":")
    platform = getattr(import_module(module), name)
    for case in cases(Path(arguments[1])):
        for file, content in goldens(platform, case).items():
            path = case / file
            if not path.exists() or path.read_bytes() != content.encode():
                path.write_bytes(content.encode())
                print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
