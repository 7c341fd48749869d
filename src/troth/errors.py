"""Every error, on one page; imports nothing of Troth.

An error has a stable `code`, typed fields, a sentence for people and a remedy. Messages are lower
case without a full stop, put input in back-ticks, and **never hold personal data**: a field here is a
name, a place in a file, a clause or a count, not a value of a person.

Groups (the faces map them to status and exit codes, one table each): `BadInput` the caller can mend;
`Denied` the agreement says no; `Absent` nothing there; `Conflict` the state moved; `Misconfigured`
the house cannot run like this; `Broken` something is not as it was left.
"""

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(eq=False, kw_only=True)
class TrothError(Exception):
    """The root of all errors; `code` is stable for ever, `str()` is the sentence with its remedy."""

    code: ClassVar[str] = "troth"
    sentence: ClassVar[str] = "something went wrong"
    remedy: ClassVar[str] = ""

    def _filled(self, template: str) -> str:
        said = template.format_map({f.name: getattr(self, f.name) for f in fields(self)})
        return said.encode("utf-8", "backslashreplace").decode(
            "utf-8"
        )  # a word of the caller's may be no text

    @property
    def message(self) -> str:
        """What happened, without the remedy."""
        return self._filled(self.sentence)

    @property
    def fix(self) -> str:
        """What to do about it."""
        return self._filled(self.remedy)

    def __str__(self) -> str:
        return f"{self.message}; {self.fix}" if self.remedy else self.message

    def __reduce__(self) -> tuple[object, tuple[object, ...], dict[str, object]]:
        return _revive, (type(self),), {f.name: getattr(self, f.name) for f in fields(self)}


def _revive(kind: type[TrothError]) -> TrothError:
    return kind.__new__(kind)


class BadInput(TrothError):
    """The caller gave something that cannot be taken, and can mend it."""


class Denied(TrothError):
    """The agreement says no."""


class Absent(TrothError):
    """There is nothing there to answer with."""


class Conflict(TrothError):
    """The state moved, or the thing exists already."""


class Misconfigured(TrothError):
    """The house cannot run like this."""


class Broken(TrothError):
    """Something is not as it was left: tampering, corruption, a fork."""


# ---- ground


@dataclass(eq=False, kw_only=True)
class NotCanonical(BadInput):
    """A value outside the canonical encoding (RFC 8785, without floats)."""

    reason: str
    code = "canonical.refused"
    sentence = "the value has no canonical form: {reason}"
    remedy = "use text, whole numbers, booleans, null, lists and objects with text keys"


@dataclass(eq=False, kw_only=True)
class BadTime(BadInput):
    """A time that is not ISO 8601 with a zone."""

    text: str
    code = "clock.bad-time"
    sentence = "`{text}` is not a time"
    remedy = "write it as `2027-01-31T12:00:00Z`"


# ---- terms


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the text of an agreement, where it stands, and how to mend it."""

    file: str
    line: int  # from 1
    column: int  # from 1
    code: str
    sentence: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.code}: {self.sentence}; {self.fix}"


@dataclass(eq=False, kw_only=True)
class AgreementFaulty(BadInput):
    """The text of an agreement cannot be read; `problems` holds everything that is wrong, in order."""

    problems: tuple[Fault, ...]
    code = "terms.faulty"
    sentence = "the agreement cannot be read"
    remedy = "mend each line named, and read it again"

    @property
    def message(self) -> str:
        """Every problem, one a line."""
        return f"{self.sentence}:\n" + "\n".join(str(problem) for problem in self.problems)


@dataclass(eq=False, kw_only=True)
class BadValue(BadInput):
    """A value does not fit its field; the value itself is never repeated."""

    field: str
    kind: str
    reason: str
    hint: str
    code = "terms.bad-value"
    sentence = "the value for `{field}` is not taken as {kind}: {reason}"
    remedy = "{hint}"


# ---- vault


@dataclass(eq=False, kw_only=True)
class SealBroken(Broken):
    """A sealed value does not open; altered, moved and wrongly keyed ones fail alike."""

    code = "vault.seal-broken"
    sentence = "a sealed value does not open: it was altered, moved, or sealed under another key"
    remedy = "restore it from a verified copy, and treat it as tampering until it is explained"


@dataclass(eq=False, kw_only=True)
class UnknownSuite(Broken):
    """A sealed value whose first byte names no suite known here."""

    suite: int
    code = "vault.unknown-suite"
    sentence = "a sealed value is of suite {suite}, which is not known here"
    remedy = "open it with the Troth that wrote it, or restore it from a verified copy"


@dataclass(eq=False, kw_only=True)
class LeakRefused(BadInput):
    """A guarded value was about to be turned into something that tells it."""

    form: str
    code = "vault.leak-refused"
    sentence = "a guarded value has no {form}"
    remedy = "call `reveal()` where the value itself is needed, and let it go no further"


@dataclass(eq=False, kw_only=True)
class WrongRoot(Misconfigured):
    """The root key does not open what it should have wrapped."""

    root: str
    wrapped: str
    code = "vault.wrong-root"
    sentence = "the root `{root}` does not open the {wrapped} of this keystore"
    remedy = "open the keystore with the root it was made with, or restore it from a verified copy"


@dataclass(eq=False, kw_only=True)
class EpochUnknown(Absent):
    """A key row belongs to an epoch whose key is not held: never read in, or destroyed."""

    epoch: int
    code = "vault.epoch-unknown"
    sentence = "the key of epoch {epoch} is not held"
    remedy = "read the epochs of the keystore again; what a destroyed epoch wrapped stays closed"


@dataclass(eq=False, kw_only=True)
class EpochNeeded(Conflict):
    """The key of an epoch may not be destroyed yet."""

    epoch: int
    reason: str
    code = "vault.epoch-needed"
    sentence = "the key of epoch {epoch} is still needed: {reason}"
    remedy = "rewrap every key row to the current epoch, copy the keystore and verify that copy first"


@dataclass(eq=False, kw_only=True)
class WrongPassphrase(BadInput):
    """The passphrase does not open the root file."""

    code = "vault.wrong-passphrase"
    sentence = "the passphrase does not open the root file"
    remedy = "type it again; nothing but the passphrase opens it"


@dataclass(eq=False, kw_only=True)
class ShortPassphrase(BadInput):
    """A new passphrase is too short to guard a root key."""

    least: int
    code = "vault.short-passphrase"
    sentence = "the passphrase has fewer than {least} characters"
    remedy = "choose a long sentence of your own; no other rule applies"


@dataclass(eq=False, kw_only=True)
class RootMissing(Misconfigured):
    """There is no file or folder for the root key."""

    path: str
    code = "vault.root-missing"
    sentence = "there is no `{path}`"
    remedy = "give the path where the root key is, or make one with `troth init`"


@dataclass(eq=False, kw_only=True)
class RootExists(Conflict):
    """A root key is there already and is never overwritten."""

    path: str
    code = "vault.root-exists"
    sentence = "`{path}` exists already"
    remedy = "choose another path, or move the old file away once nothing needs it"


@dataclass(eq=False, kw_only=True)
class RootNotFile(Misconfigured):
    """The root key's path is not a regular file."""

    path: str
    code = "vault.root-not-file"
    sentence = "`{path}` is not a regular file"
    remedy = "give the path of the file itself, not of a link, folder or device"


