"""Uploads, compression and hooks of the built program, by clients that are not ours: curl, tus-js-client, recorded events."""

import hashlib
import http.server
import json
import os
import shutil
import subprocess
import threading
import time
import unittest
import urllib.parse
from pathlib import Path

import farm_under_test as e2e

TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


class Bucket:
    """A server that holds objects: the other side of a hook."""

    def __init__(self):
        self.objects, self.seen = {}, []
        bucket = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = urllib.parse.unquote(self.path.split("?")[0])
                bucket.seen.append((path, dict(self.headers)))
                body = bucket.objects.get(path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Uploads(e2e.FarmTest):
    def setUp(self):
        super().setUp()
        self.photo = min((p for p in e2e.sample_photos() if p.suffix == ".jpg" and p.stat().st_size > 300_000), key=lambda p: p.stat().st_size)
        self.bytes = self.photo.read_bytes()
        self.bucket = Bucket()
        self.addCleanup(self.bucket.server.server_close)
        self.addCleanup(self.bucket.server.shutdown)
        hooks = self.work / "hooks.toml"
        hooks.write_text(f"""
[[s3]]
bucket = "camera"
endpoint = "{self.bucket.url}"
access_key = "AKID"
secret_key = "secret"
allow_networks = ["127.0.0.1"]
recipe = "web-webp"
[tus]
folder = "{self.work}/tusd"
[urls]
allow = ["{self.bucket.url}/open/"]
allow_networks = ["127.0.0.1"]
""")
        self.farm = e2e.Farm(self.work / "data", "--hooks", str(hooks), "--log-level", "warning").start()
        self.addCleanup(self.farm.stop)

    def curl(self, *arguments):
        run = subprocess.run(["curl", "-sS", "--fail-with-body", "--noproxy", "*", *arguments], capture_output=True, timeout=120)
        self.assertEqual(run.returncode, 0, run.stderr + run.stdout[:500])
        return run.stdout

    def check_original(self, photo_id):
        self.assertEqual(self.farm.request("GET", f"/v1/photos/{photo_id}/original")[1], self.bytes)

    def photos(self):
        return [p["id"] for p in self.farm.get("/v1/photos")["photos"]]

    def create(self, length, **headers):
        url = self.farm.url + "/v1/uploads"
        text = self.curl("-D", "-", "-o", os.devnull, "-X", "POST", "-H", "Tus-Resumable: 1.0.0", "-H", f"Upload-Length: {length}",
                         *[x for k, v in headers.items() for x in ("-H", f"{k.replace('_', '-')}: {v}")], url).decode()
        return next(line.split(": ", 1)[1].strip() for line in text.splitlines() if line.lower().startswith("location"))

    def test_a_form_by_curl(self):
        answer = json.loads(self.curl("-F", "recipe=web-webp", "-F", f"a=@{self.photo}", "-F", f"b=@{self.photo};filename=other.jpg",
                                      self.farm.url + "/v1/photos"))
        self.assertEqual([p["status"] for p in answer["photos"]], [201, 201])
        for photo in answer["photos"]:
            self.check_original(photo["photo_id"])
            self.assertEqual(self.farm.wait_for_job(photo["job_id"])["state"], "done")

    def test_uploads_survive_kill_and_retries_make_one_photo(self):
        path = self.create(len(self.bytes), Idempotency_Key="k1")
        half = len(self.bytes) // 2
        self.assertEqual(self.farm.request("PATCH", path, self.bytes[:half], {**TUS, "Upload-Offset": "0"})[0], 204)
        self.farm.kill()
        self.farm.start()
        self.assertEqual(self.farm.get(path)["offset"], half)
        self.assertEqual(self.farm.request("PATCH", path, self.bytes[half:], {**TUS, "Upload-Offset": str(half)})[0], 204)
        photo = self.farm.get(path)["photo_id"]
        self.check_original(photo)
        self.farm.kill()
        self.farm.start()
        status, body = self.farm.request("POST", "/v1/photos?name=a.jpg", self.bytes, {"Idempotency-Key": "k1"})
        self.assertEqual((status, json.loads(body)["photo_id"]), (200, photo))
        self.assertEqual(self.photos(), [photo])

    def test_tus_js_client(self):
        modules = self.tus_modules()
        run = subprocess.run(["node", str(Path(__file__).with_name("tus_client.mjs")), self.farm.url + "/v1/uploads", str(self.photo)],
                             capture_output=True, text=True, timeout=120, env={**os.environ, "TUS_MODULES": str(modules)})
        self.assertEqual(run.returncode, 0, run.stderr)
        result = json.loads(run.stdout)
        self.assertGreaterEqual(result["resumedAt"], len(self.bytes) // 2)
        self.check_original(result["photo"])
        self.assertEqual(self.photos(), [result["photo"]])

    def tus_modules(self):
        """A folder whose node_modules holds tus-js-client: TINTYPE_TUS_JS, or made by npm."""
        named = os.environ.get("TINTYPE_TUS_JS", "")
        if named:
            return Path(named)
        why = "SKIPPED: the check with tus-js-client needs "
        if not shutil.which("node") or not shutil.which("npm"):
            self.skipTest(why + "node and npm (apt-get install nodejs npm), or TINTYPE_TUS_JS=a folder with its node_modules")
        folder = self.work / "node"
        folder.mkdir()
        try:
            run = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1",
                                  "--fetch-timeout=20000", "--prefix", str(folder), "tus-js-client@4.3.1"],
                                 capture_output=True, text=True, timeout=90,
                                 env={"NODE_EXTRA_CA_CERTS": "/etc/ssl/certs/ca-certificates.crt", **os.environ})
        except subprocess.TimeoutExpired:
            self.skipTest(why + "the npm registry, which did not answer in 90 s")
        if run.returncode != 0:
            self.skipTest(why + "the npm registry: " + run.stderr[-200:])
        return folder

    def test_compress(self):
        out = self.work / "out.webp"
        self.curl("--data-binary", f"@{self.photo}", "-H", "Content-Type: image/jpeg", "-o", str(out),
                  self.farm.url + "/v1/compress?long_side=512&quality=70")
        width, height, _ = e2e.decode_to_pnm(out)
        self.assertEqual(max(width, height), 512)
        status, body = self.farm.request("POST", "/v1/compress", b"this is no picture")
        self.assertEqual((status, json.loads(body)["code"]), (422, "not_an_image"))
        began = time.time()
        status, body = self.farm.request("POST", "/v1/compress?format=avif&effort=9&deadline_ms=300", self.bytes)
        self.assertEqual((status, json.loads(body)["code"]), (504, "timed_out"))
        self.assertLess(time.time() - began, 20, "the usual patience is 30 s")
        self.assertEqual(self.photos(), [])
        deadline = time.time() + 60
        while list((self.work / "data/store/originals").rglob("_transient*")) and time.time() < deadline:
            time.sleep(0.1)
        self.assertEqual(list((self.work / "data/store/originals").rglob("_transient*")), [])

    def test_jobs_from_a_body_and_from_a_url(self):
        self.bucket.objects["/open/a.jpg"] = self.bytes
        by_body = json.loads(self.curl("--data-binary", f"@{self.photo}", "-H", "Content-Type: image/jpeg", self.farm.url + "/v1/jobs?recipe=web-webp"))
        by_url = json.loads(self.curl("-H", "Content-Type: application/json", "-d", json.dumps({"url": self.bucket.url + "/open/a.jpg"}),
                                      self.farm.url + "/v1/jobs?recipe=web-webp"))
        sums = []
        for submitted in (by_body, by_url):
            self.assertEqual(self.farm.wait_for_job(submitted["job_id"])["state"], "done")
            results = self.farm.get(submitted["results"])["results"]
            self.assertEqual(len(results), 4)
            for result in results:
                body = self.farm.request("GET", result["url"])[1]
                self.assertEqual(hashlib.sha256(body).hexdigest(), result["sha256"])
            sums.append([r["sha256"] for r in results])
        self.assertEqual(*sums)
        self.assertEqual(self.photos(), [])
        status, body = self.farm.request("POST", "/v1/jobs", json.dumps({"url": "http://169.254.169.254/"}).encode(), {"Content-Type": "application/json"})
        self.assertEqual((status, json.loads(body)["code"]), (403, "denied"))

    def event(self, source, key, etag):
        return json.dumps({"Records": [{"eventVersion": "2.1", "eventSource": source, "eventName": "s3:ObjectCreated:Put",
                                        "s3": {"bucket": {"name": "camera"}, "object": {"key": key, "size": 1, "eTag": etag, "sequencer": "17A5"}}}]}).encode()

    def test_events_of_minio_and_rgw(self):
        self.bucket.objects["/camera/2026/ä b.jpg"] = self.bytes
        first = json.loads(self.farm.request("POST", "/hooks/s3", self.event("minio:s3", "2026%2F%C3%A4+b.jpg", "e1"))[1])["records"][0]
        self.assertEqual(first["status"], 201, first)
        again = json.loads(self.farm.request("POST", "/hooks/s3", self.event("ceph:s3", "2026/ä b.jpg", "e1"))[1])["records"][0]
        self.assertEqual((again["status"], again["photo_id"]), (200, first["photo_id"]))
        self.check_original(first["photo_id"])
        self.assertIn("AWS4-HMAC-SHA256 Credential=AKID/", self.bucket.seen[0][1]["Authorization"])
        self.assertEqual(self.farm.wait_for_job(first["job_id"])["state"], "done")

    def test_tusd(self):
        (self.work / "tusd").mkdir()
        (self.work / "tusd/abc").write_bytes(self.bytes)
        def hook(kind, path):
            upload = {"ID": "abc", "Size": len(self.bytes), "SizeIsDeferred": False, "Offset": 0, "MetaData": {"filename": "a.jpg"},
                      "IsPartial": False, "IsFinal": False, "PartialUploads": None, "Storage": {"Type": "filestore", "Path": path}}
            return self.farm.request("POST", "/hooks/tus", json.dumps({"Type": kind, "Event": {"Upload": upload, "HTTPRequest": {}}}).encode())
        self.assertEqual(hook("pre-create", ""), (200, b"{}"))
        status, body = hook("post-finish", str(self.work / "tusd/abc"))
        self.assertEqual(status, 200)
        self.check_original(json.loads(json.loads(body)["HTTPResponse"]["Body"])["photo_id"])
        self.assertEqual(hook("post-finish", "/etc/passwd")[0], 403)


if __name__ == "__main__":
    unittest.main(verbosity=2)
