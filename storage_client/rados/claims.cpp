#include "storage_client/rados/claims.h"

#include <format>

#include "core/base/digest.h"

namespace tintype::rados {
namespace {

struct Place {
  std::string object;
  std::string row;
};

Place place_of(const std::string& owner, const std::string& key) {
  std::string digest = to_hex(sha256(as_bytes(key)));
  return {std::format("{}.{}", owner, digest.substr(0, 2)), std::move(digest)};
}

}  // namespace

Result<std::optional<PhotoId>> Claims::holder(const std::string& owner, const std::string& key, Deadline deadline) {
  const Place place = place_of(owner, key);
  Read read;
  read.keys = {place.row};
  TT_ASSIGN(const ReadAnswer answer, keys_.read(place.object, std::move(read), deadline));
  const std::string text = answer.row(place.row);
  if (text.empty()) return std::nullopt;
  TT_ASSIGN(const PhotoId photo, PhotoId::parse(text));
  return photo;
}

Result<bool> Claims::change(const std::string& owner, const std::string& key, std::optional<PhotoId> before,
                            PhotoId after, Deadline deadline) {
  const Place place = place_of(owner, key);
  Write write;
  write.create = true;
  write.expect = {{place.row, before ? before->to_string() : ""}};
  write.set = {{place.row, after.to_string()}};
  TT_ASSIGN(const WriteAnswer answer, keys_.write(place.object, std::move(write), deadline));
  if (answer.applied) return true;
  // Refused for what an earlier sending of it did.
  TT_ASSIGN(const auto now, holder(owner, key, deadline));
  return now == after;
}

void Claims::release(const std::string& owner, const std::string& key, PhotoId photo, Deadline deadline) {
  const Place place = place_of(owner, key);
  Write write;
  write.expect = {{place.row, photo.to_string()}};
  write.erase = {place.row};
  if (!keys_.write(place.object, std::move(write), deadline)) return;
}

}  // namespace tintype::rados
