// What a card's bus answers when a kernel reads or writes where no buffer is: here the processor's SIGSEGV on a guard
// page.
#pragma once

#include <functional>

namespace tintype::emulation {

// Runs a kernel, its dataflow processes too. False if one of them touched memory of the card that no buffer has.
bool run_on_bus(const std::function<void()>& kernel);

}  // namespace tintype::emulation
