// Signed URLs in answers: the parameters `urls` and `ttl` of lists and details (docs/api.md).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/access/access_book.h"
#include "gateway/api.h"

namespace tintype {

class PictureUrls {
 public:
  // None when the request asks for none. kInvalidArgument for parameters that make no sense, kUnavailable
  // when there is no key to sign with.
  static Result<std::optional<PictureUrls>> wanted_by(const Call& call);

  // "/s/...": of the picture that the request named.
  std::string of(const LightRow& row) const;

 private:
  PictureUrls(std::shared_ptr<const AccessBook> book, std::string owner, std::string name, std::int64_t expires_s)
      : book_(std::move(book)), owner_(std::move(owner)), name_(std::move(name)), expires_s_(expires_s) {}

  std::shared_ptr<const AccessBook> book_;
  std::string owner_;
  std::string name_;
  std::int64_t expires_s_;
};

}  // namespace tintype
