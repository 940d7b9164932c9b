// toml++ is set up as in core/job/recipe_toml.cpp, which says why: one program must not hold two of it.
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.hpp>

#include <algorithm>
#include <format>
#include <fstream>
#include <iterator>

#include "cli/hooks_file.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;

// Reads the keys of one table, and keeps the first thing wrong with it.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string name) : table_(table), name_(std::move(name)) {}

  void allow_only(std::initializer_list<std::string_view> keys) {
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(keys, key.str()) == keys.end()) refuse(key.source(), key.str(), "is unknown");
    }
  }

  // The text, or `out` as it is.
  void text(std::string_view key, std::string& out) {
    const toml::node* node = table_.get(key);
    if (!node) return;
    if (const auto value = node->value_exact<std::string>()) {
      out = *value;
    } else {
      refuse(node->source(), key, "must be a text in quotes");
    }
  }
  void needed(std::string_view key, std::string& out) {
    text(key, out);
    if (out.empty()) refuse(table_.source(), key, "is missing");
  }
  void boolean(std::string_view key, bool& out) {
    const toml::node* node = table_.get(key);
    if (!node) return;
    if (const auto value = node->value_exact<bool>()) {
      out = *value;
    } else {
      refuse(node->source(), key, "must be true or false");
    }
  }

  // Each text of an array, read by `parse`.
  template <typename T>
  void list(std::string_view key, Result<T> (*parse)(std::string_view), std::vector<T>& out) {
    const toml::node* node = table_.get(key);
    if (!node) return;
    const toml::array* array = node->as_array();
    if (!array) return refuse(node->source(), key, "must be a list of texts: [\"...\"]");
    for (const toml::node& item : *array) {
      const auto value = item.value_exact<std::string>();
      if (!value) return refuse(item.source(), key, "must hold texts in quotes");
      auto parsed = parse(*value);
      if (!parsed) return refuse(item.source(), key, parsed.error().message);
      out.push_back(std::move(*parsed));
    }
  }
  template <typename T>
  void word(std::string_view key, Result<T> (*parse)(std::string_view), T& out) {
    std::string value;
    text(key, value);
    if (value.empty()) return;
    auto parsed = parse(value);
    if (!parsed) return refuse(table_.get(key)->source(), key, parsed.error().message);
    out = std::move(*parsed);
  }

  void refuse(const toml::source_region& where, std::string_view key, std::string_view why) {
    if (status_)
      status_ = fail(ErrorCode::kInvalidArgument, std::format("line {}: {}{} {}", where.begin.line, name_, key, why));
  }
  void refuse(std::string_view key, std::string_view why) { refuse(table_.source(), key, why); }
  const Status& status() const { return status_; }

 private:
  const toml::table& table_;
  const std::string name_;
  Status status_;
};

void read_photos(TableReader& in, HookedPhotos& photos) {
  in.text("owner", photos.owner);
  if (!is_client_owner(photos.owner)) in.refuse("owner", "must be 1 to 64 letters, digits, '-' and '_', not '_' first");
  in.text("recipe", photos.recipe);
  in.word("class", parse_job_class, photos.job_class);
  in.text("batch", photos.batch);
  if (!photos.batch.empty() && !is_valid_owner(photos.batch))
    in.refuse("batch", "must be up to 64 letters, digits, '-' and '_'");
}

Result<std::string> first_line_of(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  if (!in || !std::getline(in, line) || line.empty())
    return fail(ErrorCode::kInvalidArgument,
                std::format("{} cannot be read or is empty; put the secret key there", path));
  return line;
}

Status read_credentials(TableReader& in, S3Source& source) {
  AwsCredentials aws;
  std::string file;
  in.text("region", aws.region);
  in.text("access_key", aws.access_key);
  in.text("secret_key", aws.secret_key);
  in.text("secret_key_file", file);
  TT_TRY(in.status());
  if (!file.empty()) {
    TT_ASSIGN(aws.secret_key, first_line_of(file));
  }
  if (aws.access_key.empty() != aws.secret_key.empty()) in.refuse("access_key", "and a secret key go together");
  if (aws.access_key.contains(':')) in.refuse("access_key", "must not hold a ':'");
  if (!aws.access_key.empty()) source.credentials = std::move(aws);
  return in.status();
}

Result<S3Source> read_s3(const toml::table& table, std::size_t number) {
  TableReader in(table, std::format("s3 {}: ", number));
  in.allow_only({"bucket", "endpoint", "prefix", "region", "access_key", "secret_key", "secret_key_file",
                 "allow_networks", "owner", "owner_is_first_folder", "recipe", "class", "batch"});
  S3Source source;
  std::string endpoint;
  in.needed("bucket", source.bucket);
  in.needed("endpoint", endpoint);
  in.word("endpoint", FetchUrl::parse, source.endpoint);
  in.text("prefix", source.prefix);
  in.list("allow_networks", Network::parse, source.networks);
  in.boolean("owner_is_first_folder", source.owner_is_first_folder);
  read_photos(in, source.photos);
  TT_TRY(read_credentials(in, source));
  return source;
}

Result<HooksConfig> parse_hooks(std::string_view text) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("line {}: {}", parsed.error().source().begin.line, parsed.error().description()));
  }
  const toml::table& root = parsed.table();
  TableReader top(root, "");
  top.allow_only({"s3", "tus", "urls"});
  TT_TRY(top.status());
  HooksConfig config;
  if (const toml::node* node = root.get("s3")) {
    if (!node->is_array_of_tables()) return fail(ErrorCode::kInvalidArgument, "s3 must be tables: [[s3]]");
    for (std::size_t i = 0; i < node->as_array()->size(); ++i) {
      TT_ASSIGN(config.s3.emplace_back(), read_s3(*node->as_array()->get_as<toml::table>(i), i + 1));
    }
  }
  if (const toml::table* table = root.get_as<toml::table>("tus")) {
    TableReader in(*table, "tus: ");
    in.allow_only({"folder", "owner", "recipe", "class", "batch"});
    TusdSource& tusd = config.tusd.emplace();
    in.text("folder", tusd.folder);
    while (tusd.folder.ends_with('/')) tusd.folder.pop_back();
    read_photos(in, tusd.photos);
    TT_TRY(in.status());
  }
  if (const toml::table* table = root.get_as<toml::table>("urls")) {
    TableReader in(*table, "urls: ");
    in.allow_only({"allow", "allow_networks"});
    in.list("allow", FetchUrl::parse, config.url_prefixes);
    in.list("allow_networks", Network::parse, config.url_networks);
    TT_TRY(in.status());
  }
  return config;
}

}  // namespace

Result<HooksConfig> read_hooks_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in || text.size() > kMaxFileBytes)
    return fail(ErrorCode::kInvalidArgument, std::format("{}: cannot be read, or is over 1 MiB", path));
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return fail(ErrorCode::kInvalidArgument, std::format("{}: holds letters that are not ASCII; leave them out", path));
  auto config = parse_hooks(text);
  if (!config) return fail(config.error().code, std::format("{}: {}", path, config.error().message));
  return config;
}

}  // namespace tintype
