"""The look of the pages: Streamlit's theme options, and the colours of tables and charts.

The colours are told apart with every common kind of colour blindness: blue and orange, after the
palette of Okabe and Ito.
"""

BLUE, ORANGE, GREY = "#1f83bf", "#c8700f", "#7a828e"
DEEP = "#005aa0"
"""The colour that shades shares."""
INKS = {"light": "#0d131c", "dark": "#e4e9f0"}
"""Colour of text in charts, by theme."""
SHEETS = {
    "light": ("#ffffff", "#0d131c", "#4a5563"),
    "dark": ("#11161d", "#e4e9f0", "#b3bdca"),
}
"""Colours of paper, text and notes of sample grids, by theme: the page's own."""
CATEGORIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
"""Colours of up to six submissions side by side."""

_LIGHT = {
    "primaryColor": "#005a8f",
    "backgroundColor": "#ffffff",
    "secondaryBackgroundColor": "#f3f5f8",
    "textColor": "#0d131c",
    "linkColor": "#005a8f",
    "borderColor": "#d9dee6",
    "codeTextColor": "#0d131c",
    "codeBackgroundColor": "#f3f5f8",
    "dataframeHeaderTextColor": "#4a5563",
}
# Streamlit writes what is chosen in a list in white on the primary colour, and the chosen one of
# several buttons in that colour on the page: no colour does for both on a dark page, so the pages
# have radio buttons instead.
_DARK = {
    "primaryColor": "#2b7ab6",
    "backgroundColor": "#11161d",
    "secondaryBackgroundColor": "#1b222c",
    "textColor": "#e4e9f0",
    "linkColor": "#7cc4f0",
    "borderColor": "#323c4a",
    "codeTextColor": "#e4e9f0",
    "codeBackgroundColor": "#1b222c",
    "dataframeHeaderTextColor": "#b3bdca",
}

OPTIONS: dict[str, object] = {
    "theme.chartCategoricalColors": list(CATEGORIES),
    "theme.baseFontSize": 15,
    "theme.paddingTop": "1.5rem",
    "theme.baseRadius": "0.3rem",
    "theme.headingFontSizes": ["1.7rem", "1.25rem", "1.05rem"],
    "theme.headingFontWeights": [600, 600, 600],
    **{f"theme.light.{name}": value for name, value in _LIGHT.items()},
    **{f"theme.dark.{name}": value for name, value in _DARK.items()},
}
"""Options of Streamlit's configuration, for the server's start."""


FLIPS = 0.8
"""From this share on, white text is more readable than dark text on the shade."""
