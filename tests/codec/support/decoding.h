// probe() and decode() in one step, for tests that expect them to work.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "codec/decode.h"
#include "codec/probe.h"

namespace tintype::testing {

inline Result<Decoded> probe_and_decode(ByteView file, const DecodeOptions& options = {}) {
  TT_ASSIGN(const SourceInfo info, probe(file));
  return decode(file, info, options);
}

inline Decoded must_decode(ByteView file, const DecodeOptions& options = {}) {
  Result<Decoded> decoded = probe_and_decode(file, options);
  EXPECT_TRUE(decoded) << (decoded ? "" : decoded.error().to_string());
  return decoded ? std::move(*decoded) : Decoded{Image::allocate(1, 1, 3), {}, {}};
}

// The error's code; ok decodes fail the test.
inline ErrorCode refusal_of(ByteView file, const DecodeOptions& options = {}) {
  const Result<Decoded> decoded = probe_and_decode(file, options);
  EXPECT_FALSE(decoded) << "it decoded";
  return decoded ? ErrorCode::kInternal : decoded.error().code;
}

inline bool warns_of(const Decoded& decoded, std::string_view words) {
  for (const std::string& warning : decoded.warnings)
    if (warning.find(words) != std::string::npos) return true;
  return false;
}

}  // namespace tintype::testing
