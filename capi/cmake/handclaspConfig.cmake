# find_package(handclasp): the target handclasp::handclasp. Written for static libraries on hosts; devices link
# libhandclasp.a by its path.
get_filename_component(_handclasp_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET handclasp::handclasp)
  add_library(handclasp::handclasp STATIC IMPORTED)
  set_target_properties(handclasp::handclasp PROPERTIES
    IMPORTED_LOCATION "${_handclasp_prefix}/lib/libhandclasp.a"
    INTERFACE_INCLUDE_DIRECTORIES "${_handclasp_prefix}/include")
  if(UNIX AND NOT APPLE)
    set_property(TARGET handclasp::handclasp PROPERTY INTERFACE_LINK_LIBRARIES pthread dl m)
  elseif(APPLE)
    set_property(TARGET handclasp::handclasp PROPERTY INTERFACE_LINK_LIBRARIES
      "-framework Security" "-framework CoreFoundation")
  endif()
endif()

set(handclasp_FOUND TRUE)
unset(_handclasp_prefix)
