"""The served OpenAPI document against the farm, driven by the document alone: every operation is called with what its schemas
allow and with what they do not, by Hypothesis, and every answer is held against what the document says of it."""

import json
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from farm_under_test import Farm, small_photos
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

CALLS = 80  # of each operation
ENDLESS = {"/v1/events"}
# Names that exist are put in now and then, so that more than "not found" is seen.
ODD_TEXT = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs",)), max_size=40)


def of_schema(schema):
    """Values that a parameter's schema allows, as text."""
    if "anyOf" in schema:
        return st.one_of([of_schema(each) for each in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("type") == "integer":
        return st.integers(schema.get("minimum", 0), schema.get("maximum", 2**40)).map(str)
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    if "examples" in schema:
        return st.sampled_from(schema["examples"])
    return st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)


def requests_of(path, operation, known):
    """Strategy of (path with query, headers, body)."""

    @st.composite
    def draw_request(draw):
        target, query, headers = path, [], {}
        honest = draw(st.booleans())
        optional = st.sampled_from([True] + [False] * draw(st.sampled_from([1, 5])))
        for parameter in operation.get("parameters", []):
            name, place = parameter["name"], parameter["in"]
            allowed = of_schema(parameter["schema"])
            values = allowed if honest else st.one_of(allowed, ODD_TEXT if place != "header" else st.just("1"))
            if place == "path" and known.get(name):
                values = st.one_of(st.sampled_from(known[name]), values)
            if place != "path" and not draw(st.sampled_from([True] * 9 + [False]) if parameter.get("required") else optional):
                continue
            value = str(draw(values))
            if place == "path":
                target = target.replace("{" + name + "}", urllib.parse.quote(value, safe="") or "%20")
            elif place == "query":
                query.append((name, value))
            else:
                headers[name] = value
        body = None
        content = operation.get("requestBody", {}).get("content")
        if content:
            headers["Content-Type"] = draw(st.sampled_from(sorted(content)))
            body = draw(st.one_of(st.binary(max_size=200), st.sampled_from(known["bodies"]), st.just(known["bodies"][0])))
        return target + ("?" + urllib.parse.urlencode(query) if query else ""), headers, body

    return draw_request()


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        work = Path(cls.folder.name)
        small_photos(work / "in", 3)
        cls.photos = [path.read_bytes() for path in sorted((work / "in").iterdir())]
        cls.farm = Farm(work / "data").start()
        receipts = [cls.farm.upload("a.jpg", photo) for photo in cls.photos[:2]]
        for receipt in receipts:
            cls.farm.wait_for_job(receipt["job_id"])
        cls.known = {
            "id": [receipts[0][kind] for kind in ("photo_id", "job_id")],
            "name": ["256.webp", "web", "original"],
            "bodies": [cls.photos[2], b"{}", b'{"url":"http://127.0.0.1/a.jpg"}', b""],
        }
        cls.document = json.loads(cls.farm.request("GET", "/openapi.json")[1])

    @classmethod
    def tearDownClass(cls):
        cls.farm.stop()
        cls.folder.cleanup()

    def call(self, method, target, headers, body):
        request = urllib.request.Request(self.farm.url + target, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def hold_against(self, operation, status, headers, body):
        declared = operation["responses"].get(str(status))
        self.assertIsNotNone(declared, f"{status} is not declared")
        if "$ref" in declared:
            declared = self.document["components"]["responses"][declared["$ref"].rsplit("/", 1)[1]]
        content = declared.get("content")
        if not content:
            self.assertIn(body, (b"",), "a body that is not declared")
            return
        kind = (headers.get("Content-Type") or "").split(";")[0].strip()
        schema = content.get(kind, content.get("*/*"))
        self.assertIsNotNone(schema, f"{kind} is not declared, but {sorted(content)}")
        if kind.endswith("json"):
            rooted = {**schema["schema"], "components": self.document["components"]}
            Draft202012Validator(rooted).validate(json.loads(body))
        if status in (429, 503) and kind == "application/problem+json":
            self.assertRegex(headers.get("Retry-After", ""), r"^\d+$")

    def test_the_document_is_openapi(self):
        validate(self.document)

    def check(self, method, path, operation):
        """Calls one operation again and again; answers the statuses that were seen."""
        seen = set()

        @seed(1)
        @settings(max_examples=CALLS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(requests_of(path, operation, self.known))
        def call_it(drawn):
            target, headers, body = drawn
            status, answered, content = self.call(method.upper(), target, headers, body)
            seen.add(status)
            self.assertNotIn(status, (405, 500, 502), (target, headers, content[:300]))
            self.hold_against(operation, status, answered, content)

        call_it()
        return seen

    def test_every_answer_is_as_declared(self):
        seen = {}
        operations = [(method, path, operation) for path, methods in self.document["paths"].items() if path not in ENDLESS
                      for method, operation in methods.items()]
        # What is deleted takes its job with it.
        for method, path, operation in sorted(operations, key=lambda each: each[0] == "delete"):
            with self.subTest(operation=f"{method} {path}"):
                seen[method, path] = self.check(method, path, operation)
        # The farm still works, and what is good was taken, too.
        self.assertEqual(self.farm.request("GET", "/healthz")[0], 200)
        for method, path in (("get", "/v1/photos"), ("post", "/v1/photos"), ("get", "/v1/photos/{id}"), ("delete", "/v1/photos/{id}"),
                             ("get", "/v1/photos/{id}/variants/{name}"), ("get", "/v1/jobs/{id}"), ("post", "/v1/jobs"),
                             ("post", "/v1/uploads"), ("post", "/v1/compress"), ("get", "/v1/recipes/{name}")):
            self.assertTrue(any(status < 300 for status in seen[method, path]), (method, path, seen[method, path]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
