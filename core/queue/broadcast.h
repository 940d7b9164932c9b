// Broadcast: a few words to every process of the farm that listens now. Nothing is kept: whoever is out of reach never
// hears them, so they are for news that may get lost (what changed, who is there), never for truth. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "core/base/result.h"

namespace tintype {

class Listening {
 public:
  virtual ~Listening() = default;  // no call comes after this returns; never from within on_words
};

class Broadcast {
 public:
  virtual ~Broadcast() = default;

  // Returns when the words are on their way. Those who tell hear themselves, too. Topics: [a-z0-9_-], 1..32.
  virtual Status tell(std::string_view topic, std::string_view words) = 0;

  // Calls `on_words` for what is told from now on, one at a time, on a thread of the broadcast's. It must not block.
  virtual Result<std::unique_ptr<Listening>> listen(std::string_view topic,
                                                    std::function<void(std::string_view words)> on_words) = 0;
};

}  // namespace tintype
