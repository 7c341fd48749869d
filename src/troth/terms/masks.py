"""How a value is shown to someone who needs to recognise it but not to know it.

One mask per type of field, the same for staff, logs and the member before a step-up. A mask never shows
more than half of a value, and a short value not at all.
"""

STARS = "******"


def hidden(value: object) -> str:  # noqa: ARG001 - every mask takes the value
    """Return stars, whatever the value."""
    return STARS


def initial(value: object) -> str:
    """Return `B******` for `Bettina`."""
    text = str(value)
    return text[:1] + STARS if len(text) > 1 else STARS


def email(value: object) -> str:
    """Return `a***@e***.org` for `anna@example.org`."""
    local, _, domain = str(value).rpartition("@")
    first, dot, top = domain.rpartition(".")
    if not local or not first:
        return STARS
    return f"{local[0]}***@{first[0]}***{dot}{top}"


def phone(value: object) -> str:
    """Return `+380****4556` for `+380501234556`: country digits, then the last four."""
    text = str(value)
    return f"{text[:4]}****{text[-4:]}" if len(text) >= 11 else f"{text[:2]}****{text[-2:]}"


def date(value: object) -> str:
    """Return `1980-01-**` for `1980-01-31`."""
    return f"{str(value)[:8]}**"


def ends(value: object) -> str:
    """Return `FG****64` for `FG1234564`: two and two, when at least that much stays hidden."""
    text = str(value)
    return f"{text[:2]}****{text[-2:]}" if len(text) >= 8 else STARS


def after_country(value: object) -> str:
    """Return `PL:44****58` for `PL:44051401458`."""
    country, colon, number = str(value).rpartition(":")
    return f"{country}{colon}{ends(number)}"


def last_four(value: object) -> str:
    """Return `DE****3000` for an IBAN: country, then the last four."""
    text = str(value)
    return f"{text[:2]}****{text[-4:]}" if len(text) >= 12 else STARS


def address(value: object) -> str:
    """Return `203.0.***` for an IPv4 address, `2001:db8:***` for IPv6."""
    text = str(value)
    mark = ":" if ":" in text else "."
    parts = text.split(mark)
    return mark.join([*parts[:2], "***"]) if len(parts) > 2 else STARS


def kept(value: object) -> str:
    """Return the value: there is nothing in it to hide, such as the last four digits of a card."""
    return str(value)
