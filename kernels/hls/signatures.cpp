#include "kernels/hls/signatures.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include "kernels/hls/dataflow.h"
#include "kernels/hls/kernels.h"

namespace tintype {
namespace {

struct Named {
  std::string_view name;
  int port = -1;
};

template <typename T>
T from_bits(std::uint64_t bits) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<T>(bits);
  } else {
    return static_cast<T>(bits);
  }
}

// Behind the four control registers, each parameter's and one reserved word.
constexpr std::uint32_t kFirstRegister = 0x10;
constexpr std::uint32_t kReserved = 4;

template <typename T>
KernelParameter describe(const Named& named, std::uint32_t& at) {
  constexpr bool is_memory = std::is_pointer_v<T>;
  constexpr bool is_written = is_memory && !std::is_const_v<std::remove_pointer_t<T>>;
  const std::uint32_t bytes = is_memory ? 8 : 4;
  return {named.name, is_memory, is_written, named.port, std::exchange(at, at + bytes + kReserved), bytes};
}

template <auto kernel>
struct Kernel;

template <typename... T, void (*kernel)(T...)>
struct Kernel<kernel> {
  static KernelSignature signature(std::string_view name, const std::array<Named, sizeof...(T)>& names) {
    std::uint32_t at = kFirstRegister;
    std::size_t i = 0;
    KernelSignature made{name, {}, run};
    made.parameters.reserve(sizeof...(T));
    (made.parameters.push_back(describe<T>(names[i++], at)), ...);
    return made;
  }
  static void run(const std::uint64_t* values) {
    [&]<std::size_t... i>(std::index_sequence<i...>) { kernel(from_bits<T>(values[i])...); }(std::index_sequence_for<T...>{});
  }
};

// Ports as the kernels' pragmas have them.
const std::vector<KernelSignature>& all() {
  static const std::vector<KernelSignature> kAll = {
      Kernel<jpeg_plane>::signature("jpeg_plane", {{{"coefficients", 0}, {"quantiser", 2}, {"out", 1}, {"width_blocks"},
                                                    {"height_blocks"}, {"scaled_size"}, {"out_stride"}}}),
      Kernel<halve_plane>::signature("halve_plane", {{{"in", 0}, {"out", 1}, {"in_width"}, {"in_height"}, {"in_stride"},
                                                      {"is_8_bit"}, {"out_stride"}}}),
      Kernel<resize_plane>::signature(
          "resize_plane",
          {{{"in", 0}, {"first_down", 2}, {"weights_down", 3}, {"first_across", 2}, {"weights_across", 3}, {"out", 1},
            {"in_width"}, {"in_height"}, {"in_stride"}, {"is_8_bit"}, {"down_taps"}, {"down_stride"}, {"across_taps"},
            {"across_stride"}, {"out_width"}, {"out_height"}, {"out_stride"}, {"is_mirrored"}}}),
      Kernel<vp8_macroblocks>::signature(
          "vp8_macroblocks", {{{"y", 0}, {"u", 0}, {"v", 0}, {"tables", 2}, {"segments", 3}, {"macroblocks", 1}, {"width"},
                               {"height"}, {"credit"}, {"credit_share"}, {"depth"}, {"patience"}}}),
  };
  return kAll;
}

bool fits(const KernelArgument& argument, const KernelParameter& parameter) {
  if (std::holds_alternative<std::uint32_t>(argument)) return !parameter.is_memory;
  return parameter.is_memory && std::holds_alternative<FromKernel>(argument) == parameter.is_written;
}

std::uint64_t bits_of(const KernelArgument& argument) {
  if (const auto* number = std::get_if<std::uint32_t>(&argument)) return *number;
  if (const auto* in = std::get_if<ToKernel>(&argument)) return reinterpret_cast<std::uint64_t>(in->data());
  return reinterpret_cast<std::uint64_t>(std::get<FromKernel>(argument).data());
}

}  // namespace

std::span<const KernelSignature> kernel_signatures() { return all(); }

const KernelSignature* find_kernel(std::string_view name) {
  const auto found = std::ranges::find(all(), name, &KernelSignature::name);
  return found == all().end() ? nullptr : &*found;
}

Status check_call(const KernelCall& call) {
  const KernelSignature* signature = find_kernel(call.kernel);
  if (!signature) return fail(ErrorCode::kInvalidArgument, "there is no FPGA kernel called " + call.kernel);
  const auto& parameters = signature->parameters;
  if (call.arguments.size() != parameters.size()) {
    return fail(ErrorCode::kInvalidArgument, "FPGA kernel " + call.kernel + " takes " + std::to_string(parameters.size()) +
                                                 " arguments, not " + std::to_string(call.arguments.size()));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (fits(call.arguments[i], parameters[i])) continue;
    return fail(ErrorCode::kInvalidArgument,
                "argument " + std::string(parameters[i].name) + " of FPGA kernel " + call.kernel + " is " +
                    (!parameters[i].is_memory ? "a number" : parameters[i].is_written ? "memory to fill" : "memory to read"));
  }
  return {};
}

Status simulate(const KernelCall& call) {
  TT_TRY(check_call(call));
  std::vector<std::uint64_t> values;
  for (const KernelArgument& argument : call.arguments) values.push_back(bits_of(argument));
  try {
    find_kernel(call.kernel)->run(values.data());
  } catch (const hls_simulation::Deadlock& deadlock) {
    return fail(ErrorCode::kInternal, "FPGA kernel " + call.kernel + ": " + deadlock.what());
  }
  return {};
}

}  // namespace tintype
