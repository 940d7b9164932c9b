#include "storage_client/embedded/embedded_writer.h"

namespace tintype::embedded {
namespace {

constexpr std::uint64_t kSpaceCheckBytes = 16ull << 20;  // a stream of unknown length asks again this often

}  // namespace

Status EmbeddedWriter::write(ByteView piece) {
  if (!file_ && store_.is_small(held_.size() + piece.size())) {
    held_.insert(held_.end(), piece.begin(), piece.end());
    return {};
  }
  if (!file_) TT_TRY(spill());
  if (file_->size() >= next_check_) {
    TT_TRY(store_.check_space(piece.size()));
    next_check_ = file_->size() + kSpaceCheckBytes;
  }
  return file_->write(piece);
}

Status EmbeddedWriter::spill() {
  TT_ASSIGN(NewFile file, store_.files_.start());
  file_.emplace(std::move(file));
  TT_TRY(file_->write(held_));
  held_ = {};
  return {};
}

Result<BlobInfo> EmbeddedWriter::commit() {
  return file_ ? store_.commit_large(key_, *file_) : store_.commit_small(key_, held_);
}

}  // namespace tintype::embedded
