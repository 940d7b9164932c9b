// The page's fixed parts: page.html, page.css and page.js as they are in this folder, put in at build time.
#pragma once

#include <string_view>

namespace tintype {

extern const std::string_view kPageHtml;
extern const std::string_view kPageCss;
extern const std::string_view kPageJs;

}  // namespace tintype
