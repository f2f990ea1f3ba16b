# Run by cpack between installing into a staging directory and packing: gives the files of both
# packages the form that Debian wants. With SOURCE_DATE_EPOCH set, the same input gives the same
# packages.

string(TIMESTAMP now "%s" UTC)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # both know SOURCE_DATE_EPOCH
set(version ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
find_program(STRIP strip REQUIRED)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
  set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${component})
  set(doc ${root}/usr/share/doc/${package})

  file(COPY_FILE ${CMAKE_CURRENT_LIST_DIR}/copyright ${CMAKE_CURRENT_LIST_DIR}/copyright)
endforeach()
