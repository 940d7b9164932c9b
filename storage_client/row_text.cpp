#include "storage_client/row_text.h"

#include "core/base/digest.h"
#include "core/job/json_fields.h"
#include "storage_client/embedded/rows.h"

namespace tintype {
namespace {

constexpr ErrorCode kWrong = ErrorCode::kInvalidArgument;
constexpr std::size_t kMaxBytes = 32 << 20;

std::string hex_of(const std::string& bytes) { return to_hex(as_bytes(bytes)); }

Result<std::string> bytes_of(std::string_view hex) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    const int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return fail(kWrong, "a row is no hex");
    bytes += static_cast<char>(high << 4 | low);
  }
  if (hex.size() % 2 != 0) return fail(kWrong, "a row is no hex");
  return bytes;
}

std::string light_text(const LightRow& row) {
  return hex_of(embedded::encode(embedded::LightRecord{row, std::nullopt}));
}

Result<LightRow> parse_light(std::string_view id, std::string_view hex) {
  TT_ASSIGN(const PhotoId photo, PhotoId::parse(id));
  TT_ASSIGN(const std::string bytes, bytes_of(hex));
  auto record = embedded::decode_light(photo, bytes);
  if (!record)
    return fail(ErrorCode::kUnsupported, "a row is of a newer version than this program knows: use the farm's");
  return std::move(record->row);
}

std::string text_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string to_text(const ListPage& page) {
  Json rows = Json::array();
  for (const LightRow& row : page.rows) rows.push_back({row.photo.to_string(), light_text(row)});
  return dump_json({{"rows", std::move(rows)}, {"next", page.next}});
}

Result<ListPage> parse_list_page(std::string_view text) {
  TT_ASSIGN(const Json json, parse_json_object(text, "list", kMaxBytes, kWrong));
  ListPage page;
  page.next = text_at(json, "next");
  const auto rows = json.find("rows");
  if (rows == json.end() || !rows->is_array()) return fail(kWrong, "list.rows must be an array");
  for (const Json& row : *rows) {
    if (!row.is_array() || row.size() != 2 || !row[0].is_string() || !row[1].is_string())
      return fail(kWrong, "list.rows must hold pairs of texts");
    TT_ASSIGN(LightRow light, parse_light(row[0].get_ref<const std::string&>(), row[1].get_ref<const std::string&>()));
    page.rows.push_back(std::move(light));
  }
  return page;
}

std::string to_text(const Photo& photo) {
  return dump_json({{"id", photo.light.photo.to_string()},
                    {"light", light_text(photo.light)},
                    {"heavy", hex_of(embedded::encode_heavy(photo.heavy, to_json(photo.heavy.job)))},
                    {"manifest", to_json(photo.heavy.manifest)}});
}

Result<Photo> parse_photo(std::string_view text) {
  TT_ASSIGN(const Json json, parse_json_object(text, "photo", kMaxBytes, kWrong));
  Photo photo;
  TT_ASSIGN(photo.light, parse_light(text_at(json, "id"), text_at(json, "light")));
  TT_ASSIGN(const std::string bytes, bytes_of(text_at(json, "heavy")));
  auto heavy = embedded::decode_heavy(bytes);
  if (!heavy)
    return fail(ErrorCode::kUnsupported, "a row is of a newer version than this program knows: use the farm's");
  photo.heavy = *std::move(heavy);
  TT_ASSIGN(photo.heavy.manifest, parse_manifest(text_at(json, "manifest")));
  photo.heavy.manifest.revision = photo.light.revision;
  return photo;
}

}  // namespace tintype
