#include "workers/opencl/cl_frame_batches.h"

#include <utility>

#include "workers/opencl/cl_queue.h"

namespace tintype {

Result<std::unique_ptr<ClFrameBatches>> ClFrameBatches::create(const ClDevice& device) {
  std::vector<Slot> slots;
  for (int i = 0; i < kBatchesAtOnce; ++i) {
    TT_ASSIGN(ClQueue queue, device.make_queue());
    TT_ASSIGN(ClVp8 vp8, ClVp8::create(device));
    slots.push_back({std::move(queue), std::move(vp8), nullptr});
  }
  return std::unique_ptr<ClFrameBatches>(new ClFrameBatches(device, std::move(slots)));
}

// The thread of any photo that waits carries out the next batch, for all that are in it.
Status ClFrameBatches::decide(cl_mem arena, std::span<const Vp8DeviceFrame> frames) {
  Photo own{arena, frames};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&own);
  for (;;) {
    changed_.wait(lock, [&] { return own.done || (own.is_waiting && !idle_.empty()); });
    if (own.done) return *std::move(own.done);
    const std::vector<Photo*> photos = take_batch();
    Slot slot = std::move(idle_.back());
    idle_.pop_back();
    lock.unlock();
    const Status status = run(slot, photos);
    lock.lock();
    idle_.push_back(std::move(slot));
    for (Photo* photo : photos) photo->done = status;
    changed_.notify_all();
  }
}

// With the mutex held. Those that came first.
std::vector<ClFrameBatches::Photo*> ClFrameBatches::take_batch() {
  std::vector<Photo*> photos;
  while (!waiting_.empty() && photos.size() < kVp8Arenas) {
    photos.push_back(waiting_.front());
    photos.back()->is_waiting = false;
    waiting_.pop_front();
  }
  return photos;
}

Status ClFrameBatches::run(Slot& slot, const std::vector<Photo*>& photos) {
  std::vector<cl_mem> arenas;
  std::vector<Vp8DeviceFrame> frames;
  for (const Photo* photo : photos) {
    for (Vp8DeviceFrame frame : photo->frames) {
      frame.arena = static_cast<std::uint32_t>(arenas.size());
      frames.push_back(frame);
    }
    arenas.push_back(photo->arena);
  }
  if (slot.room < frames.size()) {
    TT_ASSIGN(slot.frames, device_.allocate(frames.size() * sizeof(Vp8DeviceFrame)));
    slot.room = frames.size();
  }
  cl_command_queue queue = slot.queue.get();
  Status enqueued =
      enqueue_write(queue, slot.frames.get(), 0,
                    {reinterpret_cast<const std::uint8_t*>(frames.data()), frames.size() * sizeof(Vp8DeviceFrame)});
  if (enqueued) enqueued = slot.vp8.enqueue(queue, arenas, slot.frames.get(), frames);
  // Also after a failure: what was enqueued works on memory that goes now.
  const Status finished = wait_for(queue);
  if (!finished) clFinish(queue);
  TT_TRY(enqueued);
  return finished;
}

}  // namespace tintype
