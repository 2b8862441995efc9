"""What a page may hold, read as a browser reads it: for tests of pages, and of whatever else is HTML."""

from bs4 import BeautifulSoup

from archiver.exporters.page.style import STYLE

_ELEMENTS = """
    html head meta title style body a p h1 h2 h3 h4 h5 h6 header main footer nav section article div span strong bdi
    time dl dt dd code figure figcaption img video audio details summary ul ol li blockquote svg rect circle line path
    text tspan ins del em sub sup ruby rt br pre form label input button mark script
"""
ELEMENTS = frozenset(_ELEMENTS.split())
_ATTRIBUTES = """
    lang charset content http-equiv name href class id dir tabindex aria-labelledby aria-label aria-hidden
    aria-describedby datetime src alt loading decoding controls preload loop viewbox viewBox preserveAspectRatio
    width height x y x1 x2 y1 y2 cx cy r d text-anchor role start open hidden type value autocomplete
    download
"""
ATTRIBUTES = frozenset(_ATTRIBUTES.split())
SCHEMES = ("http://", "https://", "ftp://", "mailto:", "#", "../media/", "../", "pages/", "/pages/", "/")


def read(page: str) -> BeautifulSoup:
    """Read a page by the rules of HTML 5."""
    return BeautifulSoup(page, "html5lib")


def faults(page: str, scripts: int = 0) -> list[str]:
    """Return all that a page holds and should not."""
    tree = read(page)
    found = []
    for element in tree.find_all(True):
        if element.name not in ELEMENTS:
            found.append(f"<{element.name}>")
        for name, value in element.attrs.items():
            if name not in ATTRIBUTES:
                found.append(f"{element.name} {name}")
            if name in ("href", "src") and not str(value).lower().startswith(SCHEMES):
                found.append(f"{name}={value}")
    if [style.string for style in tree.find_all("style")] != [STYLE]:
        found.append("another style")
    if len(tree.find_all("script")) != scripts:
        found.append("another script")
    ids = [element["id"] for element in tree.find_all(id=True)]
    found += [f"id {id_} twice" for id_ in {id_ for id_ in ids if ids.count(id_) > 1}]
    places = {f"#{id_}" for id_ in ids}
    found += [f"{link['href']} leads nowhere" for link in tree.select('a[href^="#"]') if link["href"] not in places]
    return found
