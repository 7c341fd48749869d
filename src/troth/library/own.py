"""What a person does with what is theirs: give, see, correct, choose, limit, leave, have erased."""

from collections.abc import Iterable, Mapping
from typing import Any

from troth.acts import channels, collect, consent, correct, membership, rights, use
from troth.custody.desk import About
from troth.custody.drafts import Offer
from troth.custody.endings.erasing import Gone
from troth.custody.frameless import door
from troth.custody.hand_out import Handed
from troth.custody.take_in import Taken
from troth.errors import TrothError
from troth.ledger.receipt import Receipt
from troth.library.serving import Serving, own, single
from troth.rules.decision import Actor


@door
class Own(Serving):
    """Acts of a person, or of somebody for them; who asks is `by`: the person, when nobody is named."""

    # ---- collecting

    def collect(
        self,
        *,
        about: About,
        category: str,
        when: str,
        values: Mapping[str, Any],
        by: Actor | None = None,
        age: int | None = None,
        within: bytes | str | None = None,
    ) -> Taken:
        """Take in one record; raises `Refused` with every reason, and then nothing is kept.

        `within` is a case that it belongs to, or the name of a conversation that opens with it.
        """
        offer = collect.offering(
            by=own(by), about=about, category=category, when=when, values=values, age=age, within=within
        )
        return single(self.teller.ask(collect.taking([offer])))

    async def collect_soon(
        self,
        *,
        about: About,
        category: str,
        when: str,
        values: Mapping[str, Any],
        by: Actor | None = None,
        age: int | None = None,
    ) -> Taken:
        """Do as `collect` does, without blocking the event loop."""
        offer = collect.offering(
            by=own(by), about=about, category=category, when=when, values=values, age=age
        )
        return single(await self.teller.ask_soon(collect.taking([offer])))

    def collect_many(
        self, offers: Iterable[Offer], *, together: bool = True
    ) -> tuple[Taken | TrothError, ...]:
        """Take in many offers in one transaction; each comes back as `Taken`, or as its own error."""
        taken: tuple[Taken | TrothError, ...] = self.teller.ask(collect.taking(offers, together=together))
        return taken

    # ---- the person's own

    def access(self, *, about: About, category: str, by: Actor | None = None) -> Handed:
        """Return what is held of a category, to the person themself (GDPR Art. 15)."""
        handed: Handed = self.teller.ask(use.accessing(by=own(by), about=about, category=category))
        return handed

    def correct(
        self,
        *,
        about: About,
        category: str,
        values: Mapping[str, Any],
        by: Actor | None = None,
        record: bytes | None = None,
    ) -> Receipt:
        """Replace wrong values; raises `Refused` where a clause wants a review first."""
        return self._settle(
            correct.correcting(by=own(by), about=about, category=category, values=values, record=record)
        )

    def consent(self, *, about: About, purpose: str, by: Actor | None = None) -> Receipt:
        """Give consent."""
        return self._settle(consent.giving(by=own(by), about=about, purpose=purpose))

    def refuse(self, *, about: About, purpose: str, by: Actor | None = None) -> Receipt:
        """Refuse consent."""
        return self._settle(consent.refusing(by=own(by), about=about, purpose=purpose))

    def withdraw(self, *, about: About, purpose: str, by: Actor | None = None) -> Receipt:
        """Withdraw consent; the next read for the purpose is refused."""
        return self._settle(consent.withdrawing(by=own(by), about=about, purpose=purpose))

    def object(self, *, about: About, purpose: str, by: Actor | None = None) -> Receipt:
        """Object to a purpose."""
        return self._settle(consent.objecting(by=own(by), about=about, purpose=purpose))

    def end_objection(self, *, about: About, purpose: str, by: Actor | None = None) -> Receipt:
        """End an objection."""
        return self._settle(consent.yielding(by=own(by), about=about, purpose=purpose))

    def stop(self, *, about: About, purpose: str, channel: str, by: Actor | None = None) -> Receipt:
        """Stop one way of being reached for a purpose; the next message that way is refused."""
        return self._settle(channels.stopping(by=own(by), about=about, purpose=purpose, channel=channel))

    def start(self, *, about: About, purpose: str, channel: str, by: Actor | None = None) -> Receipt:
        """Open a way of being reached again."""
        return self._settle(channels.opening(by=own(by), about=about, purpose=purpose, channel=channel))

    def may_send(
        self, *, about: About, purpose: str, channel: str, by: Actor, case: str = "", reason: str = ""
    ) -> Receipt:
        """Ask before one message is sent; raises `Refused` with every reason, `NotFound` or `Erased`.

        The line `message.sent` is committed before this returns: one call for each message.
        """
        return self._settle(
            channels.sending(by=by, about=about, purpose=purpose, channel=channel, case=case, reason=reason)
        )

    def list_unsubscribe(
        self, *, about: About, purpose: str, channel: str, site: str
    ) -> tuple[tuple[str, str], ...]:
        """Return the headers by which a letter is ended with one click (RFC 8058), for `Message.headers`.

        None where no clause lets anybody stop it. `site` is the `https://` address of the server.
        """
        return channels.list_unsubscribe(
            self.teller, about=about, purpose=purpose, channel=channel, site=site
        )

    def restrict(self, *, about: About, category: str = "*", by: Actor | None = None) -> Receipt:
        """Restrict processing: stored, not used."""
        return self._settle(rights.restricting(by=own(by), about=about, category=category))

    def lift(self, *, about: About, category: str = "*", by: Actor | None = None) -> Receipt:
        """Lift a restriction."""
        return self._settle(rights.lifting(by=own(by), about=about, category=category))

    def leave(self, *, about: About, by: Actor | None = None) -> Receipt:
        """Leave: the clocks that run from leaving start."""
        return self._settle(membership.leaving(by=own(by), about=about))

    def keep_shorter(self, *, about: About, kept: str, days: int, by: Actor | None = None) -> Receipt:
        """Keep what is of a retention class for fewer days, where its clause lets the person choose."""
        return self._settle(rights.shortening(by=own(by), about=about, kept=kept, days=days))

    def end_shorter(self, *, about: About, kept: str, by: Actor | None = None) -> Receipt:
        """End the choice of a shorter time for what is to come; what is held goes as was chosen."""
        return self._settle(rights.lengthening(by=own(by), about=about, kept=kept))

    def erase(
        self, *, about: About, classes: Iterable[str] = (), by: Actor | None = None, case: str = ""
    ) -> Gone:
        """Erase everything, or some retention classes; what must stay is named with its clause."""
        return self.teller.erase(rights.erasing(by=own(by), about=about, classes=classes, case=case))
