// A client of the farm over HTTP that enters everything it asks and is answered into the ledger.
//
// Every call answers false when the farm did not answer: it is gone.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/crash/ledger.h"
#include "tests/gateway/socket_client.h"

namespace tintype::crash {

class FarmClient {
 public:
  FarmClient(std::uint16_t port, Ledger& ledger) : port_(port), ledger_(ledger), socket_(port) {}

  bool upload(const Upload& upload);  // also a retry, or going on
  bool remove(const Upload& upload);
  bool read(const Upload& upload);
  // All pages, judged. `rows` for who wants them too.
  bool list(const ListAsked& asked, int page, std::vector<Row>* rows = nullptr);

  // One step of the mixed load.
  bool do_something(const std::string& owner, std::mt19937& random);

  // With nothing else going on: every owner's lists in both orders, every photo that was answered since number `since`
  // and some of the others, whole; what was cut off is asked for again.
  bool verify(const std::vector<std::string>& owners, std::size_t since, std::mt19937& random);
  // True once every photo has its variants.
  std::optional<bool> all_complete(const std::vector<std::string>& owners);

 private:
  std::optional<Answer> ask(const std::string& method, const std::string& target, const std::string& owner,
                            const std::string& headers = "", const std::string& body = "");
  bool upload_whole(const Upload& upload);
  bool upload_in_pieces(const Upload& upload);
  // Where it is, by the farm; none when that is not as it was answered before. `gone`: the farm is.
  std::optional<std::uint64_t> resume_at(const Upload& upload, bool& gone);
  bool read_variants(const Upload& upload, const std::string& detail);
  // A photo that lists show and the ledger has no answer for: an upload whose answer was cut off.
  bool resolve(const std::string& owner, PhotoId photo);

  std::uint16_t port_;
  Ledger& ledger_;
  SocketClient socket_;
};

}  // namespace tintype::crash
