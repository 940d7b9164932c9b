// An OpenCL layer, which the loader puts between a program and its driver, and which goes wrong as asked: OPENCL_FAULTS
// names a folder, and a file there with a fault's name makes it happen once (the file is taken away).
//
//   allocation  a buffer is refused for want of memory
//   build       a program does not build
//   lost        a kernel is refused, and everything after it, as by a device that is gone
//   hang        the driver takes the queue's work and never comes back
//   crash       the driver takes its process along
//   wrong-bits  a picture that is read from the device has a bit turned
//
// And it leaves a file "early-read" there when something is read before the work in the queue is known to be done:
// drivers that have not pinned the memory hold the calling thread, and a core, for so long.
#include <CL/cl_layer.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace {

// Of what is read: a few turned bits of a small frame's statistics may change nothing.
constexpr std::size_t kLeastPicture = 2048;

cl_icd_dispatch faulty;
const cl_icd_dispatch* driver = nullptr;
std::atomic<bool> is_lost = false;

std::string file_of(const char* fault) {
  const char* folder = std::getenv("OPENCL_FAULTS");
  return folder ? std::string(folder) + "/" + fault : "";
}

bool happens(const char* fault) { return ::unlink(file_of(fault).c_str()) == 0; }

// Queues with kernels that nobody has seen the end of, and which queue an event is of. What is freed is forgotten when
// another takes its place.
std::mutex mutex;
std::set<cl_command_queue> busy;
std::map<cl_event, cl_command_queue> queues;

cl_mem CL_API_CALL create_buffer(cl_context context, cl_mem_flags flags, std::size_t size, void* host, cl_int* code) {
  cl_int failure = CL_SUCCESS;
  if (is_lost) failure = CL_OUT_OF_RESOURCES;
  if (happens("allocation")) failure = CL_MEM_OBJECT_ALLOCATION_FAILURE;
  if (failure == CL_SUCCESS) return driver->clCreateBuffer(context, flags, size, host, code);
  if (code) *code = failure;
  return nullptr;
}

cl_int CL_API_CALL build_program(cl_program program, cl_uint devices, const cl_device_id* list, const char* options,
                                 void(CL_CALLBACK* notify)(cl_program, void*), void* data) {
  if (happens("build")) return CL_BUILD_PROGRAM_FAILURE;
  return driver->clBuildProgram(program, devices, list, options, notify, data);
}

cl_int CL_API_CALL enqueue_kernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                                  const std::size_t* offset, const std::size_t* global, const std::size_t* local,
                                  cl_uint waits, const cl_event* wait_list, cl_event* event) {
  if (happens("crash")) std::abort();
  if (happens("lost")) is_lost = true;
  if (is_lost) return CL_OUT_OF_RESOURCES;
  {
    const std::lock_guard lock(mutex);
    busy.insert(queue);
  }
  return driver->clEnqueueNDRangeKernel(queue, kernel, dimensions, offset, global, local, waits, wait_list, event);
}

cl_int CL_API_CALL enqueue_read(cl_command_queue queue, cl_mem buffer, cl_bool is_blocking, std::size_t offset,
                                std::size_t size, void* out, cl_uint waits, const cl_event* wait_list,
                                cl_event* event) {
  if (is_lost) return CL_OUT_OF_RESOURCES;
  {
    const std::lock_guard lock(mutex);
    if (busy.contains(queue)) std::ofstream(file_of("early-read")) << size << " bytes";
  }
  const bool is_wrong = size >= kLeastPicture && happens("wrong-bits");
  const cl_int code = driver->clEnqueueReadBuffer(queue, buffer, is_wrong ? CL_TRUE : is_blocking, offset, size, out,
                                                  waits, wait_list, event);
  if (is_wrong) static_cast<unsigned char*>(out)[size / 2] ^= 0x10;
  return code;
}

cl_int CL_API_CALL enqueue_marker(cl_command_queue queue, cl_uint waits, const cl_event* wait_list, cl_event* event) {
  const cl_int code = driver->clEnqueueMarkerWithWaitList(queue, waits, wait_list, event);
  const std::lock_guard lock(mutex);
  if (code == CL_SUCCESS && event) queues[*event] = queue;
  return code;
}

cl_int CL_API_CALL get_event_info(cl_event event, cl_event_info what, std::size_t size, void* value,
                                  std::size_t* size_out) {
  const cl_int code = driver->clGetEventInfo(event, what, size, value, size_out);
  const std::lock_guard lock(mutex);
  if (code == CL_SUCCESS && what == CL_EVENT_COMMAND_EXECUTION_STATUS && *static_cast<cl_int*>(value) == CL_COMPLETE)
    busy.erase(queues[event]);
  return code;
}

cl_int CL_API_CALL flush(cl_command_queue queue) {
  if (happens("hang")) {
    for (;;) ::sleep(1);
  }
  return is_lost ? CL_OUT_OF_RESOURCES : driver->clFlush(queue);
}

}  // namespace

extern "C" {

CL_API_ENTRY cl_int CL_API_CALL clGetLayerInfo(cl_layer_info info, std::size_t size, void* value,
                                               std::size_t* size_out) {
  const char name[] = "faults, of Tintype's tests";
  const cl_layer_api_version version = CL_LAYER_API_VERSION_100;
  const void* from = info == CL_LAYER_NAME ? static_cast<const void*>(name) : &version;
  const std::size_t bytes = info == CL_LAYER_NAME ? sizeof name : sizeof version;
  if (info != CL_LAYER_NAME && info != CL_LAYER_API_VERSION) return CL_INVALID_VALUE;
  if (value && size < bytes) return CL_INVALID_VALUE;
  if (value) std::memcpy(value, from, bytes);
  if (size_out) *size_out = bytes;
  return CL_SUCCESS;
}

CL_API_ENTRY cl_int CL_API_CALL clInitLayer(cl_uint entries, const cl_icd_dispatch* target, cl_uint* entries_out,
                                            const cl_icd_dispatch** dispatch) {
  // The loader may know fewer functions than our headers.
  const cl_uint known = std::min<cl_uint>(entries, sizeof faulty / sizeof(void*));
  driver = target;
  std::memcpy(&faulty, target, known * sizeof(void*));
  faulty.clCreateBuffer = create_buffer;
  faulty.clBuildProgram = build_program;
  faulty.clEnqueueNDRangeKernel = enqueue_kernel;
  faulty.clEnqueueReadBuffer = enqueue_read;
  faulty.clEnqueueMarkerWithWaitList = enqueue_marker;
  faulty.clGetEventInfo = get_event_info;
  faulty.clFlush = flush;
  *dispatch = &faulty;
  *entries_out = known;
  return CL_SUCCESS;
}

}  // extern "C"
