"""The promises are put to the test on the engine, and through the pages of a portal."""

from tests.web.conftest import mail_office, new_portal, portal, rendering

__all__ = ["mail_office", "new_portal", "portal", "rendering"]
