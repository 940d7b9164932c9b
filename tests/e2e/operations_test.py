"""Running a farm: backup and restore, logs, readiness, a full disk, one trace id, an orderly end."""

import json
import pathlib
import signal
import subprocess
import time
import unittest

import farm_under_test as e2e

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Operations(e2e.FarmTest):
    def photo(self):
        folder = self.work / "photos"
        e2e.small_photos(folder, 1)
        return (folder / "000.jpg").read_bytes()

    def tintype(self, *words):
        return subprocess.run([e2e.TINTYPE, *map(str, words)], capture_output=True, text=True, timeout=120)

    def listed(self, farm):
        return [photo["id"] for photo in farm.get("/v1/photos?limit=1000")["photos"]]

    def test_a_backup_taken_while_it_runs_becomes_the_same_farm_again(self):
        farm = e2e.Farm(self.work / "data").start()
        self.addCleanup(farm.stop)
        photo = self.photo()
        jobs = [farm.upload(f"{i}.jpg", photo + b"%d" % i) for i in range(5)]
        token = {"Authorization": "Bearer " + self.tintype("token", "create", "--owner", "anna", "--data", self.work / "data").stdout.strip()}
        url = farm.get("/v1/photos?urls=original")["photos"][0]["url"]
        for job in jobs:
            self.assertEqual(farm.wait_for_job(job["job_id"])["state"], "done")
        first = json.loads(self.tintype("backup", self.work / "backups", "--farm", farm.url, "--json").stdout)
        farm.request("DELETE", "/v1/photos/" + jobs[0]["photo_id"])
        last = farm.upload("last.jpg", photo + b"last")
        run = self.tintype("backup", self.work / "backups", "--farm", farm.url, "--json")
        self.assertEqual(run.returncode, 0, run.stderr)
        second = json.loads(run.stdout)
        self.assertLess(second["copied_bytes"], second["bytes"], "what did not change is shared")
        self.assertFalse((self.work / "data" / "store" / "snapshot").exists())
        before = self.listed(farm)
        farm.stop()

        for backup, photos in ((first["folder"], [job["photo_id"] for job in reversed(jobs)]), (self.work / "backups", before)):
            data = self.work / f"again-{len(photos)}-{str(backup)[-5:]}"
            run = self.tintype("restore", backup, "--data", data)
            self.assertEqual(run.returncode, 0, run.stderr)
            again = e2e.Farm(data).start()
            self.addCleanup(again.stop)
            self.assertEqual(self.listed(again), photos)
            self.assertEqual(again.request("GET", "/v1/photos", None, token)[0], 200, "tokens from before are valid")
            self.assertEqual(again.request("GET", url)[0], 200, "and signed URLs")
            for photo_id in photos:
                self.assertEqual(again.wait_for_job(again.get(f"/v1/photos/{photo_id}")["job_id"])["state"], "done")
                status, body = again.request("GET", f"/v1/photos/{photo_id}/original")
                self.assertEqual(status, 200)
                self.assertTrue(body.startswith(photo))
                for variant in again.get(f"/v1/photos/{photo_id}")["manifest"]["variants"]:
                    status, body = again.request("GET", f"/v1/photos/{photo_id}/variants/{variant['name']}")
                    self.assertEqual((status, len(body)), (200, variant["bytes"]))
            again.stop()
        self.assertEqual(last["photo_id"], before[0])
        self.assertEqual(self.tintype("restore", self.work / "backups", "--data", self.work / "data").returncode, 2)

    def test_a_damaged_backup_is_refused(self):
        farm = e2e.Farm(self.work / "data").start()
        self.addCleanup(farm.stop)
        farm.upload("a.jpg", self.photo())
        done = json.loads(self.tintype("backup", self.work / "backups", "--farm", farm.url, "--json").stdout)
        kept = [p for p in pathlib.Path(done["folder"]).rglob("*") if p.is_file() and {"originals", "packs"} & set(p.parts)]
        original = max(kept, key=lambda p: p.stat().st_size)
        content = bytearray(original.read_bytes())
        content[1000] ^= 1
        original.write_bytes(content)
        run = self.tintype("restore", done["folder"], "--data", self.work / "again")
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("not what was backed up", run.stderr)
        self.assertFalse((self.work / "again" / "store").exists())

    def test_one_trace_id_from_request_to_log_and_explain(self):
        log = self.work / "farm.log"
        farm = e2e.Farm(self.work / "data", "--log-file", log, "--log-format", "json").start()
        self.addCleanup(farm.stop)
        status, body = farm.request("POST", "/v1/photos?name=a.jpg", self.photo(), {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
        self.assertEqual(status, 201)
        job = json.loads(body)["job_id"]
        self.assertEqual(farm.wait_for_job(job)["trace_id"], TRACE)
        self.assertEqual(farm.get(f"/v1/jobs/{job}/explain")["trace_id"], TRACE)
        farm.stop()
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        traced = {line["event"] for line in lines if line.get("trace") == TRACE}
        self.assertIn("job_done", traced)
        self.assertIn("photo_uploaded", traced)

    def test_below_the_watermark_it_reads_and_deletes_only(self):
        data = self.work / "data"
        farm = e2e.Farm(data).start()
        photo = farm.upload("a.jpg", self.photo())
        farm.wait_for_job(photo["job_id"])
        farm.stop()
        farm = e2e.Farm(data, "--min-free-mb", str(1 << 30)).start()  # a petabyte
        self.addCleanup(farm.stop)
        status, body = farm.request("POST", "/v1/photos?name=b.jpg", b"abc")
        self.assertEqual((status, json.loads(body)["code"]), (507, "storage_full"))
        ready = farm.get("/readyz")
        self.assertEqual((ready["ready"], ready["state"]), (True, "read_only"))
        self.assertEqual(farm.request("GET", f"/v1/photos/{photo['photo_id']}/original")[0], 200)
        self.assertEqual(farm.request("DELETE", f"/v1/photos/{photo['photo_id']}")[0], 204)

    def test_sigterm_drains_and_loses_nothing(self):
        data = self.work / "data"
        farm = e2e.Farm(data, "--drain-s", "1").start()
        photo = self.photo()
        jobs = [farm.upload(f"{i}.jpg", photo + b"%d" % i) for i in range(12)]
        began = time.time()
        farm.process.send_signal(signal.SIGTERM)
        self.assertEqual(farm.process.wait(120), 0)
        self.assertLess(time.time() - began, 40, "the gateway's 10 s, the jobs' 1 s, and what a busy machine adds")
        farm = e2e.Farm(data).start()
        self.addCleanup(farm.stop)
        for job in jobs:
            self.assertEqual(farm.wait_for_job(job["job_id"])["state"], "done")


if __name__ == "__main__":
    unittest.main()