@dataclass(eq=False, kw_only=True)
class RootForeign(Misconfigured):
    """The root key's file belongs to another account."""

    path: str
    code = "vault.root-foreign"
    sentence = "`{path}` belongs to another account"
    remedy = "run as the account that owns it, or give it to this one with chown"


@dataclass(eq=False, kw_only=True)
class RootExposed(Misconfigured):
    """Others may read or write the root key's file."""

    path: str
    mode: str
    code = "vault.root-exposed"
    sentence = "`{path}` is open to other accounts (mode {mode})"
    remedy = "run `chmod 600` on it, and make a new root if others may have read it"


@dataclass(eq=False, kw_only=True)
class RootMalformed(Misconfigured):
    """The root key's file does not have the form of one."""

    path: str
    reason: str
    code = "vault.root-malformed"
    sentence = "`{path}` is not a root file: {reason}"
    remedy = "give the right path, or restore the file from a copy"


@dataclass(eq=False, kw_only=True)
class EmptyNeedle(BadInput):
    """An empty value was to be looked up; it finds nothing, and has no token."""

    code = "vault.empty-needle"
    sentence = "an empty value cannot be looked up"
    remedy = "give a value to look for"


@dataclass(eq=False, kw_only=True)
class NotNormal(BadInput):
    """A value is not of the kind it is to be looked up as."""

    kind: str
    code = "vault.not-normal"
    sentence = "the value cannot be read as `{kind}`"
    remedy = "write it in full: an e-mail address with its domain, a phone number with + and country"


@dataclass(eq=False, kw_only=True)
class UnknownKind(BadInput):
    """A kind of value that no normaliser knows."""

    kind: str
    code = "vault.unknown-kind"
    sentence = "`{kind}` is not a kind of value that can be looked up"
    remedy = "use text, email, phone, handle, reference or exact"


@dataclass(eq=False, kw_only=True)
class LowCardinality(BadInput):
    """A kind with so few values that an index of it would tell them."""

    kind: str
    code = "vault.low-cardinality"
    sentence = "`{kind}` has too few values to be looked up by: an index would tell them"
    remedy = "remove the index from the field; find the record by an identifier"


@dataclass(eq=False, kw_only=True)
class BlobMissing(Absent):
    """There is no large value of that name."""

    name: str
    code = "vault.blob-missing"
    sentence = "there is no blob `{name}`"
    remedy = "it was removed, or the folder of blobs is not the one the record was made with"


@dataclass(eq=False, kw_only=True)
class BlobTooLarge(BadInput):
    """A large value goes beyond what its field may hold, in bytes."""

    limit: int
    code = "vault.blob-too-large"
    sentence = "the value is larger than {limit} bytes"
    remedy = "give a smaller one; nothing was kept"


@dataclass(eq=False, kw_only=True)
class NoRoom(Misconfigured):
    """A file could not be written in full; nothing of it was kept."""

    code = "vault.no-room"
    sentence = "there is no room to write a file"
    remedy = "free some space or raise the quota, and do it again; nothing was kept"


# ---- ledger


@dataclass(eq=False, kw_only=True)
class EntryRefused(BadInput):
    """A value that no ledger entry may hold."""

    field: str
    reason: str
    code = "ledger.entry-refused"
    sentence = "`{field}` of the entry {reason}"
    remedy = "an entry names things: give the agreement's own words and codes, never text of a person"


@dataclass(eq=False, kw_only=True)
class BadVerifierKey(BadInput):
    """Text that is not the verifier key of a log (C2SP signed-note, Ed25519)."""

    reason: str
    code = "ledger.bad-key"
    sentence = "this is not a verifier key: {reason}"
    remedy = "write it as `name+12345678+base64`, as the log's operator published it"


@dataclass(eq=False, kw_only=True)
class NoLedger(Absent):
    """A directory without a published ledger."""

    path: str
    code = "ledger.none"
    sentence = "there is no `{path}` in the directory"
    remedy = "name the directory that `troth ledger export` wrote, the one that holds `checkpoint`"


@dataclass(eq=False, kw_only=True)
class BadEntry(Broken):
    """Bytes that are not an entry as the ledger writes them."""

    reason: str
    code = "ledger.bad-entry"
    sentence = "these bytes are not a ledger entry: {reason}"
    remedy = "take them from a copy of the ledger that verifies"


@dataclass(eq=False, kw_only=True)
class BadHash(Broken):
    """A hash of another length, or another number of them than the tree needs."""

    reason: str
    code = "ledger.bad-hash"
    sentence = "the hashes do not fit the tree: {reason}"
    remedy = "take them from a copy of the ledger that verifies"


