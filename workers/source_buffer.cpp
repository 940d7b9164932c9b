#include "workers/source_buffer.h"

#include "workers/shared_memory.h"

namespace tintype {

SourceBuffer::~SourceBuffer() = default;

Result<std::shared_ptr<const SourceBuffer>> SourceBuffer::create(
    std::uint64_t size, const std::function<Status(std::span<std::uint8_t>)>& fill) {
  std::shared_ptr<SourceBuffer> buffer(new SourceBuffer);
  TT_ASSIGN(buffer->fd_, make_shared_memory("tintype-source", size));
  buffer->size_ = size;
  {
    TT_ASSIGN(const Mapping mapping, Mapping::map(buffer->fd(), size, Mapping::Access::kReadWrite));
    TT_TRY(fill(mapping.bytes()));
  }
  if (!seal_for_good(buffer->fd())) {
    return fail(ErrorCode::kInternal, "a photo's shared memory is still mapped writable after it was filled");
  }
  return buffer;
}

}  // namespace tintype
