"""Serve a house: one process, one directory; stops without losing anything that was answered."""

import asyncio
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import uvicorn

from troth.acts.sweep import sweep
from troth.clock import Clock
from troth.errors import TrothError
from troth.gates.courier import Courier, Gate
from troth.gates.mail import SmtpGate
from troth.gates.sms import SmsGate
from troth.settings import Settings, secret_of
from troth.teller import Teller
from troth.web import asked, carrying, packing
from troth.web.app import application
from troth.web.carrying import texts_in
from troth.web.drp import calling_back
from troth.web.greeting import Entrance
from troth.web.hall import Hall, hall_of
from troth.web.listening import connections
from troth.web.logs import log, quiet_libraries
from troth.web.news import telling as news
from troth.web.probing import try_pages
from troth.web.watch import AT_ONCE
from troth.web.wire import Wire, wire_of

EACH = 300.0  # seconds between two sweeps
TELL = 2.0  # seconds between two looks for what is to be told
TRIAL = 3_600.0  # seconds between two trials of our own pages
FIRST = 2.0  # seconds from the start to the first of them
GRACE = 15  # seconds that requests under way are given


def courier_of(settings: Settings, directory: Path, clock: Clock) -> Courier:
    """Return the courier with the ways out that the settings name; raises `BadSettings`."""
    gates: dict[str, Gate] = {}
    if settings.mail:
        mail = settings.mail
        gates["mail"] = SmtpGate(
            mail.host,
            mail.port,
            sender=mail.sender,
            tls=mail.tls,
            login=mail.login,
            password=secret_of(mail, directory),
            clock=clock,
        )
    if settings.sms:
        sms = settings.sms
        gates["sms"] = SmsGate(sms.url, sender=sms.sender, secret=secret_of(sms, directory), clock=clock)
    return Courier(gates, clock=clock)