@dataclass(eq=False, kw_only=True)
class BadProof(Broken):
    """A proof that does not prove, or a proof file that cannot be read."""

    proof: str
    reason: str
    code = "ledger.bad-proof"
    sentence = "the {proof} proof fails: {reason}"
    remedy = "ask the log for a new proof; if that fails too, the log has been changed"


@dataclass(eq=False, kw_only=True)
class BadNote(Broken):
    """A signed note that is malformed, or that no known key signed."""

    reason: str
    code = "ledger.bad-note"
    sentence = "the signed note is not to be trusted: {reason}"
    remedy = "check that the key is the one the log's operator published, then fetch the note again"


@dataclass(eq=False, kw_only=True)
class BadCheckpoint(Broken):
    """A signed text that is not a checkpoint of this log."""

    reason: str
    code = "ledger.bad-checkpoint"
    sentence = "the text is not a checkpoint of this log: {reason}"
    remedy = "fetch the checkpoint again from where the log is published"


@dataclass(eq=False, kw_only=True)
class ForkRefused(Broken):
    """A tree that does not continue the last one signed: the database was rolled back or changed."""

    kept: int
    size: int
    code = "ledger.fork-refused"
    sentence = "{size} entries do not continue the {kept} entries signed before"
    remedy = "restore a newer copy of the database; nothing is signed until it continues the last checkpoint"


@dataclass(eq=False, kw_only=True)
class Forked(Broken):
    """A published ledger that does not continue a checkpoint kept from it earlier."""

    kept: int
    size: int
    code = "ledger.forked"
    sentence = "the ledger of {size} entries does not continue the checkpoint kept at {kept}"
    remedy = "keep both signed checkpoints: together they prove that the log showed two histories"


@dataclass(eq=False, kw_only=True)
class RootDiffers(Broken):
    """Entries that make another root than the signed one."""

    size: int
    code = "ledger.root-differs"
    sentence = "the {size} entries do not make the signed root"
    remedy = "fetch the ledger again; if it stays so, entries and hashes were changed together"


@dataclass(eq=False, kw_only=True)
class TileMissing(Broken):
    """A file that a log of the signed size must have."""

    tile: str
    code = "ledger.tile-missing"
    sentence = "`{tile}` is missing"
    remedy = "export the ledger again, or copy the file from where the log is published"


@dataclass(eq=False, kw_only=True)
class TileExtra(Broken):
    """A file that a log of the signed size does not have."""

    tile: str
    code = "ledger.tile-extra"
    sentence = "`{tile}` is no part of the signed ledger"
    remedy = "finish the export, so that the checkpoint covers it, or remove the file"


@dataclass(eq=False, kw_only=True)
class TileBroken(Broken):
    """A tile or entry bundle with other content than the entries give it."""

    tile: str
    reason: str
    code = "ledger.tile-broken"
    sentence = "tile `{tile}` {reason}"
    remedy = "copy it from where the log is published, or export the ledger again"


@dataclass(eq=False, kw_only=True)
class EntryBroken(Broken):
    """An entry that is not the one the tree was built over: altered, removed, added or reordered."""

    index: int
    tile: str
    how: str
    code = "ledger.entry-broken"
    sentence = "entry {index} in `{tile}` was {how}"
    remedy = "copy the bundle from where the log is published; what was signed is in its tile"


@dataclass(eq=False, kw_only=True)
class EntryUnreadable(Broken):
    """An entry that is in the tree but is not what the ledger writes."""

    index: int
    tile: str
    reason: str
    code = "ledger.entry-unreadable"
    sentence = "entry {index} in `{tile}` is not an entry of Troth: {reason}"
    remedy = "it was signed like this: ask the log's operator how it came there"


@dataclass(eq=False, kw_only=True)
class LeafDamaged(Broken):
    """An entry in the store that is gone, or is no longer what was written there."""

    entry: int
    reason: str
    code = "ledger.leaf-damaged"
    sentence = "entry {entry} of the ledger is damaged in the store: {reason}"
    remedy = "restore the store from a verified copy, and find out who could write to it"


@dataclass(eq=False, kw_only=True)
class TimeBackwards(Broken):
    """An entry dated much earlier than one before it."""

    index: int
    tile: str
    seconds: int
    code = "ledger.time-backwards"
    sentence = "entry {index} in `{tile}` is dated {seconds} seconds before an earlier entry"
    remedy = "ask the log's operator what happened to the clock there"


# ---- store


@dataclass(eq=False, kw_only=True)
class StoreUnavailable(Misconfigured):
    """A database does not answer, or refused a statement."""

    which: str
    problem: str
    code = "store.unavailable"
    sentence = "the {which} does not answer ({problem})"
    remedy = "see that the database runs and can be reached; nothing was changed or answered"


@dataclass(eq=False, kw_only=True)
class DiskFull(Misconfigured):
    """There is no room to write; the unit was rolled back."""

    where: str
    code = "store.disk-full"
    sentence = "there is no room left for the {where}"
    remedy = "free some space and do it again; nothing was half-written"


@dataclass(eq=False, kw_only=True)
class TablesNotOurs(Misconfigured):
    """A PostgreSQL role may not write all tables of its database anew; those of others are as before."""

    which: str
    code = "store.tables-not-ours"
    sentence = "the role that opens the {which} may not write all of its tables anew"
    remedy = "make it the owner of them, or let it MAINTAIN them, so that what was deleted goes"


@dataclass(eq=False, kw_only=True)
class DatabaseNewer(Misconfigured):
    """A database is of a later revision than this Troth knows; it was left untouched."""

    which: str
    revision: str
    code = "store.database-newer"
    sentence = "the {which} is of revision `{revision}`, later than this Troth knows"
    remedy = "open it with the Troth that wrote it, or a newer one; nothing was changed"


@dataclass(eq=False, kw_only=True)
class DatabaseSwapped(Misconfigured):
    """The store stands where the keystore was expected, or the other way round."""

    which: str
    holds: str
    code = "store.database-swapped"
    sentence = "the database named as {which} is a {holds}"
    remedy = "give the store and the keystore each a database of its own, and name them the right way round"


