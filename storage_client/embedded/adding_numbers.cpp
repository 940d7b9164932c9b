#include "storage_client/embedded/adding_numbers.h"

#include "storage_client/embedded/byte_order.h"

namespace tintype::embedded {
namespace {

class Adding final : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const rocksdb::Slice&, const rocksdb::Slice* existing, const rocksdb::Slice& value, std::string* sum,
             rocksdb::Logger*) const override {
    const auto before = existing ? decode_number(existing->ToStringView()) : 0;
    const auto change = decode_number(value.ToStringView());
    if (!before || !change) return false;
    *sum = encode_number(*before + *change);
    return true;
  }
  const char* Name() const override { return "tintype.adding"; }
};

}  // namespace

std::string encode_number(std::int64_t number) {
  std::string value;
  append(value, static_cast<std::uint64_t>(number));
  return value;
}

std::optional<std::int64_t> decode_number(std::string_view value) {
  ByteReader in(value);
  const auto number = static_cast<std::int64_t>(in.number<std::uint64_t>());
  return in.ok_and_done() ? std::optional(number) : std::nullopt;
}

std::shared_ptr<rocksdb::MergeOperator> make_adding_operator() { return std::make_shared<Adding>(); }

}  // namespace tintype::embedded
