// Rows that hold a number, and to which changes are added: who changes one need not read it first.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <rocksdb/merge_operator.h>

namespace tintype::embedded {

std::string encode_number(std::int64_t number);
std::optional<std::int64_t> decode_number(std::string_view value);

// Of a family with such rows: a merge is an addition.
std::shared_ptr<rocksdb::MergeOperator> make_adding_operator();

}  // namespace tintype::embedded