@dataclass(eq=False, kw_only=True)
class RowBroken(Broken):
    """A row that Troth did not write like this."""

    table: str
    code = "store.row-broken"
    sentence = "a row of the table `{table}` is not as Troth writes it"
    remedy = "restore the database from a verified copy, and find out who could write to it"


# ---- the door


@dataclass(eq=False, kw_only=True)
class Refused(Denied):
    """The agreement does not allow it; the refusal is remembered in ledger entry `entry`."""

    asked: str
    grounds: str
    way_on: str
    codes: tuple[str, ...]
    clauses: tuple[str, ...]
    words: tuple[str, ...]
    allowed: tuple[str, ...]
    entry: int
    code = "door.refused"
    sentence = "{asked} is refused: {grounds}"
    remedy = "{way_on}"


@dataclass(eq=False, kw_only=True)
class InstrumentOver(BadInput):
    """An instrument that is over already, or whose end is no instant."""

    kind: str
    code = "recipient.instrument-over"
    sentence = "the `{kind}` is over already, or its end is no instant"
    remedy = "record one that is in force, with its end in microseconds since the epoch"


@dataclass(eq=False, kw_only=True)
class BadArgument(BadInput):
    """An argument of another type than the door takes; what was given is not repeated."""

    name: str
    wanted: str
    code = "door.bad-argument"
    sentence = "`{name}` is not {wanted}"
    remedy = "give {wanted}; nothing was asked, kept or remembered"


@dataclass(eq=False, kw_only=True)
class AskedWithin(Misconfigured):
    """A job, while it was served, asked the teller that serves it; waiting for that would never end."""

    code = "door.asked-within"
    sentence = "a job asked the house while the house was serving it"
    remedy = "use the desk that the work was given, or ask once it is over"


@dataclass(eq=False, kw_only=True)
class BadReference(BadInput):
    """The reference of an instrument that is not a name; it stands in the store in the clear."""

    code = "recipient.bad-reference"
    sentence = "the reference of an instrument is not a name of 1 to 128 letters, digits and `_.:/#-`"
    remedy = "give the number under which the paper is filed, such as `C-2027/12`, and nothing about a person"


@dataclass(eq=False, kw_only=True)
class WrongAct(BadInput):
    """A job for a request of another act."""

    act: str
    code = "door.wrong-act"
    sentence = "this job does not carry out the act `{act}`"
    remedy = "use the job that belongs to the act"


@dataclass(eq=False, kw_only=True)
class NotErased(Broken):
    """After an erasure something is left; it stays open and is tried again."""

    rows: int
    keys: int
    code = "door.not-erased"
    sentence = "an erasure left {rows} kinds of rows and {keys} keys"
    remedy = "run `troth sweep`; the erasure is resumed until nothing is left"


@dataclass(eq=False, kw_only=True)
class NotSo(Broken):
    """What was done for a demand reads back otherwise; it is undone, and the demand stays open."""

    demand: str  # its reference
    code = "door.not-so"
    sentence = "what `{demand}` asks for was done, and reads back otherwise; it was undone"
    remedy = "it is tried again; look who else writes the database, and run `troth verify`"


@dataclass(eq=False, kw_only=True)
class Unfinished(Conflict):
    """An erasure was begun, which is remembered, and something kept it from its end."""

    entry: int
    problem: str  # the code of what happened
    code = "door.unfinished"
    sentence = "the erasure is begun (ledger entry {entry}) and not finished yet: {problem}"
    remedy = "run `troth sweep`, or open the house again: it is taken up where it stopped"


@dataclass(eq=False, kw_only=True)
class NotKeptOutside(Conflict):
    """An erasure was done, or begun with a grace, and its line is not where the ledger outlives the store."""

    entry: int
    problem: str  # the code of what happened
    code = "door.not-kept-outside"
    sentence = "this is done (ledger entry {entry}), but the ledger kept outside lacks it: {problem}"
    remedy = "mend the directory that `ledger` of `[backup]` names, then run `troth sweep`"


@dataclass(eq=False, kw_only=True)
class MatterUnlike(Conflict):
    """A matter for which something was to be held, or whose end was to be moved, is not as was said."""

    matter: str
    what: str
    code = "door.matter-unlike"
    sentence = "the matter `{matter}` {what}"
    remedy = "see `troth hold list`; leave out what it has, or move its end with `troth hold move`"


@dataclass(eq=False, kw_only=True)
class NothingHeld(Absent):
    """Nothing is held in a field that may be read."""

    field: str
    code = "record.nothing-held"
    sentence = "nothing is held in `{field}`"
    remedy = "it was never given, or is gone"


@dataclass(eq=False, kw_only=True)
class UnknownRecipient(BadInput):
    """A recipient that no clause of the agreement lists."""

    recipient: str
    code = "recipient.unknown"
    sentence = "no clause lists the recipient `{recipient}`"
    remedy = "name one that a `disclose` clause lists, as `class.name`"


@dataclass(eq=False, kw_only=True)
class HouseClosed(Misconfigured):
    """An act on a house that was closed."""

    code = "door.closed"
    sentence = "the house is closed"
    remedy = "open it again with `troth.open`"


@dataclass(eq=False, kw_only=True)
class HouseInherited(Misconfigured):
    """An act on a house that a parent process opened."""

    code = "door.inherited"
    sentence = "the house was opened before this process was forked"
    remedy = "fork before you open it, or start the child afresh (spawn), and open it there"


@dataclass(eq=False, kw_only=True)
class OutcomeUnknown(Misconfigured):
    """The store broke, or whoever led the batch was interrupted, before an outcome was known."""

    code = "door.outcome-unknown"
    sentence = "whether the act was done is not known"
    remedy = "look for it in the ledger before you do it again"


