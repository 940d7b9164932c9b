"""The five bugs that the embedded store's crash tests plant, told by a proxy before a farm that has none: what they look
like from outside."""

import http.client
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

BUGS = ("early-acknowledgement", "lost-tombstone", "stale-cache", "wrong-range", "double-commit")
# What the ledger calls them when it sees them.
SHOWS_AS = {
    "early-acknowledgement": {"lost", "list"},  # "created" is answered and is not so
    "lost-tombstone": {"undeleted"},  # a delete is remembered by one process alone
    "stale-cache": {"list", "undeleted"},  # a list is answered as it was
    "wrong-range": {"list"},  # `to` is taken as inclusive
    "double-commit": {"doubled"},  # idempotency keys are forgotten
}


class Liar:
    def __init__(self, url, bug):
        self.target, self.bug = urlsplit(url), bug
        self.lock = threading.Lock()
        self.uploads, self.keys, self.lists, self.known = 0, set(), {}, ""
        liar = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, content = liar.answer(self.command, self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = answer

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def forward(self, method, path, headers, body):
        connection = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=60)
        connection.request(method, path, body=body or None, headers={k: v for k, v in headers.items() if k.lower() != "host"})
        answer = connection.getresponse()
        got = answer.status, dict(answer.headers), answer.read()
        connection.close()
        return got

    def answer(self, method, path, headers, body):
        is_upload = method == "POST" and path.startswith("/v1/photos?")
        is_list = method == "GET" and path.startswith("/v1/photos?")
        key = headers.get("Idempotency-Key")
        with self.lock:
            is_first = is_upload and key not in self.keys
            self.keys.add(key)
            self.uploads += is_first
            turn = self.uploads
        if self.bug == "early-acknowledgement" and is_first and turn % 5 == 0 and self.known:
            # An id that is good and new: the last one's successor.
            digits = "0123456789abcdefghjkmnpqrstvwxyz"
            photo = self.known[:-1] + digits[(digits.index(self.known[-1]) + 1) % 32]
            return 201, {"Content-Type": "application/json"}, f'{{"photo_id":"{photo}","job_id":"{photo}"}}'.encode()
        if self.bug == "lost-tombstone" and method == "DELETE" and hash(path) % 3 == 0:
            return 204, {}, b""
        if self.bug == "wrong-range" and is_list:
            path = re.sub(r"&to=(\d+)", lambda to: f"&to={int(to[1]) + 1}", path)
        if self.bug == "double-commit" and is_upload:
            headers = {name: value for name, value in headers.items() if name.lower() != "idempotency-key"}
        if self.bug == "stale-cache" and is_list:
            key = (path, headers.get("Tintype-Owner"))
            with self.lock:
                if key in self.lists:
                    return self.lists[key]
        got = self.forward(method, path, headers, body)
        if is_upload and got[0] == 201:
            found = re.search(rb'"photo_id":\s*"(\w+)"', got[2])
            self.known = found[1].decode() if found else self.known
        if self.bug == "stale-cache" and is_list and got[0] == 200:
            with self.lock:
                self.lists[key] = got
        return got