class _Server(uvicorn.Server):
    """One that leaves signals to us: what was begun is finished, and then the house is closed."""

    def __init__(self, config: uvicorn.Config, wire: type[Wire], tls: ssl.SSLContext | None) -> None:
        super().__init__(config)
        self._wire, self._tls = wire, tls

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; by TLS, greet whoever comes."""
        if self._tls is None:
            await super().startup(sockets)
            return
        await super().startup([])

        def made() -> Wire:
            return self._wire(self.config, self.server_state, self.lifespan.state)

        here = [Entrance(each, self._tls, self._wire.places, made) for each in sockets or ()]
        self.servers = cast("list[asyncio.base_events.Server]", here)  # which are closed and waited for alone

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


class Running:
    """A server that is about to run; `run` returns when it has stopped."""

    def __init__(
        self,
        teller: Teller,
        settings: Settings,
        directory: Path,
        *,
        listener: socket.socket,
        tls: ssl.SSLContext | None = None,
        ways: Mapping[str, Gate] | None = None,
    ) -> None:
        """Prepare a server of an open house; `ways` are ways out instead of those that the settings name."""
        scheme = "https" if tls else "http"
        name = listener.getsockname()[0]
        where = {"127.0.0.1": "localhost", "::1": "localhost", "0.0.0.0": "localhost", "::": "localhost"}.get(  # noqa: S104
            name, f"[{name}]" if ":" in name else name
        )
        self.origin = (
            settings.server and settings.server.url
        ) or f"{scheme}://{where}:{listener.getsockname()[1]}"
        self._listener = listener
        clock = teller.house.clock
        self._courier = courier_of(settings, directory, clock) if ways is None else Courier(ways, clock=clock)
        self.hall: Hall = hall_of(teller, settings, self._courier, origin=self.origin)
        wire = wire_of(
            settings.server.proxies if settings.server else (), secure=self.hall.secure, most=connections()
        )
        config = uvicorn.Config(
            application(self.hall),
            http=wire,
            callback_notify=wire.places.look,
            timeout_notify=1,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE,
            timeout_keep_alive=30,
            limit_concurrency=2_000,
            ws="none",
        )
        self._loop = config.get_loop_factory()  # uvloop, where it is installed
        self._server = _Server(config, wire, tls)
        self._over = threading.Event()

    def run(self, ready: Callable[[str], object] = lambda _: None) -> None:
        """Serve until told to stop (SIGTERM, SIGINT or `stop`); what was begun is finished first."""
        quiet_libraries()
        sweeper = threading.Thread(target=self._sweep, name="troth-sweep", daemon=True)
        sweeper.start()
        telling = threading.Thread(target=self._tell, name="troth-telling", daemon=True)
        telling.start()
        trier = threading.Thread(target=self._try, name="troth-trial", daemon=True)
        trier.start()
        try:
            with asyncio.Runner(loop_factory=self._loop) as runner:
                runner.run(self._serve(ready))
        finally:
            self._over.set()
            sweeper.join()
            telling.join(GRACE)  # a mail server may be silent; what it did not take goes again
            trier.join()
            packing.end(self.hall)
            left = self._courier.close(within=10.0)
            log("stopped", unsent=left)

    def stop(self) -> None:
        """Let it stop, from any thread; asked twice, without waiting for whoever is still being answered."""
        self.hall.stopping = True
        self._server.force_exit = self._server.should_exit
        self._server.should_exit = True

    async def _serve(self, ready: Callable[[str], object]) -> None:
        loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for each in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(each, self.stop)
        task = asyncio.ensure_future(self._server.serve(sockets=[self._listener]))
        while not self._server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        if self._server.started:
            log("started")
            ready(self.origin)
            threading.Thread(target=self._prepare, name="troth-pages", daemon=True).start()
        await task
        await self.hall.gathered.flush(self.hall.teller)

    def _prepare(self) -> None:
        """Compile the pages, so that nobody waits for it, and no file is opened for one any more."""
        self.hall.rendering.compile_all(over=self._over.is_set)

    def _sweep(self) -> None:
        """Do what time demands, now and then, until the server stops; and see how each clause stands."""
        self._look(first=True)
        while not self._over.wait(EACH):
            try:
                language = self.hall.agreement.language
                texts = texts_in(self.hall, language)
                carrying.resume(self.hall)
                swept = sweep(self.hall.teller, texts=texts, origin=self.hall.site.origins[0])
                calling_back.run(self.hall)
                log("swept", expired=swept.expired, ended=swept.ended, resumed=swept.resumed)
                for problem in swept.stuck:
                    log("sweep-stuck", code=problem.code)
                for which in swept.unvacuumed:
                    log("vacuum-waits", database=which)
                for way, each in self._courier.counts().items():
                    log("way-out", way=way, sent=each.sent, failed=each.failed, waiting=each.waiting)
            except TrothError as problem:
                log("sweep-failed", code=problem.code)
            self._look()

    def _tell(self) -> None:
        """Tell people what happened to their requests, soon after it did, until the server stops."""
        while not self._over.wait(TELL):
            try:
                asked.run(self.hall)
                news.run(self.hall)
            except TrothError as problem:
                if not self._over.is_set():
                    log("telling-failed", code=problem.code)

    def _look(self, *, first: bool = False) -> None:
        """Check the clauses when it is time; a large ledger is left alone while the first pages come."""
        watch, teller = self.hall.watch, self.hall.teller
        try:
            if first:
                watch.remember(teller)
            if watch.is_due(self.hall.now) and not (first and teller.house.tree.size > AT_ONCE):
                watch.look(teller)
                log("checked", clauses=len(watch.report.clauses) if watch.report else 0)
        except TrothError as problem:
            log("check-failed", code=problem.code)

    def _try(self) -> None:
        """Try our own pages, soon after the start and then each hour, until the server stops."""
        wait = FIRST
        while not self._over.wait(wait):
            wait = TRIAL
            try:
                found = try_pages(self.hall, over=self._over.is_set)
                log(
                    "tried",
                    promises=len(found),
                    broken=[e.promise.partition(":")[0] for e in found if not e.passed],
                )
            except (TrothError, OSError) as problem:
                if not self._over.is_set():
                    log("trial-failed", code=getattr(problem, "code", "no-room"))
