#include "gateway/photos/upload_order.h"

#include "gateway/parameters.h"
#include "gateway/photos/upload_headers.h"
#include "gateway/recipes/recipe_names.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxContentTypeBytes = 255;

// The bytes of the photo as they are sent are its representation: both headers speak of the same digest.
Result<std::optional<Sha256>> read_digests(const http::Request& request) {
  std::optional<Sha256> expected;
  for (const std::string_view name : {"Repr-Digest", "Content-Digest"}) {
    const std::string* header = request.find_header(name);
    if (!header) continue;
    TT_ASSIGN(const auto digest, parse_repr_digest(*header));
    if (expected && digest && *expected != *digest)
      return fail(ErrorCode::kInvalidArgument, "Repr-Digest and Content-Digest name different digests");
    if (digest) expected = digest;
  }
  return expected;
}

}  // namespace

Result<UploadOrder> read_body_order(const Call& call) {
  const http::Request& request = call.request;
  if (const std::string_view coding = request.header("Content-Encoding");
      !coding.empty() && !http::equal_ignoring_case(coding, "identity")) {
    return fail(ErrorCode::kUnsupported, "no Content-Encoding is taken; send the photo's own bytes");
  }
  UploadOrder order;
  order.owner = call.owner;
  order.content_type = request.header("Content-Type");
  if (order.content_type.size() > kMaxContentTypeBytes || !http::is_utf8(order.content_type)) {
    return fail(ErrorCode::kInvalidArgument, "Content-Type must be at most 255 bytes of text");
  }
  if (const std::string* key = request.find_header("Idempotency-Key")) {
    TT_ASSIGN(order.idempotency_key, parse_idempotency_key(*key));
  }
  TT_ASSIGN(order.expected_sha, read_digests(request));
  order.trace_id = trace_id_of(request.header("traceparent"));
  order.size_hint = request.content_length.value_or(0);
  return order;
}

Result<UploadOrder> read_upload_order(const Call& call) {
  TT_ASSIGN(UploadOrder order, read_body_order(call));
  TT_ASSIGN(order.file_name, parse_file_name(text_parameter(call, "name")));
  TT_ASSIGN(order.recipe, recipe_named(text_parameter(call, "recipe", "web"), call.api.recipes));
  TT_ASSIGN(order.job_class, word_named("class", text_parameter(call, "class", "upload"), parse_job_class));
  TT_ASSIGN(order.batch, batch_parameter(call));
  return order;
}

UploadServices upload_services(const Api& api) {
  const GatewayServices& services = api.services;
  return {services.blobs, services.index, services.jobs, api.publisher, services.clock, services.log};
}

Result<std::optional<UploadReceipt>> find_receipt(const Api& api, const UploadOrder& order) {
  if (order.idempotency_key.empty()) return std::nullopt;
  PhotoIndex& index = api.services.index;
  TT_ASSIGN(const auto existing, index.find_idempotent(order.owner, order.idempotency_key));
  if (!existing) return std::nullopt;
  const std::string sha256 = order.expected_sha ? to_hex(*order.expected_sha) : std::string();
  TT_ASSIGN(UploadReceipt receipt, receipt_of_existing(index, order.owner, *existing, sha256));
  return std::optional(std::move(receipt));
}

}  // namespace tintype
