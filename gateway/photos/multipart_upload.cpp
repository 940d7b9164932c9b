#include "gateway/photos/multipart_upload.h"

#include <algorithm>
#include <format>

#include "gateway/http/header_value.h"
#include "gateway/http/multipart.h"
#include "gateway/parameters.h"
#include "gateway/photos/receipt_json.h"
#include "gateway/photos/upload_headers.h"
#include "gateway/photos/upload_order.h"
#include "gateway/problem_json.h"
#include "gateway/recipes/recipe_names.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxFieldBytes = 256;
constexpr std::string_view kFields = "recipe, class, batch";

struct FilePart {
  std::string name;
  std::unique_ptr<PhotoUpload> upload;  // null once it failed
  std::optional<Error> error;
};

std::string_view header_of(const std::vector<http::Header>& headers, std::string_view name) {
  for (const http::Header& header : headers) {
    if (http::equal_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

// One client's key names as many photos as the body has files. No key of a client's holds a blank.
std::string key_of_file(const std::string& key, std::size_t number) {
  if (key.empty() || number == 0) return key;
  return std::format("{} {}", to_hex(sha256(as_bytes(key))), number);
}

class MultipartUpload final : public http::BodySink, private http::MultipartListener {
 public:
  MultipartUpload(Api& api, UploadOrder order, std::string_view boundary)
      : api_(api), order_(std::move(order)), whole_body_(order_.expected_sha), parser_(boundary, *this) {
    order_.expected_sha.reset();
    order_.size_hint = 0;
  }

  std::optional<http::Response> write(ByteView piece) override {
    if (whole_body_) body_sha_.update(piece);
    return answer_if_failed(parser_.write(piece));
  }

  http::Response finish() override {
    if (auto refused = answer_if_failed(whole_status())) return std::move(*refused);
    return answer();
  }

 private:
  Status on_part(const std::vector<http::Header>& headers) override {
    const auto disposition = http::parse_header_value(header_of(headers, "Content-Disposition"));
    const std::string* name = disposition ? disposition->find("name") : nullptr;
    if (!name || disposition->value != "form-data") {
      return fail(ErrorCode::kInvalidArgument, "a part needs Content-Disposition: form-data; name=\"...\"");
    }
    const std::string* file_name = disposition->find("filename");
    in_file_ = file_name != nullptr;
    if (in_file_) return begin_file(*file_name, headers);
    field_ = *name;
    text_.clear();
    return {};
  }

  Status on_data(ByteView bytes) override {
    if (!in_file_) {
      if (text_.size() + bytes.size() > kMaxFieldBytes)
        return fail(
            ErrorCode::kInvalidArgument,
            std::format("the part '{}' is over {} bytes; a file's part needs a filename", field_, kMaxFieldBytes));
      text_ += as_text(bytes);
      return {};
    }
    FilePart& file = files_.back();
    if (!file.upload) return {};
    if (const Status written = file.upload->write(bytes); !written) give_up(file, written.error());
    return {};
  }

  Status on_part_end() override { return in_file_ ? Status() : set_field(); }

  Status begin_file(const std::string& file_name, const std::vector<http::Header>& headers) {
    if (files_.size() == kMaxFilesOfABody)
      return fail(ErrorCode::kInvalidArgument,
                  std::format("a body may hold {} files; send the others in another", kMaxFilesOfABody));
    UploadOrder order = order_;
    TT_ASSIGN(order.file_name, parse_file_name(file_name));
    order.content_type = header_of(headers, "Content-Type");
    if (const std::string_view digest = header_of(headers, "Repr-Digest"); !digest.empty()) {
      TT_ASSIGN(order.expected_sha, parse_repr_digest(digest));
    }
    order.idempotency_key = key_of_file(order_.idempotency_key, files_.size());
    FilePart& file = files_.emplace_back(FilePart{order.file_name, nullptr, std::nullopt});
    auto upload = PhotoUpload::start(upload_services(api_), std::move(order));
    if (upload) {
      file.upload = std::move(*upload);
    } else {
      give_up(file, upload.error());
    }
    return {};
  }

  Status set_field() {
    if (field_ == "recipe") {
      TT_ASSIGN(order_.recipe, recipe_named(text_, api_.recipes));
    } else if (field_ == "class") {
      TT_ASSIGN(order_.job_class, word_named("class", text_, parse_job_class));
    } else if (field_ == "batch") {
      if (!text_.empty() && !is_valid_owner(text_))
        return fail(ErrorCode::kInvalidArgument, "batch must be up to 64 letters, digits, '-' and '_'");
      order_.batch = text_;
    } else {
      return fail(ErrorCode::kInvalidArgument,
                  std::format("the field '{}' is not known; the fields are {}, and files", field_, kFields));
    }
    return {};
  }

  Status whole_status() {
    TT_TRY(parser_.finish());
    if (files_.empty()) return fail(ErrorCode::kInvalidArgument, "the body holds no file");
    if (whole_body_ && body_sha_.finish() != *whole_body_)
      return fail(ErrorCode::kInvalidArgument, "the body is not what its Content-Digest says; send it again");
    return {};
  }

  static void give_up(FilePart& file, const Error& error) {
    file.upload.reset();
    file.error = error;
  }

  std::optional<http::Response> answer_if_failed(const Status& status) {
    if (status) return {};
    files_.clear();
    return problem_response(status.error());
  }

  http::Response answer() {
    Json photos = Json::array();
    int created = 0, failed = 0;
    std::optional<Problem> first;
    for (FilePart& file : files_) {
      Json entry = {{"name", file.name}};
      std::optional<UploadReceipt> receipt;
      if (file.upload) {
        auto made = file.upload->finish();
        if (made) {
          receipt = std::move(*made);
        } else {
          give_up(file, made.error());
        }
      }
      if (receipt) {
        entry["status"] = receipt->existed ? 200 : 201;
        entry.update(to_json_value(*receipt));
        created += receipt->existed ? 0 : 1;
      } else {
        Problem problem = upload_problem(*file.error, api_.services.log);
        entry["status"] = problem.status.value_or(http_status(file.error->code));
        entry["problem"] = to_json_value(problem);
        if (failed++ == 0) first = std::move(problem);
      }
      photos.push_back(std::move(entry));
    }
    // Nothing was taken: whoever looks at the status alone must see that.
    if (std::cmp_equal(failed, files_.size())) return problem_response(*first);
    return json_answer(failed > 0 ? 207 : created > 0 ? 201 : 200, {{"photos", std::move(photos)}});
  }

  Api& api_;
  UploadOrder order_;
  const std::optional<Sha256> whole_body_;
  Sha256Stream body_sha_;
  http::MultipartParser parser_;
  std::vector<FilePart> files_;
  bool in_file_ = false;
  std::string field_;
  std::string text_;
};

}  // namespace

Result<http::Begun> begin_multipart_upload(const Call& call, UploadOrder order) {
  TT_ASSIGN(const std::string boundary, http::multipart_boundary(order.content_type));
  if (!order.file_name.empty())
    return fail(ErrorCode::kInvalidArgument, "a form's files have names of their own; leave the parameter name out");
  return std::unique_ptr<http::BodySink>(std::make_unique<MultipartUpload>(call.api, std::move(order), boundary));
}

}  // namespace tintype
