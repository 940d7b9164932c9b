#include "storage_client/blob_store.h"

#include <charconv>
#include <format>

#include "storage_client/checks.h"

namespace tintype {
namespace {

std::unexpected<Error> bad_key(std::string_view why) {
  return fail(ErrorCode::kInvalidArgument, std::format("blob key: {}, expected owner/photo/generation/part", why));
}

Result<std::uint32_t> parse_generation(std::string_view text) {
  std::uint32_t generation = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), generation);
  const bool padded = text.size() > 1 && text.front() == '0';
  if (error != std::errc() || end != text.data() + text.size() || padded) {
    return bad_key("its generation is not a whole number below 2^32");
  }
  return generation;
}

}  // namespace

std::string BlobKey::to_string() const {
  return std::format("{}/{}/{}/{}", owner, photo.to_string(), generation, part);
}

Result<BlobKey> BlobKey::parse(std::string_view text) {
  std::string_view fields[4];
  for (int i = 0; i < 3; ++i) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return bad_key("it has fewer than four fields");
    fields[i] = text.substr(0, slash);
    text.remove_prefix(slash + 1);
  }
  fields[3] = text;
  BlobKey key;
  key.owner = fields[0];
  TT_ASSIGN(key.photo, PhotoId::parse(fields[1]));
  TT_ASSIGN(key.generation, parse_generation(fields[2]));
  key.part = fields[3];
  TT_TRY(check_key(key));
  return key;
}

Result<Bytes> read_blob(BlobStore& store, const BlobKey& key, std::uint64_t max_bytes) {
  TT_ASSIGN(auto reader, store.open(key));
  const std::uint64_t size = reader->size();
  if (size > max_bytes) {
    return fail(ErrorCode::kImageTooLarge,
                std::format("blob {}: {} bytes, the limit here is {}", key.to_string(), size, max_bytes));
  }
  Bytes bytes(size);
  std::uint64_t done = 0;
  while (done < size) {
    TT_ASSIGN(const std::size_t got, reader->read(done, bytes.mutable_view().subspan(done)));
    if (got == 0) {
      return fail(
          ErrorCode::kCorruptData,
          std::format("blob {}: ends after {} of its {} bytes, restore it from a backup", key.to_string(), done, size));
    }
    done += got;
  }
  return bytes;
}

}  // namespace tintype
