"""Draws a page without a browser, and presses its buttons."""

from streamlit.testing.v1 import AppTest


def draw(page: str, /, **query: str) -> AppTest:
    """A page, drawn as the app draws it."""
    source = (
        f"from leaderboard.web.screens import {page}, leaderboard\n"
        "import streamlit as st\n"
        "from leaderboard.web import links\n"
        "names = ('leaderboard', 'submission', 'compare', 'method', 'submit', 'rules')\n"
        "pages = {n: st.Page(lambda: None, title=n, url_path=n) for n in names}\n"
        "links.keep(pages, next(iter(pages.values())))\n"
        "st.navigation(list(pages.values()), position='hidden')\n"
        f"{page}.page()\n"
    )
    app = AppTest.from_string(source, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def signed_in(page: str, secret: str) -> AppTest:
    app = draw(page)
    app.text_input[0].input(secret)
    return press(app, "Sign in with the token")


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception
    return app
