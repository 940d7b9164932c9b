#include "workers/sandbox/fd_message.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

namespace tintype {

Result<SocketPair> make_socket_pair() {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
    return fail(error_from_errno(errno, "making a socket pair"));
  }
  return SocketPair{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

Status send_message(int socket_fd, ByteView message, std::span<const int> fds) {
  if (fds.size() > kMaxFdsInMessage) return fail(ErrorCode::kInternal, "too many file descriptors in one message");
  iovec data{const_cast<std::uint8_t*>(message.data()), message.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxFdsInMessage * sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(rights), fds.data(), fds.size_bytes());
  }
  while (sendmsg(socket_fd, &header, MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN) {
      return fail(ErrorCode::kUnavailable, "the process at the other end is gone");
    }
    return fail(error_from_errno(errno, "sending to a process of the sandbox"));
  }
  return {};
}

Result<ReceivedMessage> receive_message(int socket_fd, std::span<std::uint8_t> buffer) {
  iovec data{buffer.data(), buffer.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxFdsInMessage * sizeof(int))];
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  ssize_t got;
  do {
    got = recvmsg(socket_fd, &header, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    return fail(ErrorCode::kUnavailable, "the process at the other end does not answer");
  }
  if (got < 0 && errno != ECONNRESET) return fail(error_from_errno(errno, "receiving from a process of the sandbox"));
  if (got <= 0) return fail(ErrorCode::kUnavailable, "the process at the other end is gone");

  ReceivedMessage message{static_cast<std::size_t>(got), {}};
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      message.fds.emplace_back(fd);
    }
  }
  if (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
    return fail(ErrorCode::kInternal, "a process of the sandbox sent more than fits a message");
  }
  return message;
}

}  // namespace tintype
