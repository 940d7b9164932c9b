# Writes OUT, a C++ file that defines `const std::string_view NAME` (declared in HEADER) as the bytes of FILE. Every byte is
# written as an escape, so that no character can mean anything to the compiler.
file(READ "${FILE}" hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR bytes "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${hex}")
string(REGEX REPLACE "(................................................................................................................................)" "\\1\"\n    \"" escaped "${escaped}")
file(WRITE "${OUT}" "#include \"${HEADER}\"\n\nnamespace tintype {\n\nconst std::string_view ${NAME}(\n    \"${escaped}\", ${bytes});\n\n}  // namespace tintype\n")
