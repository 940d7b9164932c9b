# Writes OUT, which defines kOpenClFiles (kernels/opencl/embedded.h) as the FILES (separated by blanks) of ROOT. Every byte is an
# escape, so that no character can mean anything to the compiler.
separate_arguments(FILES)
set(entries "")
foreach(file IN LISTS FILES)
  file(READ "${ROOT}/${file}" hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR bytes "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${hex}")
  string(REGEX REPLACE "(................................................................................................................................)" "\\1\"\n     \"" escaped "${escaped}")
  string(APPEND entries "    {\"${file}\", std::string_view(\"${escaped}\", ${bytes})},\n")
endforeach()
file(WRITE "${OUT}" "#include \"kernels/opencl/embedded.h\"\n\nnamespace tintype {\nnamespace {\n\nconstexpr EmbeddedFile kFiles[] = {\n${entries}};\n\n}  // namespace\n\nconst std::span<const EmbeddedFile> kOpenClFiles(kFiles);\n\n}  // namespace tintype\n")
