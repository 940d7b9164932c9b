// GET /: for a person who opens the farm's address in a browser.
#include "gateway/api.h"

namespace tintype {
namespace {

constexpr std::string_view kFrontPage = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tintype</title>
<style>
  :root { color-scheme: light dark }
  body { max-width: 42em; margin: 3em auto; padding: 0 1em; font: 16px/1.5 system-ui, sans-serif }
  pre { overflow-x: auto }
  dt { font-family: monospace }
</style>
<h1>Tintype )" TINTYPE_VERSION R"(</h1>
<p>A photo compression farm: photos in, WebP and AVIF out. This is its API, for programs.</p>
<dl>
  <dt><a href="openapi.json">/openapi.json</a><dd>every request and answer (OpenAPI 3.1); in words: docs/api.md
  <dt><a href="readyz">/readyz</a><dd>whether it serves: store, uploads, queue, lanes
  <dt><a href="v1/status">/v1/status</a><dd>the farm at a glance
  <dt><a href="v1/devices">/v1/devices</a><dd>its nodes and their lanes
  <dt><a href="v1/photos">/v1/photos</a><dd>the photos, newest first
  <dt><a href="metrics">/metrics</a><dd>for Prometheus
</dl>
<p>To upload a photo, and to compress a folder of them; ADDRESS is this page's, without its last slash:</p>
<pre>
curl --data-binary @photo.jpg 'ADDRESS/v1/photos?name=photo.jpg'
tintype compress ~/Pictures --farm ADDRESS
</pre>
<p>Where a token is demanded: <code>curl -H 'Authorization: Bearer TOKEN'</code>, <code>TINTYPE_TOKEN=TOKEN tintype</code>.</p>
</html>
)";

}  // namespace

Result<http::Begun> show_front_page(const Call&) {
  http::Response response(200, "text/html; charset=utf-8", std::string(kFrontPage));
  // Of a farm that may be another version tomorrow; and nothing of others is loaded into it.
  response.set("Cache-Control", "no-cache");
  response.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  return response;
}

}  // namespace tintype