@dataclass(eq=False, kw_only=True)
class NoSuchEntry(Absent):
    """A proof of an entry that no signed checkpoint reaches."""

    number: int
    size: int
    code = "ledger.no-such-entry"
    sentence = "entry {number} is not within the last checkpoint, which has {size} entries"
    remedy = "run `troth sweep` to sign a checkpoint, or give the number on the receipt"


@dataclass(eq=False, kw_only=True)
class NotAbout(Absent):
    """An entry that is not about the person who asks for it, or none at all; both fail alike."""

    number: int
    code = "ledger.not-about"
    sentence = "the log has no entry {number} about you"
    remedy = "take the number from the list of who saw your data"


@dataclass(eq=False, kw_only=True)
class ClockBackwards(Misconfigured):
    """The clock is behind the last ledger line; without a clock nothing is decided."""

    by: int
    code = "door.clock-backwards"
    sentence = "the clock is {by} seconds behind the last ledger entry"
    remedy = "set the clock right; nothing is decided by a clock that runs backwards"


@dataclass(eq=False, kw_only=True)
class NotFound(Absent):
    """Nobody is known under that reference; remembered in ledger entry `entry`."""

    entry: int
    code = "person.not-found"
    sentence = "nobody is known under that reference"
    remedy = "check the reference; a person joins with a first collection that opens an account"


@dataclass(eq=False, kw_only=True)
class Erased(Absent):
    """The person is erased; remembered in ledger entry `entry`."""

    entry: int
    code = "person.erased"
    sentence = "the person is erased, and nothing of them is left"
    remedy = "there is no way back; they may join again as somebody new"


@dataclass(eq=False, kw_only=True)
class InGrace(Absent):
    """All of a person's is sealed away, to be erased; remembered in ledger entry `entry`."""

    entry: int
    code = "person.in-grace"
    sentence = "everything of the person is sealed away, to be erased, and nobody reads it"
    remedy = "wait: until the end they alone may call it back, with their recovery code"


@dataclass(eq=False, kw_only=True)
class NotRestored(Absent):
    """Nobody of that name, another code, or the time is over: it is not said which."""

    code = "person.not-restored"
    sentence = "nothing can be brought back with this name and this code"
    remedy = "check both; after the day that stands beside the code, nobody can bring anything back"


@dataclass(eq=False, kw_only=True)
class PillowMissing(Misconfigured):
    """The agreement promises to remove what pictures hide, and what opens them is not installed."""

    code = "door.pillow-missing"
    sentence = (
        "no picture is taken in: what removes its hidden details, the package `pillow`, is not installed"
    )
    remedy = "run `pip install 'troth[serve]'`, or `make setup` in a checkout"


@dataclass(eq=False, kw_only=True)
class KeyReused(BadInput):
    """An idempotency key that was used for something else (IETF draft Idempotency-Key, 2.2)."""

    code = "door.key-reused"
    sentence = "this idempotency key was used for something else"
    remedy = "use a fresh key for each thing that is to be done once"


# ---- packages


@dataclass(eq=False, kw_only=True)
class PackageFaulty(BadInput):
    """A package that is not whole, or is not as its manifest says, or was never one.

    `fault` is one of `zip`, `name`, `size`, `manifest`, `format`, `files`, `missing`, `hash`, `json`,
    `signature`.
    """

    fault: str
    code = "package.faulty"
    sentence = "the package cannot be taken: `{fault}`"
    remedy = "have it made or sent again; docs/formats/package.md says what each fault is"


@dataclass(eq=False, kw_only=True)
class PackageGone(Absent):
    """There is no package any more: it was fetched, its time is over, or its person was erased."""

    code = "package.gone"
    sentence = "there is no such package any more: it was fetched already, or its time is over"
    remedy = "have a new one made"


@dataclass(eq=False, kw_only=True)
class PackageBusy(Conflict):
    """A package that is being made, or fetched by somebody else at this moment."""

    code = "package.busy"
    sentence = "the package is being made or fetched at this moment"
    remedy = "wait until that has ended, and try again"


@dataclass(eq=False, kw_only=True)
class TooManyWaiting(Conflict):
    """As many packages of one person wait, or may still come, as are kept for one person at a time."""

    most: int
    code = "package.too-many"
    sentence = "{most} packages of this person wait already"
    remedy = "fetch what is ready; take in or destroy what came; what is awaited is over after an hour"


@dataclass(eq=False, kw_only=True)
class AddressRefused(BadInput):
    """An address that a package is not brought to; what it is stays unsaid, as it is somebody's text."""

    problem: str
    code = "package.address-refused"
    sentence = "the address {problem}"
    remedy = "ask for a transfer at the other provider again, and paste the whole address"


@dataclass(eq=False, kw_only=True)
class TransferFailed(Conflict):
    """A package did not get to another provider, or what was answered is no receipt for it."""

    problem: str
    code = "package.not-sent"
    sentence = "the package was not sent: {problem}"
    remedy = "try again, or ask the other provider; the package is kept until it is fetched or sent"


# ---- opening


@dataclass(eq=False, kw_only=True)
class NoHouse(Absent):
    """A directory in which no house was founded."""

    path: str
    code = "house.none"
    sentence = "there is no house in `{path}`"
    remedy = "found one with `troth init`, or name its directory with `--dir`"


@dataclass(eq=False, kw_only=True)
class HouseExists(Conflict):
    """A house, or something else, is there already; nothing is overwritten."""

    path: str
    code = "house.exists"
    sentence = "`{path}` is not empty"
    remedy = "choose another directory, or other databases"


@dataclass(eq=False, kw_only=True)
class BadSettings(Misconfigured):
    """`troth.toml` does not say what a house needs."""

    path: str
    problem: str
    code = "house.bad-settings"
    sentence = "`{path}` cannot be used: {problem}"
    remedy = "mend the file; docs/reference/settings.md shows every setting"


@dataclass(eq=False, kw_only=True)
class Quarantined(Misconfigured):
    """A house that is being restored: it does not know yet who was erased after the copy."""

    path: str
    code = "house.quarantined"
    sentence = "the house in `{path}` is being restored, and erasures that came after the copy may be missing"
    remedy = "run the same `troth restore` again: it begins anew, and opens the house when all is replayed"


