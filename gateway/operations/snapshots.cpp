// POST and DELETE /v1/snapshot
#include "gateway/api.h"
#include "gateway/json_answer.h"

namespace tintype {
namespace {

std::unexpected<Error> none_here() {
  return fail(ErrorCode::kUnsupported, "this farm's store has no snapshots; back it up with the store's own means");
}

}  // namespace

Result<http::Begun> take_snapshot(const Call& call) {
  if (!call.api.services.take_snapshot) return none_here();
  TT_ASSIGN(const std::string folder, call.api.services.take_snapshot());
  call.api.services.log.info("snapshot_taken", {{"folder", folder}});
  return json_answer(201, {{"folder", folder}});
}

Result<http::Begun> drop_snapshot(const Call& call) {
  if (!call.api.services.drop_snapshot) return none_here();
  TT_TRY(call.api.services.drop_snapshot());
  call.api.services.log.info("snapshot_dropped");
  return http::Response(204);
}

}  // namespace tintype
