#include "core/job/json_fields.h"

namespace tintype {
namespace {

// If brackets outside of strings nest deeper than `limit`. Right for JSON; what is no JSON the parser
// refuses.
bool is_deeper_than(std::string_view text, int limit) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limit) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<Json> parse_json_object(std::string_view text, std::string_view what, std::size_t max_bytes, ErrorCode code) {
  if (text.size() > max_bytes) {
    return fail(code, std::format("{}: {} bytes of JSON, at most {} are taken", what, text.size(), max_bytes));
  }
  if (is_deeper_than(text, kMaxJsonDepth)) {
    return fail(code, std::format("{}: the JSON nests deeper than {}", what, kMaxJsonDepth));
  }
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return fail(code, std::format("{}: not valid JSON", what));
  if (!json.is_object()) return fail(code, std::format("{}: must be a JSON object", what));
  return json;
}

std::string dump_json(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

Status check_schema(const Json& object, std::string_view what, int known, ErrorCode code) {
  int schema = 0;
  FieldReader in(object, std::string(what), code);
  in.read("schema", schema, 1, std::numeric_limits<int>::max());
  TT_TRY(in.status());
  if (schema > known) {
    return fail(ErrorCode::kUnsupported,
                std::format("{}: written in schema {}, this program knows {}; update it", what, schema, known));
  }
  return {};
}

Json error_to_json(const Error& error) { return {{"code", error_name(error.code)}, {"message", error.message}}; }

FieldReader::FieldReader(const Json& json, std::string path, ErrorCode code)
    : json_(json), path_(std::move(path)), code_(code) {
  if (!json.is_object()) status_ = fail(code, std::format("{}: must be an object", path_));
}

bool FieldReader::has(std::string_view key) const {
  const auto field = json_.find(key);
  return field != json_.end() && !field->is_null();
}

bool FieldReader::holds_text(std::string_view key) const {
  const auto field = json_.find(key);
  return field != json_.end() && field->is_string();
}

const Json* FieldReader::need(std::string_view key) {
  if (!status_) return nullptr;
  const auto field = json_.find(key);
  if (field == json_.end()) {
    refuse(key, "is missing");
    return nullptr;
  }
  return &*field;
}

const Json* FieldReader::need_array(std::string_view key, std::size_t max_items) {
  const Json* field = need(key);
  if (!field) return nullptr;
  if (!field->is_array() || field->size() > max_items) {
    refuse(key, std::format("must be an array of at most {} items", max_items));
    return nullptr;
  }
  return field;
}

void FieldReader::refuse(std::string_view key, std::string_view message) {
  if (status_) status_ = fail(code_, std::format("{}.{} {}", path_, key, message));
}

void FieldReader::read(std::string_view key, bool& out) {
  const Json* field = need(key);
  if (!field) return;
  if (!field->is_boolean()) return refuse(key, "must be true or false");
  out = field->get<bool>();
}

void FieldReader::read(std::string_view key, double& out) {
  const Json* field = need(key);
  if (!field) return;
  if (!field->is_number() || !std::isfinite(field->get<double>())) return refuse(key, "must be a number");
  out = field->get<double>();
}

void FieldReader::read(std::string_view key, std::string& out) {
  const Json* field = need(key);
  if (!field) return;
  if (!field->is_string()) return refuse(key, "must be a string");
  out = field->get_ref<const std::string&>();
}

void FieldReader::read(std::string_view key, SortableId& out) {
  std::string text;
  read(key, text);
  if (!status_) return;
  auto id = SortableId::parse(text);
  if (!id) return refuse(key, id.error().message);
  out = *id;
}

void FieldReader::read(std::string_view key, Error& out) {
  read_object(key, out, [](FieldReader& in) {
    std::string name;
    Error error;
    in.read("code", name);
    in.read("message", error.message);
    error.code = error_code_from_name(name);
    return error;
  });
}

void FieldReader::read_seconds(std::string_view key, double& out) {
  const Json* field = need(key);
  if (!field) return;
  if (field->is_null()) {
    out = std::numeric_limits<double>::infinity();
    return;
  }
  read(key, out);
}

void FieldReader::read_time(std::string_view key, UnixMs& out) { read(key, out, 0, kMaxJsonTimeMs); }

void FieldReader::read(std::string_view key, std::vector<std::string>& out, std::size_t max_items) {
  const Json* field = need_array(key, max_items);
  if (!field) return;
  out.clear();
  for (const Json& item : *field) {
    if (!item.is_string()) return refuse(key, "must hold strings only");
    out.push_back(item.get<std::string>());
  }
}

}  // namespace tintype
