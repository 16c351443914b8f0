"""The headers that every response carries, and what each of them is for."""

import base64
import hashlib
import re
from collections.abc import Mapping

EVERYWHERE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
    ),
}

API_CONTENT_POLICY = (
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""The API answers data: a browser that shows it as a page may load and run nothing."""

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def page_content_policy(index_html: str) -> str:
    """The policy of the web page: nothing from elsewhere, and only scripts that Streamlit ships.

    Exceptions, each because Streamlit cannot do without it:
    - the digests of the inline scripts of its start page, read from that page itself;
    - inline styles: its components write their styles into the document as they are drawn;
    - `data:` and `blob:` pictures: icons in its style sheets, downloads of charts;
    - `blob:` workers: tables are searched in one.
    """
    scripts = " ".join(
        f"'sha256-{_digest(script)}'" for script in _INLINE_SCRIPT.findall(index_html)
    )
    directives = {
        "default-src": "'none'",
        "script-src": f"'self' {scripts}".strip(),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "media-src": "'self'",
        "frame-src": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
