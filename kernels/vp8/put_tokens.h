// Tokens into one partition, or into two at once: the coder is one long chain of small steps, and two chains side by
// side take little longer than one.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/vp8/bool_writer.h"
#include "kernels/vp8/token_list.h"

namespace tintype::vp8 {

// Some tokens and the partition that they go to.
struct TokenStream {
  BoolWriter* out;
  const Token* token;
  const Token* end;
};

// All tokens of both; the second may have none, and then no partition either. `probs`: kTokenProbs of them.
using PutTokens = void (*)(TokenStream first, TokenStream second, const std::uint8_t* probs);

namespace detail {

[[gnu::always_inline]] inline void put_one(TokenStream stream, const std::uint8_t* probs) {
  if (stream.token == stream.end) return;
  BoolWriter::Code code = stream.out->code();  // in registers: bytes that are written could be anything
  for (; stream.token != stream.end; ++stream.token) {
    code.put((*stream.token & 1) != 0, probs[*stream.token >> 1]);
    if (code.is_full()) code = stream.out->take(code);
  }
  stream.out->take(code);
}

}  // namespace detail

[[gnu::always_inline]] inline void put_tokens_inline(TokenStream first, TokenStream second, const std::uint8_t* probs) {
  const std::ptrdiff_t both = std::min(first.end - first.token, second.end - second.token);
  if (both > 0) {
    BoolWriter::Code a = first.out->code(), b = second.out->code();
    for (std::ptrdiff_t i = 0; i < both; ++i) {
      const Token of_a = first.token[i], of_b = second.token[i];
      a.put((of_a & 1) != 0, probs[of_a >> 1]);
      b.put((of_b & 1) != 0, probs[of_b >> 1]);
      if (a.is_full()) a = first.out->take(a);
      if (b.is_full()) b = second.out->take(b);
    }
    first.out->take(a);
    second.out->take(b);
    first.token += both;
    second.token += both;
  }
  detail::put_one(first, probs);
  detail::put_one(second, probs);
}

inline void put_tokens(TokenStream first, TokenStream second, const std::uint8_t* probs) {
  put_tokens_inline(first, second, probs);
}

}  // namespace tintype::vp8
