// The part of RadosBlobs that lists every blob.
#include <algorithm>
#include <format>

#include "storage_client/checks.h"
#include "storage_client/embedded/byte_order.h"
#include "storage_client/embedded/checksum.h"
#include "storage_client/page_cursor.h"
#include "storage_client/rados/rados_blobs.h"
#include "storage_client/rados/scan.h"

namespace tintype::rados {
namespace {

constexpr std::uint64_t kObjects = 64;
constexpr UnixMs kOlderThanAnyWriteMs = 60 * 60 * 1000;
constexpr int kNotesAList = 64;

std::string object(std::uint64_t number) { return std::format("catalogue.{}", number); }
std::uint64_t number_of(const std::string& bundle) { return embedded::checksum(as_bytes(bundle)) % kObjects; }

}  // namespace

Status RadosBlobs::enter_in_catalogue(const std::string& bundle, Deadline deadline) {
  std::string value;
  embedded::append(value, sortable_ms(clock_.now_ms()));
  embedded::append(value, new_token());
  Write write;
  write.create = true;
  write.set = {{bundle, value}};
  TT_TRY(catalogue_.write(object(number_of(bundle)), std::move(write), deadline));
  return {};
}

// Of a bundle that is gone, unless it was entered so recently that it may be about to be made.
void RadosBlobs::forget_bundle(const std::string& bundle, const std::string& catalogued, Deadline deadline) {
  const UnixMs entered_ms = ms_from_sortable(embedded::ByteReader(catalogued).number<std::uint64_t>());
  if (clock_.now_ms() - entered_ms < kOlderThanAnyWriteMs) return;
  Write write;
  write.expect = {{bundle, catalogued}};
  write.erase = {bundle};
  if (!catalogue_.write(object(number_of(bundle)), std::move(write), deadline)) return;
}

Status RadosBlobs::list_bundle(const std::string& bundle, const std::string& after_entry, std::size_t limit,
                               BlobListing& listing, bool& exists, Deadline deadline) {
  auto name = parse_bundle_name(bundle);
  if (!name)
    return fail(ErrorCode::kCorruptData, std::format("blob catalogue: {} is no bundle's name, run a scrub", bundle));
  exists = !after_entry.empty();
  Scan scan(bundles_, bundle, {after_entry, kEntryPrefix, ""}, limit + 1, deadline);
  while (true) {
    TT_ASSIGN(const auto* row, scan.peek());
    if (!row) return {};
    exists = true;
    if (listing.blobs.size() == limit) {
      listing.next = listing.blobs.back().first.to_string();
      return {};
    }
    BlobKey key = *name;
    const auto entry = decode_entry(row->second);
    if (!entry || !parse_entry_key(row->first, key)) {
      return fail(ErrorCode::kCorruptData,
                  std::format("blobs of {}: the directory cannot be read, restore it from a backup", bundle));
    }
    listing.blobs.emplace_back(std::move(key), entry->info());
    scan.next();
  }
}

Result<BlobListing> RadosBlobs::list(const std::string& after, int limit) {
  TT_TRY(check_page_limit(limit));
  std::optional<BlobKey> last;
  if (!after.empty()) {
    TT_ASSIGN(last, BlobKey::parse(after));
  } else {
    // A sweep begins: the time to give back what removed blobs took.
    const Status collected = chunks_.collect(kNotesAList, [&](const BlobKey& key, std::uint64_t token) -> Result<bool> {
      TT_ASSIGN(const auto entry, entry_of(key, bundles_.deadline()));
      return entry && entry->is_chunked() && entry->token == token;
    });
    if (!collected) log_.warning("blob_trash_failed", {{"error", collected.error().to_string()}});
  }
  const Deadline deadline = bundles_.deadline();
  const auto wanted = static_cast<std::size_t>(limit);
  BlobListing listing;
  std::uint64_t number = 0;
  std::string after_bundle;
  bool exists = false;
  if (last) {
    after_bundle = bundle_name(last->owner, last->photo);
    number = number_of(after_bundle);
    TT_TRY(list_bundle(after_bundle, entry_key(*last), wanted, listing, exists, deadline));
  }
  for (; number < kObjects && listing.next.empty(); ++number) {
    Scan scan(catalogue_, object(number), {std::exchange(after_bundle, {}), "", ""}, wanted + 1, deadline);
    while (listing.next.empty()) {
      TT_ASSIGN(const auto* row, scan.peek());
      if (!row) break;
      TT_TRY(list_bundle(row->first, "", wanted, listing, exists, deadline));
      if (!exists) forget_bundle(row->first, row->second, deadline);
      scan.next();
    }
  }
  return listing;
}

}  // namespace tintype::rados
