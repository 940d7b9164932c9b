"""A farm that demands tokens and speaks HTTPS, and its pictures, as a person's shell, curl and an app meet them."""

import base64
import json
import os
import signal
import subprocess
import time
import unittest

from farm_under_test import TINTYPE, Farm, FarmTest, sample_photos

BROWSER = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


class Access(FarmTest):
    def token(self, *words, fails=False):
        """stdout of `tintype token`."""
        ran = subprocess.run([TINTYPE, "token", *words, "--data", str(self.data)], capture_output=True, text=True)
        self.assertEqual(ran.returncode != 0, fails, ran.stderr)
        return ran.stdout.strip() if not fails else ran.stderr

    def setUp(self):
        super().setUp()
        self.data = self.work / "data"

    def farm(self, *options):
        farm = Farm(self.data, *options).start()
        self.addCleanup(farm.stop)
        return farm

    def bearer(self, *words):
        return {"Authorization": "Bearer " + self.token("create", *words)}

    def test_tokens_without_a_restart(self):
        farm = self.farm("--require-tokens")
        photo = min(sample_photos(), key=lambda p: p.stat().st_size).read_bytes()
        self.assertEqual(farm.request("GET", "/v1/photos")[0], 401)
        self.assertEqual(farm.request("GET", "/healthz")[0], 200)

        alice = self.bearer("--owner", "alice", "--expires", "30d", "--note", "phone")
        status, body = farm.request("POST", "/v1/photos?name=a.jpg", photo, alice)
        self.assertEqual(status, 201, body)
        receipt = json.loads(body)
        path = "/v1/photos/" + receipt["photo_id"]

        # Nobody else sees it, nor learns that it is there.
        bob = self.bearer("--owner", "bob")
        real, made_up = farm.request("GET", path, None, bob), farm.request("GET", "/v1/photos/" + "0" * 13, None, bob)
        self.assertEqual(real[0], 404)
        self.assertEqual(real[1].replace(receipt["photo_id"].encode(), b"X"), made_up[1].replace(b"0" * 13, b"X"))
        self.assertEqual(farm.request("GET", "/v1/jobs/" + receipt["job_id"], None, bob)[0], 404)

        # The commands take a token from the environment.
        operator = self.bearer("--owner", "ops", "--scope", "admin")["Authorization"].split()[1]
        command = [TINTYPE, "jobs", "dead", "--farm", farm.url]
        self.assertEqual(subprocess.run(command, env={**os.environ, "TINTYPE_TOKEN": operator}, capture_output=True).returncode, 0)
        self.assertNotEqual(subprocess.run(command, capture_output=True).returncode, 0)

        # Revoked, and the key dropped: at once.
        listed = json.loads(self.token("list", "--json"))
        phone = next(t for t in listed["tokens"] if t["note"] == "phone")
        self.assertNotIn(alice["Authorization"].split()[1], json.dumps(listed))
        self.assertEqual(farm.request("GET", path, None, alice)[0], 200)
        self.token("revoke", phone["id"])
        self.assertEqual(farm.request("GET", path, None, alice)[0], 401)
        self.token("rotate-keys")
        after = self.bearer("--owner", "bob")
        self.assertEqual(farm.request("GET", "/v1/photos", None, bob)[0], 200)
        self.token("drop-key", "k1")
        self.assertEqual(farm.request("GET", "/v1/photos", None, bob)[0], 401)
        self.assertEqual(farm.request("GET", "/v1/photos", None, after)[0], 200)
        self.assertIn("only key", self.token("drop-key", "k2", fails=True))

        self.assertEqual((self.data / "access" / "book.json").stat().st_mode & 0o777, 0o600)

        # Limits, with when to come again.
        slow = self.bearer("--owner", "bob", "--requests-a-second", "1")
        answers = [farm.request("GET", "/v1/photos", None, slow) for _ in range(5)]
        self.assertIn(429, [status for status, _ in answers])
        self.assertEqual(json.loads(answers[-1][1])["code"], "rate_limited")

    def test_pictures_of_every_kind(self):
        farm = self.farm()
        photo = min((p for p in sample_photos() if p.suffix == ".jpg"), key=lambda p: p.stat().st_size).read_bytes()
        receipt = farm.upload("a.jpg", photo)
        self.assertEqual(farm.wait_for_job(receipt["job_id"])["state"], "done")
        path = "/v1/photos/" + receipt["photo_id"]

        row = farm.get("/v1/photos?urls=256.webp")["photos"][0]
        self.assertGreaterEqual(len(base64.b64decode(row["thumbhash"])), 10)
        self.assertEqual(row["revision"], 1)
        self.assertEqual(sum(bucket["count"] for bucket in farm.get("/v1/timeline/buckets")), 1)
        self.assertEqual(farm.get(path)["thumbhash"], row["thumbhash"])

        def kind(target, accept):
            status, body = farm.request("GET", target, None, {"Accept": accept})
            self.assertEqual(status, 200, body[:300])
            return "avif" if body[4:12] == b"ftypavif" else "webp" if body[8:12] == b"WEBP" else "jpeg" if body[:2] == b"\xff\xd8" else "?"

        self.assertEqual(kind(path + "/picture?w=300", BROWSER), "avif")
        self.assertEqual(kind(path + "/picture?w=300", "image/webp,*/*"), "webp")
        self.assertEqual(kind(path + "/picture", "image/jpeg"), "jpeg")
        self.assertEqual(kind(row["url"], "*/*"), "webp")

        # curl's own view of a signed URL: no header of ours, validators, ranges (which HEAD does not know).
        def headers(*words):
            words = ["curl", "-sS", "-o", "/dev/null", "-D", "-", *words, farm.url + row["url"]]
            return subprocess.run(words, capture_output=True, text=True, check=True).stdout

        first = headers("-I")
        self.assertIn(" 200 ", headers("-I", "-H", "Range: bytes=0-9"))
        self.assertIn("immutable", first)
        etag = next(line.split(": ", 1)[1].strip() for line in first.splitlines() if line.lower().startswith("etag"))
        self.assertIn(" 304 ", headers("-H", "If-None-Match: " + etag))
        self.assertIn(" 206 ", headers("-H", "Range: bytes=0-9"))
        self.assertEqual(farm.request("GET", row["url"].replace("256.webp", "original"))[0], 403)

        # Deleted: gone everywhere, its job's record too, and from memory.
        self.assertEqual(farm.request("DELETE", path)[0], 204)
        for target in (path, path + "/original", row["url"], "/v1/jobs/" + receipt["job_id"]):
            self.assertEqual(farm.request("GET", target)[0], 404, target)
        self.assertEqual(farm.get("/v1/timeline/buckets"), [])

    def test_https_and_a_new_certificate(self):
        def make_certificate(name):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                            "-subj", "/CN=farm", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(self.work / "key.pem"),
                            "-out", str(self.work / "cert.pem")], check=True, capture_output=True)
            (self.work / name).write_bytes((self.work / "cert.pem").read_bytes())

        def curl(trusted, *words):
            ran = subprocess.run(["curl", "-sS", "--cacert", str(self.work / trusted), *words, farm.url + "/healthz"], capture_output=True, text=True)
            return ran.stdout if ran.returncode == 0 else None

        make_certificate("one.pem")
        farm = self.farm("--tls-cert", str(self.work / "cert.pem"), "--tls-key", str(self.work / "key.pem"))
        self.assertTrue(farm.url.startswith("https://"))
        self.assertEqual(curl("one.pem"), '{"ok":true}')
        make_certificate("two.pem")
        farm.process.send_signal(signal.SIGHUP)
        deadline = time.time() + 60
        while curl("two.pem") is None and time.time() < deadline:
            time.sleep(0.05)
        self.assertEqual(curl("two.pem"), '{"ok":true}')
        self.assertIsNone(curl("one.pem"))


if __name__ == "__main__":
    unittest.main()
