// What is freed, kept or given back: for a process that makes one photo after another.
#pragma once

namespace tintype {

// From now on what is freed stays with this process for whoever asks next: pictures come and go by the tens of
// megabytes, and faulting their memory in anew for every photo costs 1 to 2 % of its CPU. Before threads start.
void keep_freed_memory();

// To the system: where much is about to be needed that does not fit what was freed.
void give_back_freed_memory();

}  // namespace tintype
