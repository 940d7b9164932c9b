"""A web page of another origin shows pictures by signed URLs in a browser: <picture>, <img srcset>, no header of ours."""

import html
import http.server
import json
import re
import subprocess
import tempfile
import threading
import unittest

import farm_under_test as e2e

SCRIPT = """
<script>
addEventListener('load', async () => {
  const settled = (image) => image.complete ? null : new Promise((done) => { image.onload = image.onerror = done; });
  const saw = {};
  for (const image of document.images) {
    await settled(image);
    saw[image.id] = {url: image.currentSrc, width: image.naturalWidth, height: image.naturalHeight};
  }
  const answer = await fetch(document.getElementById('plain').src);
  saw.fetched = {status: answer.status, type: answer.headers.get('content-type')};
  document.documentElement.dataset.saw = JSON.stringify(saw);
});
</script>"""


class Browser(e2e.FarmTest):
    def serve(self, page):
        """The URL of a server of its own that answers every request with `page`."""

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/"

    def browse(self, page):
        with tempfile.TemporaryDirectory() as profile:
            ran = subprocess.run(
                ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}", "--virtual-time-budget=10000",
                 "--dump-dom", self.serve(page)], capture_output=True, text=True, timeout=120)
        self.assertEqual(ran.returncode, 0, ran.stderr[-1000:])
        saw = re.search(r'data-saw="([^"]*)"', ran.stdout)
        self.assertTrue(saw, ran.stdout[-2000:])
        return json.loads(html.unescape(saw[1]))

    def test_pictures_by_signed_urls(self):
        farm = e2e.Farm(self.work / "data", "--require-tokens").start()
        self.addCleanup(farm.stop)
        ran = subprocess.run([e2e.TINTYPE, "token", "create", "--owner", "anna", "--data", str(farm.data)], capture_output=True, text=True, check=True)
        token = {"Authorization": "Bearer " + ran.stdout.strip()}
        photo = min((p for p in e2e.sample_photos() if p.suffix == ".jpg"), key=lambda p: p.stat().st_size).read_bytes()
        status, body = farm.request("POST", "/v1/photos?name=a.jpg", photo, token)
        self.assertEqual(status, 201, body)
        path, job = "/v1/photos/" + json.loads(body)["photo_id"], "/v1/jobs/" + json.loads(body)["job_id"]
        state = "queued"
        while state in ("queued", "running"):
            state = json.loads(farm.request("GET", job, None, token)[1])["state"]
        self.assertEqual(state, "done")
        variants = {v["name"]: v for v in json.loads(farm.request("GET", path, None, token)[1])["manifest"]["variants"]}

        by_width = f"w{variants['256.avif']['width']}"  # a portrait is narrower than its rung says

        def signed(name):
            row = json.loads(farm.request("GET", f"/v1/photos?urls={name}", None, token)[1])["photos"][0]
            return farm.url + row["url"]

        avif, webp, small, large, by_accept = (signed(name) for name in ("512.avif", "512.webp", "256.webp", "2048.webp", by_width))
        forged = webp.replace("512.webp", "1024.webp")
        saw = self.browse(f"""<!doctype html><title>a page</title>
<picture><source type="image/avif" srcset="{avif}"><img id="picture" src="{webp}"></picture>
<picture><source type="image/unheard-of" srcset="{avif}"><img id="fallback" src="{webp}"></picture>
<img id="srcset" sizes="200px" srcset="{small} 256w, {large} 2048w">
<img id="plain" src="{by_accept}">
<img id="forged" src="{forged}">""" + SCRIPT)

        def expect(image, url, name):
            self.assertEqual(saw[image], {"url": url, "width": variants[name]["width"], "height": variants[name]["height"]}, image)

        expect("picture", avif, "512.avif")
        expect("fallback", webp, "512.webp")
        self.assertEqual(saw["srcset"]["url"], small)
        expect("plain", by_accept, "256.avif")
        # fetch() accepts anything and names no AVIF: it gets what every browser shows.
        self.assertEqual(saw["fetched"], {"status": 200, "type": "image/webp"})
        self.assertEqual(saw["forged"]["width"], 0)


if __name__ == "__main__":
    unittest.main()
