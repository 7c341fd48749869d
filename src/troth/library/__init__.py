"""The Python library: open a house, and act in it for purposes that are explicit objects."""

from troth.library.context import Context as Context
from troth.library.house import Troth as Troth
from troth.library.house import in_thread as in_thread
from troth.library.house import init as init
from troth.library.house import open as open  # noqa: A004 - `troth.open`
from troth.library.restoring import restore as restore
