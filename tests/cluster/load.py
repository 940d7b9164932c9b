"""A steady mixed load on a farm's gateways, every answer entered into the ledger, and what the stalls were."""

import http.client
import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from ledger import time_of

OWNERS = ("anna", "bert", "cleo")
ENOUGH_UNANSWERED = 8
PATIENCE_S = 45  # above the store's own deadline: an answer that takes longer is none
REFUSALS = {429, 503, 507}
RECIPE = b"""name = "tiny"
[[rung]]
long_side = 64
format = "webp"
quality = 60
effort = 0
"""


class Gateways:
    """By name, with a connection for each caller to each."""

    def __init__(self, urls):
        self.urls = dict(urls)
        self.local = threading.local()
        self.opened = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for connection in self.opened:
            connection.close()

    def ask(self, via, method, target, owner="", body=None, headers=None, patience_s=PATIENCE_S):
        """(status, headers, body), or None when no answer came."""
        connections = self.local.__dict__.setdefault("connections", {})
        parts = urlsplit(self.urls[via])
        all_headers = dict(headers or {})
        if owner:
            all_headers["Tintype-Owner"] = owner
        connection = connections.pop(via, None)
        if connection is None:
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=patience_s)
            self.opened.append(connection)
        try:
            connection.request(method, target, body=body, headers=all_headers)
            answer = connection.getresponse()
            got = answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return None
        if answer.will_close:
            connection.close()
        else:
            connections[via] = connection
        return got


class Stalls:
    """The longest time without a success, by kind of operation, since it was last taken."""

    def __init__(self):
        self.lock = threading.Lock()
        self.last, self.longest = {}, {}

    def success(self, kind):
        now = time.monotonic()
        with self.lock:
            if kind in self.last:
                self.longest[kind] = max(self.longest.get(kind, 0), now - self.last[kind])
            self.last[kind] = now

    def take(self):
        now = time.monotonic()
        with self.lock:
            taken = {kind: max(self.longest.get(kind, 0), now - last) for kind, last in self.last.items()}
            self.longest = {}
            self.last = {kind: now for kind in self.last}
        return taken


class Client:
    """Asks one thing after the other, of any gateway."""

    def __init__(self, gateways, ledger, stalls, seed):
        self.gateways, self.ledger, self.stalls = gateways, ledger, stalls
        self.dice = random.Random(seed)

    def via(self):
        return self.dice.choice(sorted(self.gateways.urls))

    def ask(self, kind, via, method, target, owner, body=None, headers=None):
        """(status, body) of an answer that means something; None of a refusal, or when none came."""
        got = self.gateways.ask(via, method, target, owner, body, headers)
        if got is None:
            self.ledger.count("without an answer")
            return None
        status, said, content = got
        if status in REFUSALS:
            self.ledger.count("refused")
            if status != 507 and "Retry-After" not in said:
                self.ledger.wrong("answer", f"{method} {target} through {via}: {status} without Retry-After")
            return None
        if status in (502, 504) and via == "nginx":  # nginx speaks for a gateway that is gone
            self.ledger.count("without an answer")
            return None
        self.ledger.count(kind)
        self.stalls.success(kind)
        return status, content

    def upload(self, upload):
        via = self.via()
        upload.tries += 1
        got = self.ask("upload", via, "POST", f"/v1/photos?name={upload.name}&recipe=tiny", upload.owner, upload.bytes,
                       {"Idempotency-Key": f'"{upload.key}"'})
        if got is None:
            return
        status, content = got
        if status in (200, 201):
            self.ledger.answered(upload, json.loads(content)["photo_id"])
        else:
            self.ledger.wrong("answer", f"upload {upload.number} through {via}: {status} {content[:200]!r}")

    def delete(self, upload):
        via = self.via()
        upload.delete_tries += 1
        got = self.ask("delete", via, "DELETE", f"/v1/photos/{upload.photo}", upload.owner)
        if got is None:
            return
        if got[0] in (204, 404):
            # nginx asks the next gateway again when the first is gone: its 404 may come of its own first try.
            if got[0] == 404 and upload.delete_tries == 1 and via != "nginx":
                self.ledger.wrong("lost", f"{upload.photo} through {via}: to be deleted, and not there")
            upload.deleted = True
        else:
            self.ledger.wrong("answer", f"delete of {upload.photo} through {via}: {got[0]} {got[1][:200]!r}")

    def read(self, upload, via=None, whole=False):
        """True when every answer came."""
        via = via or self.via()
        was_deleted = upload.deleted
        got = self.ask("read", via, "GET", f"/v1/photos/{upload.photo}/original", upload.owner)
        if got is None:
            return False
        if got[0] not in (200, 404):
            self.ledger.wrong("answer", f"{upload.photo} through {via}: {got[0]} {got[1][:200]!r}")
        if was_deleted == upload.deleted:
            self.ledger.judge_original(upload, via, *got)
        if not whole or upload.delete_asked or got[0] != 200:
            return True
        detail = self.ask("read", via, "GET", f"/v1/photos/{upload.photo}", upload.owner)
        if detail is None or detail[0] != 200:
            return detail is not None
        photo, variants = json.loads(detail[1]), {}
        for variant in photo["manifest"]["variants"]:
            part = self.ask("read", self.via(), "GET", f"/v1/photos/{upload.photo}/variants/{variant['name']}", upload.owner)
            if part is None:
                return False
            variants[variant["name"]] = part
        self.ledger.judge_photo(upload, via, photo, variants)
        return True

    def list(self, owner, via=None, limit=1000, ranged=False):
        """The rows; None when not all of them came."""
        via = via or self.via()
        bounds = {}
        if ranged:
            ends = sorted(self.time_of_some(owner) for _ in range(2))
            if ends[0] is not None and ends[0] != ends[1]:
                bounds = {"from_ms": ends[0], "to_ms": ends[1]}
        expected = self.ledger.expect(owner, **bounds)
        target = f"/v1/photos?limit={limit}&by={self.dice.choice(('uploaded', 'taken'))}"
        target += "".join(f"&{name[:-3]}={value}" for name, value in bounds.items())
        rows, cursor = [], ""
        while True:
            got = self.ask("list", via, "GET", target + (f"&cursor={cursor}" if cursor else ""), owner)
            if got is None:
                return None
            if got[0] != 200:
                self.ledger.wrong("answer", f"{target} through {via}: {got[0]} {got[1][:200]!r}")
                return None
            page = json.loads(got[1])
            rows += page["photos"]
            cursor = page.get("next") or ""
            if not cursor:
                break
        # Nothing in these pictures says when they were taken: both orders go by the time of upload.
        self.ledger.judge_list(owner, via, expected, [row["id"] for row in rows], **bounds)
        return rows

    def time_of_some(self, owner):
        some = self.ledger.pick(owner, self.dice)
        return time_of(some.photo) if some else 0

    def do_something(self, owner):
        dice = self.dice.random()
        if dice < 0.15:
            self.list(owner, limit=self.dice.choice((50, 1000)), ranged=self.dice.random() < 0.5)
        elif dice < 0.27:
            some = self.ledger.pick(owner, self.dice, "delete")
            if some:
                self.delete(some)
                if some.deleted and self.dice.random() < 0.5:
                    self.read(some)
        elif dice < 0.60:
            some = self.ledger.pick(owner, self.dice)
            if some:
                self.read(some, whole=self.dice.random() < 0.3)
        elif dice < 0.72:
            # What was not answered is asked for again, under its key; and now and then what was.
            some = self.ledger.unanswered(owner, self.dice) or self.ledger.pick(owner, self.dice, "repeat")
            if some:
                self.upload(some)
                self.ledger.let_go(some)
        else:
            self.upload(self.ledger.begin(owner))


