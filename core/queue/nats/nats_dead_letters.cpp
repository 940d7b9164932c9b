#include "core/queue/nats/nats_dead_letters.h"

#include <format>

#include "core/queue/nats/dead_letter_text.h"
#include "core/queue/nats/names.h"

namespace tintype {

NatsDeadLetters::NatsDeadLetters(std::shared_ptr<Session> session, const Clock& clock)
    : session_(std::move(session)),
      clock_(clock),
      stream_(nats_names::dead_stream(session_->config().name_prefix)),
      all_subjects_(nats_names::dead_subject(session_->config().name_prefix, "*")) {}

Status NatsDeadLetters::bury(NatsDelivery& delivery, const Error& reason) {
  const std::string id = delivery.job() ? delivery.job()->message_id() : delivery.unique_name();
  const std::string subject =
      nats_names::dead_subject(session_->config().name_prefix, job_class_name(delivery.job_class()));
  const std::string text = write_dead_letter(delivery.raw(), reason, delivery.delivery_count(), clock_.now_ms());
  // A duplicate is what an earlier try, interrupted here, left behind.
  TT_TRY(session_->publish(subject, text, id + ".dead", std::format("keeping {} among the dead letters", id)));
  return delivery.terminate();
}

Result<DeadLetter> NatsDeadLetters::first_from(std::uint64_t sequence) {
  TT_TRY(session_->ready());
  jsDirectGetMsgOptions options;
  jsDirectGetMsgOptions_Init(&options);
  options.Sequence = sequence;
  options.NextBySubject = all_subjects_.c_str();
  natsMsg* raw_message = nullptr;
  const natsStatus status = js_DirectGetMsg(&raw_message, session_->jetstream(), stream_.c_str(), nullptr, &options);
  const MessageHandle message(raw_message);
  if (status == NATS_NOT_FOUND) return fail(ErrorCode::kNotFound, "there are no more dead letters");
  if (status != NATS_OK) return fail(session_->error(status, {}, "reading a dead letter"));
  return read_dead_letter_text(
      natsMsg_GetSequence(raw_message),
      {natsMsg_GetData(raw_message), static_cast<std::size_t>(natsMsg_GetDataLength(raw_message))});
}

Result<std::vector<DeadLetter>> NatsDeadLetters::list(std::uint64_t after, int max) {
  std::vector<DeadLetter> letters;
  while (std::ssize(letters) < max) {
    auto letter = first_from(after + 1);
    if (!letter && letter.error().code == ErrorCode::kNotFound) break;
    if (!letter) return fail(letter.error());
    after = letter->sequence;
    letters.push_back(std::move(*letter));
  }
  return letters;
}

Result<DeadLetter> NatsDeadLetters::read(std::uint64_t sequence) {
  auto letter = first_from(sequence);
  const bool missing = letter ? letter->sequence != sequence : letter.error().code == ErrorCode::kNotFound;
  if (missing) return fail(ErrorCode::kNotFound, std::format("there is no dead letter {}", sequence));
  return letter;
}

Status NatsDeadLetters::remove(std::uint64_t sequence) {
  // JetStream's own answer for a missing message has no code that says so.
  TT_TRY(read(sequence));
  jsErrCode code{};
  const natsStatus status = js_DeleteMsg(session_->jetstream(), stream_.c_str(), sequence, nullptr, &code);
  if (status != NATS_OK) {
    return fail(session_->error(status, code, std::format("removing dead letter {}", sequence)));
  }
  return {};
}

Result<std::uint64_t> NatsDeadLetters::count() {
  TT_TRY(session_->ready());
  jsStreamInfo* raw_info = nullptr;
  jsErrCode code{};
  const natsStatus status = js_GetStreamInfo(&raw_info, session_->jetstream(), stream_.c_str(), nullptr, &code);
  const StreamInfoHandle info(raw_info);
  if (status != NATS_OK) return fail(session_->error(status, code, "counting the dead letters"));
  return info->State.Msgs;
}

}  // namespace tintype
