"""Thread archiver: any post's URL -> the whole thread, its evidence, its verdict, its article."""

__version__ = "0.5.0"
