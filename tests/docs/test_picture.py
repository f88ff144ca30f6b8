"""The picture of docs/performance.md shows the figures of the page."""

from docs.picture import DOCS, drawn


def test_the_picture_is_drawn_from_the_page() -> None:
    picture = (DOCS / "pictures" / "performance.svg").read_text()
    assert picture == drawn((DOCS / "performance.md").read_text()), "run: python tests/docs/picture.py"
