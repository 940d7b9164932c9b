// MonthTally: the counts of months that some light rows come to, as rows of their object.
#pragma once

#include <map>

#include "storage_client/month.h"
#include "storage_client/rados/index_rows.h"

namespace tintype::rados {

class MonthTally {
 public:
  void add(const LightRow& row) {
    ++counts_[month_key(ListOrder::kUploaded, month_of(row.photo.time_ms()))];
    ++counts_[month_key(ListOrder::kTaken, month_of(row.taken_at_ms))];
  }

  Rows rows() const {
    Rows rows;
    for (const auto& [key, photos] : counts_) rows.emplace_back(key, std::to_string(photos));
    return rows;
  }

 private:
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace tintype::rados
