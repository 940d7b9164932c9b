// Messages with file descriptors over a SOCK_SEQPACKET socket: one record each way at a time, never split.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

inline constexpr std::size_t kMaxFdsInMessage = 80;

struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;
};
Result<SocketPair> make_socket_pair();

// kUnavailable when the other end is gone.
Status send_message(int socket_fd, ByteView message, std::span<const int> fds);

struct ReceivedMessage {
  std::size_t bytes = 0;
  std::vector<UniqueFd> fds;
};

// Waits for a record. kUnavailable: the other end is gone, or said nothing for as long as the socket's time-out;
// kInternal: it was longer than `buffer` or carried more fds than fit.
Result<ReceivedMessage> receive_message(int socket_fd, std::span<std::uint8_t> buffer);

// A record's fixed-size header as its bytes.
template <typename T>
ByteView bytes_of(const T& header) {
  return {reinterpret_cast<const std::uint8_t*>(&header), sizeof header};
}
template <typename T>
std::span<std::uint8_t> writable_bytes_of(T& header) {
  return {reinterpret_cast<std::uint8_t*>(&header), sizeof header};
}

}  // namespace tintype