class Load:
    """Several clients at a steady pace, until it is left."""

    def __init__(self, gateways, ledger, clients=6, pause_s=0.15, seed=0):
        self.gateways, self.ledger, self.stalls = gateways, ledger, Stalls()
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(i, seed * 1000 + i, pause_s)) for i in range(clients)]

    def run(self, number, seed, pause_s):
        client = Client(self.gateways, self.ledger, self.stalls, seed)
        while not self.stopping.wait(client.dice.uniform(0, 2 * pause_s)):
            try:
                client.do_something(OWNERS[number % len(OWNERS)])
            except Exception as error:  # a checker that dies in silence would find nothing wrong
                self.ledger.wrong("checker", f"{type(error).__name__}: {error}")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def verify(gateways, ledger, seconds=120):
    """With nothing else going on: every owner's lists through every gateway, every photo's bytes, every job's result."""
    given_up = []

    def insist(what, call, tell=lambda: ""):
        # Where many do not answer, a few tell as much as all of them, each of which would take so long.
        deadline = time.monotonic() + (seconds if len(given_up) < ENOUGH_UNANSWERED else 0)
        while not call():
            if time.monotonic() > deadline:
                given_up.append(what)
                ledger.wrong("answer", f"{what}: no answer within {seconds} s of quiet {tell()}")
                return False
            time.sleep(0.3)
        return True

    def ask_again(upload):
        client = Client(gateways, ledger, Stalls(), upload.number)
        if upload.delete_asked and not upload.deleted:
            insist(f"delete of {upload.photo}", lambda: (client.delete(upload), upload.deleted)[1])
        elif not upload.photo and upload.number % 2 == 0:  # of the others nothing is known, and they need not be there
            insist(upload.key, lambda: (client.upload(upload), upload.photo)[1])

    def look(upload):
        client = Client(gateways, ledger, Stalls(), upload.number)
        photo = {}

        def complete():
            got = client.ask("read", client.via(), "GET", f"/v1/photos/{upload.photo}", upload.owner)
            if got is None or got[0] != 200:
                return False
            photo.update(json.loads(got[1]))
            if photo["failed"]:
                ledger.wrong("lost", f"the job {photo['job_id']} of {upload.photo} was given up")
            return photo["complete"] or photo["failed"]

        def story():
            got = gateways.ask(client.via(), "GET", f"/v1/jobs/{photo.get('job_id')}", upload.owner)
            return f"(tried {upload.tries} times); its job: {got and got[2][:3000].decode(errors='replace')}"

        insist(f"job of {upload.photo}", complete, story)
        insist(upload.photo, lambda: client.read(upload, whole=True))

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(ask_again, list(ledger.uploads)))
        client = Client(gateways, ledger, Stalls(), 99)
        for owner in OWNERS:
            for via in sorted(gateways.urls):
                insist(f"list of {owner}", lambda: client.list(owner, via) is not None)
        list(workers.map(look, ledger.living()))
    # What was never answered may be there, but then whole.
    for owner in OWNERS:
        for row in client.list(owner) or []:
            if row["id"] not in ledger.of_photo:
                got = client.ask("read", client.via(), "GET", f"/v1/photos/{row['id']}/original", owner)
                if got is None or got[0] != 200:
                    ledger.wrong("lost", f"{row['id']} of {owner} is listed and cannot be read: {got and got[0]}")
                elif got[1] not in {u.bytes for u in ledger.uploads if u.owner == owner and not u.photo}:
                    ledger.wrong("altered", f"{row['id']} of {owner} is none of the uploads that were not answered")
