// Text from outside (file names, error messages of a farm) made fit to show.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tintype {

bool is_valid_utf8(std::string_view text);

// Bytes that are not UTF-8 become U+FFFD, one each. Valid text is unchanged.
std::string to_valid_utf8(std::string_view text);

// For a terminal: valid UTF-8 without control characters (each becomes U+FFFD), so that a file name cannot
// move the cursor, forge a line or turn the text around.
std::string printable(std::string_view text);

// Columns that valid UTF-8 takes on a terminal: wide East Asian characters and emoji are 2, combining marks
// 0.
std::size_t display_width(std::string_view text);

// At most `columns` wide, the end replaced by "…" if need be: the start of a sentence tells the most.
std::string clipped(std::string_view text, std::size_t columns);

// At most `columns` wide, the middle replaced by "…" if need be: the ends of a path tell the most.
std::string shortened(std::string_view text, std::size_t columns);

}  // namespace tintype
