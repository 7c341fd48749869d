"""What a person takes along: a package of everything, made in the open formats, and given once."""

from collections.abc import Iterator

from troth.acts import packages
from troth.custody.desk import About
from troth.custody.frameless import door
from troth.custody.packages.making import Progress, made
from troth.custody.packages.parcels import Package
from troth.library.serving import Serving, own
from troth.rules.decision import Actor


@door
class Taking(Serving):
    """Packages of a person; who asks is `by`: the person, when nobody is named."""

    def package(
        self,
        *,
        about: About,
        right: str = "access",
        by: Actor | None = None,
        case: str = "",
        language: str = "",
        progress: Progress = lambda _: None,
    ) -> Package:
        """Make a package of everything held (`access`), or of what a person may `port`, and read it back.

        It is sealed, lasts seven days and is given once. Others are served meanwhile. `case` is the reference
        of a case that it answers; `progress` is told how many records are in it. Raises `Refused`,
        `PackageBusy` while one is made already, `PackageGone` when the person is erased meanwhile.
        """
        job = packages.packing_of(by=own(by), about=about, right=right, case=case, language=language)
        return made(self.teller, packages.order(self.teller, job), progress=progress)

    def packages(self, *, about: About, by: Actor | None = None) -> tuple[Package, ...]:
        """Return the packages of a person as they stand, oldest first; nothing of what is in them.

        The look is remembered. Raises `Refused` for others than the person and whom the clauses of the rights
        to have and to take their data name.
        """
        return self.teller.alone(packages.following(by=own(by), about=about)).packages  # type: ignore[union-attr]

    def open_package(self, package: bytes, *, about: About, by: Actor | None = None) -> Iterator[bytes]:
        """Give a package (a zip) piece by piece, once: before its last piece it is remembered as given.

        Whoever stops before can begin again. Raises `Refused`, `PackageGone` or `PackageBusy`.
        """
        return packages.taken(self.teller, package, by=own(by), about=about)
