// Table: rows of text in columns that line up, by display width.
#pragma once

#include <string>
#include <vector>

namespace tintype {

enum class Align { kLeft, kRight };

class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Cells beyond the columns are an error of the caller's; missing ones are empty. Made printable.
  void add_row(std::vector<std::string> cells);
  // A line between the rows before and after.
  void add_rule();
  bool empty() const { return rows_.empty(); }

  // Each line ends in a newline and starts with `indent` blanks; no trailing blanks.
  std::string to_string(int indent = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // an empty row is a rule
};

}  // namespace tintype