@dataclass(eq=False, kw_only=True)
class AgreementChanged(Broken):
    """The stored text of an agreement is not the one that was adopted."""

    version: int
    code = "house.agreement-changed"
    sentence = "the stored text of agreement version {version} is not the one that was adopted"
    remedy = "restore the store from a verified copy, and find out who could write to it"


@dataclass(eq=False, kw_only=True)
class AgreementUnsound(BadInput):
    """An agreement that reads well but cannot be kept; every finding names its place and a fix."""

    count: int
    findings: str
    code = "terms.unsound"
    sentence = "the agreement has {count} error(s)"
    remedy = "mend them; `troth check` shows them with the warnings"

    @property
    def message(self) -> str:
        """How many errors there are, then each on a line."""
        return f"{self._filled(self.sentence)}:\n{self.findings}"


# ---- gates


@dataclass(eq=False, kw_only=True)
class BadMessage(BadInput):
    """A message that no gate sends; what it says is not repeated."""

    part: str
    reason: str
    code = "gates.bad-message"
    sentence = "the `{part}` of a message is not taken: {reason}"
    remedy = "mend that part; nothing was sent"


@dataclass(eq=False, kw_only=True)
class NoGate(Misconfigured):
    """There is no way out of that kind."""

    section: str
    code = "gates.none"
    sentence = "nothing can be sent: the house has no `[{section}]`"
    remedy = "add `[{section}]` to `troth.toml`; docs/reference/settings.md shows how"


@dataclass(eq=False, kw_only=True)
class CourierFull(Misconfigured):
    """As many messages wait as there is room for."""

    way: str
    code = "gates.full"
    sentence = "too many messages wait for `{way}`"
    remedy = "try again in a minute; if it stays so, see that what `[{way}]` names can be reached"


@dataclass(eq=False, kw_only=True)
class NotTaken(Misconfigured):
    """A message was refused for good; to whom it went is not repeated."""

    way: str
    problem: str
    code = "gates.not-taken"
    sentence = "a message by `{way}` is not taken: {problem}"
    remedy = "look up the answer's number with whoever runs it; the message is not tried again"


@dataclass(eq=False, kw_only=True)
class NotTakenYet(Misconfigured):
    """A message was not taken now, and may be later; to whom it went is not repeated."""

    way: str
    problem: str
    code = "gates.not-taken-yet"
    sentence = "a message by `{way}` is not taken yet: {problem}"
    remedy = "see that what `[{way}]` names can be reached; the message is tried again until its time is over"


# ---- systems beyond ours


@dataclass(eq=False, kw_only=True)
class SystemsFaulty(Misconfigured):
    """systems.toml declares something that cannot be meant; nothing opens before it is mended."""

    path: str
    problem: str
    code = "systems.faulty"
    sentence = "`{path}` cannot be used: {problem}"
    remedy = "mend that line; docs/reference/systems.md names every key"


@dataclass(eq=False, kw_only=True)
class NotDoneThere(Misconfigured):
    """A system beyond ours did not do what it was asked; `problem` is a word of ours."""

    system: str
    problem: str
    stuck: bool  # trying again is of no use before somebody has looked
    code = "systems.not-done"
    sentence = "the system `{system}` did not do it: `{problem}`"
    remedy = "the duty stays open; docs/reference/systems.md says what the word means and what to do"


@dataclass(eq=False, kw_only=True)
class NoSuchSystem(Absent):
    """A system that systems.toml does not declare."""

    name: str
    near: str
    code = "systems.none"
    sentence = "there is no system `{name}` in systems.toml"
    remedy = "{near}"


# ---- demo


@dataclass(eq=False, kw_only=True)
class FakerMissing(Misconfigured):
    """The demo makes people up, and what it makes them with is not installed."""

    code = "demo.faker-missing"
    sentence = "the demo needs the package `Faker`, which is not installed"
    remedy = "run `pip install 'troth[demo]'`, or `make setup` in a checkout"


# ---- signing in


@dataclass(eq=False, kw_only=True)
class CredentialRefused(BadInput):
    """A password, passkey, code of an application or recovery code is not the right one; all fail alike."""

    code = "sign-in.refused"
    sentence = "what was given does not sign you in"
    remedy = "try again, or choose another way to sign in"


@dataclass(eq=False, kw_only=True)
class NoSuchVersion(Absent):
    """A page of a version of the agreement that was never adopted."""

    code = "agreement.no-such-version"
    sentence = "no such version of the agreement was adopted here"
    remedy = "look at the versions that are listed on the page of the agreement"


@dataclass(eq=False, kw_only=True)
class LastWayIn(Conflict):
    """What a member wants to remove is the only thing that they can still sign in with."""

    code = "sign-in.last-way"
    sentence = "this is the only thing that you can still sign in with"
    remedy = "add a passkey, or prove an e-mail address or phone number, and remove it then"


@dataclass(eq=False, kw_only=True)
class PasskeyCopied(Denied):
    """A passkey that counts its uses counted backwards: there may be a second one like it."""

    code = "sign-in.passkey-copied"
    sentence = "this passkey was used more often elsewhere than here, so there may be a copy of it"
    remedy = "sign in another way, remove the passkey, and make a new one"


@dataclass(eq=False, kw_only=True)
class CodeWrong(BadInput):
    """A one-time code is not the one that was sent; `left` is how many tries remain."""

    left: int
    code = "sign-in.code-wrong"
    sentence = "this is not the code that was sent; tries left: {left}"
    remedy = "type the newest code you received, or ask for another"


@dataclass(eq=False, kw_only=True)
class NotProven(Conflict):
    """A code came back for an identifier of an account in which somebody else is, and never proved it."""

    code = "sign-in.not-proven"
    sentence = "whoever signs in to the account that holds this never proved that it is theirs"
    remedy = "sign in another way and prove it there; when the account is not yours, write to us"


