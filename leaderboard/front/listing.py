"""Lists of the site's addresses for search engines."""

from collections.abc import Iterator, Sequence
from html import escape
from urllib.parse import urlencode

from leaderboard.records import Group
from leaderboard.web.pages import PAGES
from leaderboard.web.scope import usual_scope


def robots(site: str) -> str:
    """Write `robots.txt`: pages may be read, and what only programs need is left alone."""
    path = "/" + site.split("/", 3)[3] if site.count("/") > 2 else ""
    closed = [page.path for page in PAGES.values() if page.place == "account"]
    lines = ["User-agent: *", *(f"Disallow: {path}/{name}" for name in (*closed, "api/"))]
    return "\n".join([*lines, f"Sitemap: {site}/sitemap.xml", ""])


def site_map(site: str, groups: Sequence[Group]) -> str:
    """Write `sitemap.xml`: the pages of the navigation, and the board of every benchmark."""
    entries = "".join(
        f"<url><loc>{escape(address)}</loc></url>\n" for address in _addresses(site, groups)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )


def _addresses(site: str, groups: Sequence[Group]) -> Iterator[str]:
    for page in PAGES.values():
        if page.place in ("main", "foot"):
            yield f"{site}/{page.path}"
    for benchmark in sorted({group.benchmark for group in groups}):
        asked = urlencode(usual_scope(groups, benchmark).parameters)
        yield f"{site}/{PAGES['leaderboard'].path}?{asked}"
