#include "core/queue/nats/nats_error.h"

#include <format>
#include <string>

namespace tintype {
namespace {

// Of nats-server 2.11 and later; nats.c has no names for them yet.
constexpr int kDuplicateMessageInProcess = 10158, kTooManyRequests = 10167;

struct Meaning {
  ErrorCode code;
  std::string_view remedy;
};

Meaning meaning_of(jsErrCode code) {
  switch (static_cast<int>(code)) {
    case kDuplicateMessageInProcess:
      return {ErrorCode::kUnavailable, "an earlier try is not stored yet: try again later"};
    case kTooManyRequests:
      return {ErrorCode::kUnavailable, "try again later"};
    case JSStreamStoreFailedErr:
      return {ErrorCode::kQueueFull, "the queue is full: try again later"};
    case JSAccountResourcesExceededErr:
    case JSInsufficientResourcesErr:
    case JSMemoryResourcesExceededErr:
    case JSStorageResourcesExceededErr:
      return {ErrorCode::kStorageFull, "give JetStream more storage, or the streams less"};
    case JSStreamMessageExceedsMaximumErr:
      return {ErrorCode::kInvalidArgument, "the message is larger than the stream takes"};
    case JSStreamNotFoundErr:
    case JSConsumerNotFoundErr:
    case JSNoMessageFoundErr:
    case JSSequenceNotFoundErr:
      return {ErrorCode::kNotFound, ""};
    case JSClusterNoPeersErr:
      return {
          ErrorCode::kUnavailable,
          "too few servers of the cluster are up for so many replicas; if all are, look who is missing in meta_cluster "
          "of /jsz at the leader's monitoring port, and restart that one"};
    case JSStreamReplicasNotSupportedErr:
      return {ErrorCode::kInvalidArgument, "that server is no cluster: set replicas to 1, or name a cluster's servers"};
    case JSClusterNotActiveErr:
    case JSClusterNotAvailErr:
    case JSClusterNotLeaderErr:
    case JSStreamOfflineErr:
    case JSConsumerOfflineErr:
      return {ErrorCode::kUnavailable, "try again later"};
    case JSNotEnabledErr:
    case JSNotEnabledForAccountErr:
      return {ErrorCode::kUnavailable, "JetStream is off in that server, or still starting"};
    default:
      return {ErrorCode::kInternal, ""};
  }
}

Meaning meaning_of(natsStatus status) {
  switch (status) {
    case NATS_TIMEOUT:
      return {ErrorCode::kUnavailable, "no answer in time; it may still have been done"};
    case NATS_NO_RESPONDERS:
      return {ErrorCode::kUnavailable, "JetStream does not answer: it is off, or the stream is gone"};
    case NATS_CONNECTION_CLOSED:
    case NATS_CONNECTION_DISCONNECTED:
    case NATS_NOT_YET_CONNECTED:
    case NATS_NO_SERVER:
    case NATS_STALE_CONNECTION:
    case NATS_IO_ERROR:
    case NATS_INVALID_SUBSCRIPTION:
      return {ErrorCode::kUnavailable, "is nats-server running there?"};
    case NATS_INSUFFICIENT_BUFFER:  // we keep no buffer for the time without a connection
      return {ErrorCode::kUnavailable, "not connected now; the connection is being made again"};
    case NATS_CONNECTION_AUTH_FAILED:
    case NATS_NOT_PERMITTED:
      return {ErrorCode::kDenied, "check the user and password, token, credentials file or nkey"};
    case NATS_NOT_FOUND:
      return {ErrorCode::kNotFound, ""};
    case NATS_MAX_PAYLOAD:
      return {ErrorCode::kInvalidArgument, "the message is larger than the server takes"};
    case NATS_INVALID_ARG:
      return {ErrorCode::kInvalidArgument, ""};
    case NATS_NO_MEMORY:
      return {ErrorCode::kOutOfMemory, ""};
    default:
      return {ErrorCode::kInternal, ""};
  }
}

}  // namespace

Error nats_error(natsStatus status, jsErrCode code, std::string_view doing) {
  const auto [error_code, remedy] = code != 0 ? meaning_of(code) : meaning_of(status);
  natsStatus last = NATS_OK;
  const char* details = nats_GetLastError(&last);
  std::string_view words = last == status && details ? details : "";
  // "(conn.c:123): what happened"
  if (const std::size_t place_end = words.find("): "); words.starts_with('(') && place_end != words.npos) {
    words.remove_prefix(place_end + 3);
  }
  if (words.empty()) words = natsStatus_GetText(status);
  std::string message = std::format("{} failed: {}", doing, words);
  if (code != 0) message += std::format(" (JetStream {})", static_cast<int>(code));
  if (!remedy.empty()) message += std::format("; {}", remedy);
  return {error_code, std::move(message)};
}

bool means_missing(natsStatus status, jsErrCode code) {
  return status == NATS_NO_RESPONDERS || status == NATS_NOT_FOUND || code == JSStreamNotFoundErr ||
         code == JSConsumerNotFoundErr;
}

}  // namespace tintype