@dataclass(eq=False, kw_only=True)
class FlowRefused(BadInput):
    """What the browser holds of an unfinished step does not open; altered, moved and foreign fail alike."""

    code = "sign-in.flow-refused"
    sentence = "this page does not continue anything begun here in this browser"
    remedy = "start again, in the browser in which you go on"


@dataclass(eq=False, kw_only=True)
class FlowOver(Conflict):
    """An unfinished step cannot be continued: `reason` is `expired`, `used`, `tries` or `forgotten`."""

    reason: str
    code = "sign-in.flow-over"
    sentence = "this step is over: {reason}"
    remedy = "start again; nothing that was confirmed is lost"


# ---- the faces


@dataclass(eq=False, kw_only=True)
class NotSignedIn(Denied):
    """A page for members, and nobody is signed in."""

    code = "web.not-signed-in"
    sentence = "nobody is signed in"
    remedy = "sign in"


@dataclass(eq=False, kw_only=True)
class FormRefused(Denied):
    """A form that was not made for this browser, or comes from another site (cross-site request forgery)."""

    code = "web.form-refused"
    sentence = "this form was made for another session, or is too old"
    remedy = "open the page again and send the form from there; allow cookies of this site"


@dataclass(eq=False, kw_only=True)
class PageUnlike(Broken):
    """A page of ours on which something was to be tried, and which is not as it has to be for that."""

    code = "web.page-unlike"
    sentence = "a page is not as it has to be to be tried"
    remedy = "look at the log of the server, and at the page itself"


@dataclass(eq=False, kw_only=True)
class FormUnreadable(BadInput):
    """A form that cannot be read."""

    reason: str
    code = "web.form-unreadable"
    sentence = "the form cannot be read: {reason}"
    remedy = "send the form of the page again"


@dataclass(eq=False, kw_only=True)
class TooManyAttempts(Denied):
    """A limit of attempts was reached; `wait` is in seconds."""

    wait: int
    code = "web.too-many-attempts"
    sentence = "too many attempts"
    remedy = "try again in {wait} seconds"


@dataclass(eq=False, kw_only=True)
class PortTaken(Misconfigured):
    """A port that the server cannot listen on."""

    port: int
    problem: str
    code = "web.port-taken"
    sentence = "nothing can listen on port {port}: {problem}"
    remedy = "name another with --port, or stop what listens there"


@dataclass(eq=False, kw_only=True)
class HostNotHere(Misconfigured):
    """An address to listen on that this machine does not have."""

    host: str
    problem: str
    code = "web.host-not-here"
    sentence = "nothing can listen on `{host}`: {problem}"
    remedy = "name an address of this machine with --host; 0.0.0.0 is all of them"


@dataclass(eq=False, kw_only=True)
class CertificateUnusable(Misconfigured):
    """A certificate and a key with which no TLS can be served."""

    problem: str
    code = "web.certificate-unusable"
    sentence = "no TLS can be served with this certificate and key: {problem}"
    remedy = "name a certificate chain and its own key without a passphrase, both as PEM"


@dataclass(eq=False, kw_only=True)
class NoSignIn(Misconfigured):
    """An agreement without a rule by which members sign in."""

    code = "web.no-sign-in"
    sentence = "the agreement does not say how members sign in"
    remedy = "add a `sign_in` rule to it"


# ---- agents who demand rights for other people (Data Rights Protocol)


@dataclass(eq=False, kw_only=True)
class AgentKnown(Conflict):
    """An agent of that id is registered, or was."""

    agent: str
    code = "agent.known"
    sentence = "an agent `{agent}` is registered already, or was"
    remedy = "see `troth agent list`; register the new key under another id"


@dataclass(eq=False, kw_only=True)
class NoSuchAgent(Absent):
    """No agent of that id is trusted here."""

    code = "agent.none"
    sentence = "there is no such agent, or it is trusted no more"
    remedy = "see `troth agent list`"


@dataclass(eq=False, kw_only=True)
class CallUsed(Denied):
    """A signed call that came before: each counts once."""

    code = "agent.call-used"
    sentence = "this signed call was used already"
    remedy = "sign a new one, with a new `issued-at`"


@dataclass(eq=False, kw_only=True)
class TokenRefused(Denied):
    """An agent without a token, or with one that is unknown or over; all fail alike."""

    code = "agent.token-refused"
    sentence = "no valid token of an agent came with the call"
    remedy = "set the token up anew, and send it as `Authorization: Bearer`"


@dataclass(eq=False, kw_only=True)
class CallRefused(Denied):
    """A call of an agent that is not as the protocol has it; nothing of it is repeated."""

    problem: str
    code = "agent.call-refused"
    sentence = "the call is not taken: {problem}"
    remedy = "see docs/formats/drp.md"


# ---- programs and their keys


@dataclass(eq=False, kw_only=True)
class UnknownProgram(BadInput):
    """A program that no clause of the agreement names."""

    program: str
    code = "key.unknown-program"
    sentence = "no clause names the program `{program}`"
    remedy = "name one that a clause of the agreement names in `by`"


@dataclass(eq=False, kw_only=True)
class UnknownServedPurpose(BadInput):
    """A purpose for a key that the agreement does not have."""

    purpose: str
    code = "key.unknown-purpose"
    sentence = "no clause names the purpose `{purpose}`"
    remedy = "name purposes of the agreement, or one above several of them"


@dataclass(eq=False, kw_only=True)
class NoSuchKey(Absent):
    """No key of a program has that id."""

    code = "key.none"
    sentence = "there is no key of that id"
    remedy = "see `troth key list`; one that was ended is gone"


@dataclass(eq=False, kw_only=True)
class KeyRefused(Denied):
    """A program without a key, or with one that is unknown, ended or over; all fail alike."""

    code = "api.key-refused"
    sentence = "no valid key came with the request"
    remedy = "send `Authorization: Bearer` with a key that `troth key make` printed and that is valid still"


