# Writes OUT, a C++ file that holds page.html, page.css and page.js of FOLDER as the constants of page_parts.h.
# Every byte is written as an escape, so that no character of theirs can mean anything to the compiler.
set(text "#include \"cli/report/page_parts.h\"\n\nnamespace tintype {\n\n")
foreach(part Html Css Js)
  string(TOLOWER ${part} extension)
  file(READ "${FOLDER}/page.${extension}" hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR bytes "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${hex}")
  string(REGEX REPLACE "(................................................................................................................................)" "\\1\"\n    \"" escaped "${escaped}")
  string(APPEND text "const std::string_view kPage${part}(\n    \"${escaped}\", ${bytes});\n\n")
endforeach()
string(APPEND text "}  // namespace tintype\n")
file(WRITE "${OUT}" "${text}")
