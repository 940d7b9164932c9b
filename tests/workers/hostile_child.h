// A child that does its work like any other, but is somebody else's when the photo ends in "EVIL:" and a name: what
// a decoder that was taken over could do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tintype::testing {

int hostile_child_main(int socket_fd);

// The end to give a photo for `deed`.
std::string evil(std::string_view deed);

// Deeds after which an answer is checked and found untrue.
const std::vector<std::string>& lies();

}  // namespace tintype::testing
