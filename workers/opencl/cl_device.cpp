#include "workers/opencl/cl_device.h"

#include "workers/opencl/cl_handles.h"
#include "workers/opencl/program_cache.h"

namespace tintype {
namespace {

// A compiler may divide floats as floats where they were divided by way of double (kernels/shared/ssimulacra2.h), and
// without this option a device's own division need not be rounded rightly. One that cannot refuses the option.
std::string build_options(cl_device_id device) {
  cl_device_fp_config floats = 0;
  clGetDeviceInfo(device, CL_DEVICE_SINGLE_FP_CONFIG, sizeof floats, &floats, nullptr);
  std::string options = "-cl-std=CL1.2";
  if (floats & CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT) options += " -cl-fp32-correctly-rounded-divide-sqrt";
  return options;
}

std::string build_log(cl_program program, cl_device_id device) {
  std::size_t size = 0;
  clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, 0, nullptr, &size);
  std::string log(size, '\0');
  clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, size, log.data(), nullptr);
  return log.c_str();
}

Status build(cl_program program, cl_device_id device, std::string_view name) {
  const cl_int built = clBuildProgram(program, 1, &device, build_options(device).c_str(), nullptr, nullptr);
  if (built == CL_SUCCESS) return {};
  const std::string doing = "building " + std::string(name) + ".cl";
  if (built != CL_BUILD_PROGRAM_FAILURE) return cl_status(built, doing);
  return fail(ErrorCode::kUnsupported,
              doing + " for this device failed; its compiler says: " + build_log(program, device));
}

Result<ClProgram> build_from_source(cl_context context, cl_device_id device, std::string_view name,
                                    const std::string& text) {
  const char* start = text.data();
  const std::size_t size = text.size();
  cl_int code = CL_SUCCESS;
  ClProgram program(clCreateProgramWithSource(context, 1, &start, &size, &code));
  TT_TRY(cl_status(code, "taking the source of " + std::string(name) + ".cl"));
  TT_TRY(build(program.get(), device, name));
  return program;
}

// Nothing when the driver does not take it any more: then it is built anew.
ClProgram load_binary(cl_context context, cl_device_id device, ByteView binary, std::string_view name) {
  const std::size_t size = binary.size();
  const unsigned char* start = binary.data();
  cl_int code = CL_SUCCESS, taken = CL_SUCCESS;
  ClProgram program(clCreateProgramWithBinary(context, 1, &device, &size, &start, &taken, &code));
  if (code != CL_SUCCESS || taken != CL_SUCCESS || !build(program.get(), device, name)) return nullptr;
  return program;
}

Bytes binary_of(cl_program program) {
  std::size_t size = 0;
  if (clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, nullptr) != CL_SUCCESS) return {};
  Bytes binary(size);
  unsigned char* start = binary.data();
  if (size == 0 || clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof start, &start, nullptr) != CL_SUCCESS)
    return {};
  return binary;
}

}  // namespace

Result<ClDevice> ClDevice::open(const ClDeviceConfig& config) {
  TT_ASSIGN(const auto platforms, cl_platforms());
  const auto gone = [&] {
    return fail(ErrorCode::kUnavailable,
                "the OpenCL device \"" + config.device.name +
                    "\" is not there any more: see that its driver works, with clinfo for one");
  };
  if (config.device.platform >= platforms.size()) return gone();
  TT_ASSIGN(const auto devices, cl_devices(platforms[config.device.platform]));
  if (config.device.device >= devices.size()) return gone();

  ClDevice device;
  device.id_ = devices[config.device.device];
  device.info_ = describe_cl_device(platforms[config.device.platform], device.id_);
  device.info_.platform = config.device.platform;
  device.info_.device = config.device.device;
  if (device.info_.name != config.device.name) return gone();
  cl_int code = CL_SUCCESS;
  device.context_.reset(clCreateContext(nullptr, 1, &device.id_, nullptr, nullptr, &code));
  TT_TRY(cl_status(code, "opening " + device.info_.name));

  const ProgramCache cache(config.cache_folder);
  for (const std::string_view name : config.programs) {
    const std::string text = opencl_source(name);
    const std::string key = cache.key(device.info_, build_options(device.id_), text);
    ClProgram program;
    if (const Bytes binary = cache.find(key); !binary.empty())
      program = load_binary(device.context_.get(), device.id_, binary.view(), name);
    if (program) {
      ++device.programs_from_cache_;
    } else {
      TT_ASSIGN(program, build_from_source(device.context_.get(), device.id_, name, text));
      // Asking for a binary makes some drivers compile every kernel once more.
      if (cache.keeps()) cache.keep(key, binary_of(program.get()).view());
    }
    device.programs_.emplace(name, std::move(program));
  }
  return device;
}

Result<ClQueue> ClDevice::make_queue() const {
  cl_int code = CL_SUCCESS;
  ClQueue queue(clCreateCommandQueue(context_.get(), id_, 0, &code));
  TT_TRY(cl_status(code, "making a command queue"));
  return queue;
}

Result<ClMemory> ClDevice::allocate(std::uint64_t bytes) const { return allocate(bytes, CL_MEM_READ_WRITE); }

Result<ClMemory> ClDevice::allocate_on_host(std::uint64_t bytes) const {
  return allocate(bytes, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR);
}

Result<ClMemory> ClDevice::allocate(std::uint64_t bytes, cl_mem_flags flags) const {
  cl_int code = CL_SUCCESS;
  ClMemory memory(clCreateBuffer(context_.get(), flags, bytes, nullptr, &code));
  TT_TRY(cl_status(code, "allocating " + std::to_string(bytes >> 20) + " MiB"));
  return memory;
}

Result<ClKernel> ClDevice::make_kernel(std::string_view program, const char* name) const {
  cl_int code = CL_SUCCESS;
  ClKernel kernel(clCreateKernel(programs_.find(program)->second.get(), name, &code));
  TT_TRY(cl_status(code, std::string("making kernel ") + name));
  return kernel;
}

}  // namespace tintype
