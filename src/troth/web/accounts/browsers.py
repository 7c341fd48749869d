"""A browser in words: what it calls itself, cut down to its name and the system it runs on.

What browsers say of themselves is long, and half of it is not true. Two names are enough for people to
know their own again; a version would make each update a stranger.
"""

# The first that is found; the order matters, since each claims to be those below it.
_NAMES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def named(said: str) -> tuple[str, str]:
    """Return (browser, system) of a `User-Agent`; empty text for what it does not tell."""
    browser = next((name for mark, name in _NAMES if mark in said), "")
    return browser, next((name for mark, name in _SYSTEMS if mark in said), "")
