#include "gateway/access/access_store.h"

#include <vector>

namespace tintype {
namespace {

constexpr UnixMs kForgetAfterMs = 30ll * 24 * 3600 * 1000;

// Long dead tokens need no line.
void forget_the_dead(AccessBook& book, UnixMs now_ms) {
  std::erase_if(book.tokens,
                [&](const TokenRecord& record) { return record.token.expires_at_ms < now_ms - kForgetAfterMs; });
}

}  // namespace

Result<AccessBook> edited(Result<AccessBook> book, UnixMs now_ms, const std::function<Status(AccessBook&)>& edit) {
  if (!book && book.error().code != ErrorCode::kNotFound) return book;
  if (!book) book = AccessBook{};
  if (book->keys.empty()) book->keys.push_back(make_signing_key(*book, now_ms));
  TT_TRY(edit(*book));
  forget_the_dead(*book, now_ms);
  return book;
}

}  // namespace tintype
