# FPGA cards through XRT's native API. Without XRT the same headers say that there is none.
find_path(XRT_INCLUDE_DIR xrt/xrt_device.h PATH_SUFFIXES xrt)
find_library(XRT_LIBRARY xrt_coreutil)
find_library(UUID_LIBRARY uuid)
find_library(XRT_DRIVER_LIBRARY libxrt_hwemu.a)
if(XRT_INCLUDE_DIR AND XRT_LIBRARY AND UUID_LIBRARY)
  # Debian's xrt.pc is broken.
  add_library(xrt_native INTERFACE)
  target_include_directories(xrt_native SYSTEM INTERFACE ${XRT_INCLUDE_DIR})
  target_link_libraries(xrt_native INTERFACE ${XRT_LIBRARY} ${UUID_LIBRARY} Threads::Threads)
  set(FPGA_CARD_SOURCES fpga/fpga_devices.cpp fpga/compute_unit.cpp fpga/xclbin_file.cpp fpga/xrt_card.cpp)
else()
  message(STATUS "XRT was not found: no FPGA cards (libxrt-dev, uuid-dev)")
  set(FPGA_CARD_SOURCES fpga/not_built.cpp)
endif()
tintype_library(tintype_fpga_lane
  SOURCES ${FPGA_CARD_SOURCES} fpga/card_calls.cpp fpga/fpga_engine.cpp fpga/fpga_frame.cpp fpga/fpga_ladder.cpp fpga/fpga_task.cpp
          fpga/stored_planes.cpp
  DEPS tintype_device_worker tintype_hls_kernels tintype_vp8_kernels tintype_codec
  PRIVATE_DEPS tintype_resize_kernels $<TARGET_NAME_IF_EXISTS:xrt_native>)

# Cards that are not there: see docs/fpga.md. XRT loads the driver from $XILINX_XRT/lib.
if(TARGET xrt_native AND XRT_DRIVER_LIBRARY)
  tintype_library(tintype_fpga_emulation_xclbin SOURCES fpga/emulation/xclbin_writer.cpp
    DEPS tintype_base tintype_hls_kernels PRIVATE_DEPS xrt_native)
  add_library(tintype_fpga_emulation MODULE
    fpga/emulation/driver.cpp fpga/emulation/card.cpp fpga/emulation/card_memory.cpp fpga/emulation/bus_errors.cpp
    fpga/emulation/settings.cpp)
  target_include_directories(tintype_fpga_emulation PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(tintype_fpga_emulation PRIVATE -fPIC)
  # The kernels alone, by their file: what else the library depends on is not made for shared libraries, and not needed.
  add_dependencies(tintype_fpga_emulation tintype_hls_kernels)
  target_link_libraries(tintype_fpga_emulation PRIVATE $<TARGET_FILE:tintype_hls_kernels> ${XRT_DRIVER_LIBRARY} xrt_native)
  # Debian's driver objects: this is the one that libxrt asks for; their own symbols, and ours, before anybody else's.
  target_link_options(tintype_fpga_emulation PRIVATE -Wl,-u,_ZN8xrt_core5hwemu17get_userpf_deviceEPvj -Wl,-Bsymbolic)
  set(TINTYPE_FPGA_EMULATION_FOLDER ${CMAKE_BINARY_DIR}/fpga-emulation CACHE INTERNAL "XILINX_XRT of the emulated cards")
  set_target_properties(tintype_fpga_emulation PROPERTIES
    PREFIX "" OUTPUT_NAME libxrt_hwemu SUFFIX .so.2
    LIBRARY_OUTPUT_DIRECTORY ${TINTYPE_FPGA_EMULATION_FOLDER}/lib)
  # What a lane on emulated cards is given: docs/fpga.md.
  add_executable(fpga-emulation-xclbin fpga/emulation/write_xclbin_main.cpp)
  target_link_libraries(fpga-emulation-xclbin PRIVATE tintype_fpga_emulation_xclbin)
  add_custom_command(OUTPUT ${TINTYPE_FPGA_EMULATION_FOLDER}/tintype.xclbin
    COMMAND ${CMAKE_COMMAND} -E make_directory ${TINTYPE_FPGA_EMULATION_FOLDER}
    COMMAND fpga-emulation-xclbin ${TINTYPE_FPGA_EMULATION_FOLDER}/tintype.xclbin 2
    COMMENT "Writing an xclbin for emulated FPGA cards")
  add_custom_target(tintype_fpga_emulation_xclbin_file ALL DEPENDS ${TINTYPE_FPGA_EMULATION_FOLDER}/tintype.xclbin)
endif()
