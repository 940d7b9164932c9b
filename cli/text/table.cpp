#include "cli/text/table.h"

#include <algorithm>
#include <utility>

#include "cli/text/utf8.h"

namespace tintype {
namespace {

constexpr int kGap = 2;

std::string padded(const std::string& text, std::size_t width, Align align) {
  const std::string blanks(width - std::min(width, display_width(text)), ' ');
  return align == Align::kRight ? blanks + text : text + blanks;
}

void end_line(std::string& out) {
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
}

}  // namespace

void Table::add_row(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = printable(cell);
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

void Table::add_rule() { rows_.emplace_back(); }

std::string Table::to_string(int indent) const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = display_width(columns_[i].title);
    for (const auto& row : rows_) {
      if (!row.empty()) width = std::max(width, display_width(row[i]));
    }
    widths.push_back(width);
  }
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  const std::string gap(kGap, ' ');
  std::string out;
  const auto add_line = [&](auto cell) {
    out += margin;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) out += gap;
      out += padded(cell(i), widths[i], columns_[i].align);
    }
    end_line(out);
  };
  add_line([&](std::size_t i) { return columns_[i].title; });
  for (const auto& row : rows_) {
    if (row.empty()) {
      std::size_t total = kGap * (widths.size() - 1);
      for (const std::size_t width : widths) total += width;
      out += margin;
      for (std::size_t i = 0; i < total; ++i) out += "─";
      out += '\n';
      continue;
    }
    add_line([&](std::size_t i) { return row[i]; });
  }
  return out;
}

}  // namespace tintype
