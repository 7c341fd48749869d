"""Values that show themselves to nobody unless they are asked by name.

Rendering, comparing, storing and taking apart are refused or give a label. Whoever may see the value
calls `reveal`; there is no other way that a log, a traceback, a template or a serialiser would take.
"""

from collections.abc import Callable
from typing import Generic, NoReturn, Self, SupportsIndex, TypeVar, final

from troth.errors import LeakRefused

V = TypeVar("V")


class Closed:
    """Something that no rendering, copying or storing takes apart: its repr is its name alone."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()}>"

    def __format__(self, form: str, /) -> str:
        return repr(self)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object, /) -> Self:
        return self

    def __bytes__(self) -> NoReturn:
        raise LeakRefused(form="bytes")

    def __getstate__(self) -> NoReturn:
        raise LeakRefused(form="state")

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn:
        raise LeakRefused(form="pickle")


@final
class Plaintext(Closed, Generic[V]):
    """A personal value that shows only its label; `reveal` is the one way to it.

    It holds the value in a closure, so that walking its attributes meets a function. It is equal
    to itself alone: comparing it with anything else raises `LeakRefused`, since an answer would
    be wrong or would tell. Its truth value is always true.
    """

    __slots__ = ("_label", "_open")

    def __init__(self, value: V, label: str) -> None:
        """Wrap `value`; `label` names it without telling it, such as `account.phone`."""
        self._label = label
        self._open: Callable[[], V] = lambda: value

    def reveal(self) -> V:
        """Return the value itself."""
        return self._open()

    @property
    def label(self) -> str:
        """What the value is, such as `account.phone`."""
        return self._label

    def __repr__(self) -> str:
        return f"<plaintext {self._label}>"

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        raise LeakRefused(form="comparison")

    __hash__ = object.__hash__
