"""The checker's own record of what was asked of a farm and what it answered, and what is wrong with its answers by it.

An operation that was refused, or whose answer never came, may have happened or not; one that was acknowledged must have.
"""

import hashlib
import random
import threading
from dataclasses import dataclass, field

# A photo's time of upload is in its id: 13 digits of Crockford's base 32, the upper 42 of 64 bits.
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def time_of(photo_id):
    value = 0
    for digit in photo_id:
        value = value * 32 + DIGITS.index(digit)
    return value >> 22


@dataclass
class Upload:
    number: int
    owner: str
    picture: bytes = b""
    photo: str = ""  # once acknowledged
    delete_asked: bool = False
    deleted: bool = False
    held: bool = False  # being repeated: a delete meanwhile would free its key
    tries: int = 0
    delete_tries: int = 0

    @property
    def key(self):
        return f"key-{self.number}"

    @property
    def name(self):
        return f"u{self.number}.jpg"

    # A JPEG with a comment of its own: as many different photos as wanted, all of which can be compressed.
    @property
    def bytes(self):
        words = f"upload {self.number} of {self.owner} ".encode() + bytes(random.Random(self.number).randbytes(self.number % 7 * 3000))
        comment = b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words
        return self.picture[:2] + comment + self.picture[2:]


@dataclass
class Expected:
    there: set = field(default_factory=set)
    gone: set = field(default_factory=set)


class Ledger:
    def __init__(self, picture):
        self.picture = picture
        self.lock = threading.RLock()
        self.uploads = []
        self.of_photo = {}
        self.violations = []  # (kind, text)
        self.counts = {}

    def count(self, what, by=1):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + by

    def wrong(self, kind, text):
        with self.lock:
            if len(self.violations) < 1000:
                self.violations.append((kind, text))

    def begin(self, owner):
        with self.lock:
            upload = Upload(len(self.uploads), owner, self.picture)
            self.uploads.append(upload)
            return upload

    def answered(self, upload, photo):
        with self.lock:
            if upload.photo and upload.photo != photo:
                self.wrong("doubled", f"{upload.key} of {upload.owner} is {upload.photo} and {photo}")
            known = self.of_photo.setdefault(photo, upload.number)
            if known != upload.number:
                self.wrong("answer", f"uploads {known} and {upload.number} are both photo {photo}")
            upload.photo = photo

    def pick(self, owner, dice, purpose="read"):
        """Some photo that was acknowledged and whose deletion nobody asked for."""
        with self.lock:
            living = [u for u in self.uploads if u.owner == owner and u.photo and not u.delete_asked and not u.held]
            if not living:
                return None
            some = dice.choice(living[-200:])
            if purpose == "delete":
                some.delete_asked = True
            if purpose == "repeat":
                some.held = True
            return some

    def unanswered(self, owner, dice):
        with self.lock:
            open_ones = [u for u in self.uploads if u.owner == owner and not u.photo and not u.held and u.tries > 0]
            if not open_ones:
                return None
            some = dice.choice(open_ones)
            some.held = True
            return some

    def let_go(self, upload):
        with self.lock:
            upload.held = False

    def living(self):
        with self.lock:
            return [u for u in self.uploads if u.photo and not u.delete_asked]

    def expect(self, owner, from_ms=None, to_ms=None):
        """What a list that is asked from now on has to show at least, and must not show."""
        expected = Expected()
        with self.lock:
            for upload in self.uploads:
                if upload.owner != owner or not upload.photo:
                    continue
                if upload.deleted:
                    expected.gone.add(upload.photo)
                time = time_of(upload.photo)
                if not upload.delete_asked and (from_ms is None or time >= from_ms) and (to_ms is None or time < to_ms):
                    expected.there.add(upload.photo)
        return expected

    def judge_list(self, owner, via, expected, shown, from_ms=None, to_ms=None):
        """`shown`: ids in the order they came, newest first."""
        where = f"list of {owner} through {via}"
        with self.lock:
            seen = set()
            before = None
            for photo in shown:
                time = time_of(photo)
                if photo in seen:
                    self.wrong("list", f"{where}: {photo} is there twice")
                seen.add(photo)
                if photo in expected.gone:
                    self.wrong("undeleted", f"{where}: {photo} was deleted")
                if (from_ms is not None and time < from_ms) or (to_ms is not None and time >= to_ms):
                    self.wrong("list", f"{where}: {photo} is out of the range asked for")
                if before is not None and photo > before:
                    self.wrong("list", f"{where}: {photo} is out of order")
                before = photo
                known = self.of_photo.get(photo)
                if known is not None and self.uploads[known].owner != owner:
                    self.wrong("list", f"{where}: {photo} is another owner's")
            for photo in expected.there - seen:
                if not self.uploads[self.of_photo[photo]].delete_asked:
                    self.wrong("list", f"{where}: {photo} is missing, upload {self.of_photo[photo]}")

    def judge_original(self, upload, via, status, body):
        with self.lock:
            if upload.delete_asked and not upload.deleted:
                return
            if upload.deleted:
                if status == 200:
                    self.wrong("undeleted", f"{upload.photo} through {via}: read after it was deleted")
            elif status == 404:
                self.wrong("lost", f"{upload.photo} through {via}: 404, upload {upload.number} of {upload.owner}")
            elif status == 200 and body != upload.bytes:
                self.wrong("altered", f"{upload.photo} through {via}: other bytes than were uploaded")

    def judge_photo(self, upload, via, photo, variants):
        """`variants`: name -> (status, bytes). One job, committed once; each variant as its manifest says."""
        manifest = photo["manifest"]
        if manifest["revision"] > 1:
            self.wrong("doubled", f"{upload.photo} through {via}: its job took effect {manifest['revision']} times")
        for variant in manifest["variants"]:
            status, body = variants.get(variant["name"], (0, b""))
            if status == 200 and hashlib.sha256(body).hexdigest() != variant["sha256"]:
                self.wrong("altered", f"{upload.photo}/{variant['name']} through {via}: other bytes than its manifest says")
            if status == 404 and not upload.delete_asked:
                self.wrong("lost", f"{upload.photo}/{variant['name']} through {via}: 404")
