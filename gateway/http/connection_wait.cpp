#include <sys/socket.h>

#include <cerrno>

#include "gateway/http/connection.h"

namespace tintype::http {

namespace asio = boost::asio;
using boost::system::error_code;

void Connection::wait_for(std::unique_ptr<PendingAnswer> answer) {
  phase_ = Phase::kWait;
  deadline_.reset();
  pending_ = std::move(answer);
  pending_->on_ready([weak = weak_from_this(), &io = core_.io] {
    asio::post(io, [weak] {
      if (auto self = weak.lock(); self && self->phase_ == Phase::kWait) self->look();
    });
  });
  look();
}

void Connection::look() {
  look_wanted_ = worker_busy_;
  if (worker_busy_) return;
  look_timer_.cancel();
  on_worker([this] { return pending_->look(); },
            [this](std::optional<Response> answer) {
              if (!answer) return look_wanted_ ? look() : look_later();
              drop_pending();
              send(std::move(*answer));
            });
}

void Connection::look_later() {
  look_timer_.expires_at(pending_->look_again_at());
  look_timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error && self->phase_ == Phase::kWait) self->look();
  });
}

// A look, not a read: what came early is the next request's. Through TLS a goodbye looks like that, too, and is seen
// when the answer is sent.
bool Connection::client_left() {
  char byte = 0;
  const ssize_t size = ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

// On a worker: it may have things to tidy up.
void Connection::drop_pending() {
  if (!pending_) return;
  core_.workers.post([dropped = std::move(pending_)] {});
}

}  // namespace tintype::http
