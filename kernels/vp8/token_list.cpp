#include "kernels/vp8/token_list.h"

#include "kernels/vp8/level_code.h"

namespace tintype::vp8 {
namespace {

struct Adder {
  void node(int n, bool bit) { *out++ = static_cast<Token>(2 * (probs + n) + bit); }
  void fixed(bool bit, int prob) { *out++ = detail::fixed_token(prob, bit); }

  Token* out;
  int probs;
};

}  // namespace

Token* TokenList::add_large(Token* out, int magnitude, int probs) {
  Adder adder{out, probs};
  visit_magnitude(magnitude, adder);
  return adder.out;
}

}  // namespace tintype::vp8