@dataclass(eq=False, kw_only=True)
class PurposeMissing(Denied):
    """A personal read or write that does not say what it is for."""

    code = "api.no-purpose"
    sentence = "the request does not say what it is for"
    remedy = "send the header `Troth-Purpose` with a purpose of the agreement"


@dataclass(eq=False, kw_only=True)
class PurposeNotOfKey(Denied):
    """A request for a purpose that its key does not serve."""

    code = "api.purpose-not-of-key"
    sentence = "the key is not for this purpose"
    remedy = "use a key that `troth key make` made for it"


@dataclass(eq=False, kw_only=True)
class BodyUnreadable(BadInput):
    """A body, a parameter or a header that cannot be taken; nothing of it is repeated."""

    reason: str
    code = "api.unreadable"
    sentence = "what was sent cannot be taken: {reason}"
    remedy = "send it as the description of the API says; nothing was done"


@dataclass(eq=False, kw_only=True)
class BodyTooLarge(BadInput):
    """A body of more bytes than the route takes."""

    limit: int
    code = "api.too-large"
    sentence = "what was sent is larger than {limit} bytes"
    remedy = "send less at a time; nothing was done"


@dataclass(eq=False, kw_only=True)
class BodyOfOtherKind(BadInput):
    """A body whose media type the route does not take."""

    wanted: str
    code = "api.media-type"
    sentence = "the body is not of a media type that is taken here"
    remedy = "send {wanted}, and say so in `Content-Type`"


@dataclass(eq=False, kw_only=True)
class AnswerOfOtherKind(BadInput):
    """A caller who accepts no form in which the answer exists."""

    offered: str
    code = "api.not-acceptable"
    sentence = "the answer does not exist in a form that is accepted"
    remedy = "accept {offered}"


@dataclass(eq=False, kw_only=True)
class VersionMissing(BadInput):
    """A change that does not say which version of the record it changes (RFC 6585, 3)."""

    code = "api.no-version"
    sentence = "the request does not say which version it changes"
    remedy = "send `If-Match` with the `version` of the record as it was last read"


@dataclass(eq=False, kw_only=True)
class ChangedMeanwhile(Conflict):
    """A record that was changed since it was read."""

    code = "record.changed-meanwhile"
    sentence = "the record was changed since it was read"
    remedy = "read it again, and decide anew"


@dataclass(eq=False, kw_only=True)
class NothingThere(Absent):
    """There is no such thing, or it is none of the caller's business; both are answered alike."""

    code = "api.nothing-there"
    sentence = "there is nothing here"
    remedy = "check the address"


# ---- copies


@dataclass(eq=False, kw_only=True)
class PlacesOverlap(BadInput):
    """Two of the house, the copies of data and the copies of keys are in one place."""

    first: str
    second: str
    code = "copy.places-overlap"
    sentence = "`{first}` and `{second}` are one place, or one is within the other"
    remedy = "keep copies of keys apart from copies of data, and both apart from the house"


@dataclass(eq=False, kw_only=True)
class PlaceTaken(Conflict):
    """A place for copies that holds those of another house."""

    path: str
    code = "copy.place-taken"
    sentence = "`{path}` holds copies of another house"
    remedy = "give each house places of its own"


@dataclass(eq=False, kw_only=True)
class CopyBroken(Broken):
    """A copy is not as it was written."""

    path: str
    problem: str
    code = "copy.broken"
    sentence = "the copy in `{path}` is not as it was written: {problem}"
    remedy = "use another copy; look after the disk that held this one"


@dataclass(eq=False, kw_only=True)
class CopiesUnfit(BadInput):
    """Copies that do not belong together."""

    problem: str
    code = "copy.unfit"
    sentence = "these copies do not fit together: {problem}"
    remedy = "take data and keys of one house, the keys from the same backup or a later one"


@dataclass(eq=False, kw_only=True)
class LossNotAccepted(Conflict):
    """What is known of the ledger does not show what happened after the copy."""

    problem: str
    code = "copy.loss-not-accepted"
    sentence = "erasures and choices that came after the copy may be missing: {problem}"
    remedy = "give the ledger that was kept outside with `--ledger`; `--accept-loss` only if there is none"


# ---- the command line


@dataclass(eq=False, kw_only=True)
class FileUnusable(BadInput):
    """A file that a command was given cannot be read or written."""

    path: str
    problem: str
    code = "cli.file-unusable"
    sentence = "`{path}` cannot be used: {problem}"
    remedy = "name another file, or mend its permissions"


@dataclass(eq=False, kw_only=True)
class AnswerLost(Misconfigured):
    """What a command answers could not be written to its output."""

    problem: str
    code = "cli.answer-lost"
    sentence = "the answer cannot be written ({problem})"
    remedy = "mend where the output goes; what the command did is done, and is in the ledger"


@dataclass(eq=False, kw_only=True)
class PassphraseMissing(BadInput):
    """The house opens with a passphrase, none was given, and there is no terminal to ask on."""

    code = "cli.passphrase-missing"
    sentence = "the house opens with a passphrase, and none was given"
    remedy = "set TROTH_PASSPHRASE, or give --passphrase-file"


@dataclass(eq=False, kw_only=True)
class BadLine(BadInput):
    """A line of a stream that is not an act; `problem` never repeats any of it."""

    problem: str
    code = "cli.bad-line"
    sentence = "the line is not an act: {problem}"
    remedy = "write one JSON object with `reference`, `circumstance`, `category` and `fields`"


@dataclass(eq=False, kw_only=True)
class BadAttachment(BadInput):
    """A picture or file that a line of a stream names cannot be taken; its path is not repeated."""

    problem: str
    code = "cli.bad-attachment"
    sentence = "a file that the line names is not taken: {problem}"
    remedy = "put it into the folder of the stream, and name it by its relative path"


@dataclass(eq=False, kw_only=True)
class UnknownWord(Absent):
    """Nothing of that name can be explained."""

    word: str
    near: str
    code = "cli.unknown-word"
    sentence = "`{word}` is no clause of the agreement and no code of an error, a refusal or a lint"
    remedy = "{near}"
