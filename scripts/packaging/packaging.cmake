# What "cmake --install" installs, and the Debian packages that "cpack" makes of it: cairn, and
# libcairn-dev, which is the component "dev". Included at the end of CMakeLists.txt.

include(CMakePackageConfigHelpers)

# Where Debian's compiler, CMake and pkg-config look below any prefix.
set(libdir ${CMAKE_INSTALL_LIBDIR})
if(libdir STREQUAL "lib" AND CMAKE_LIBRARY_ARCHITECTURE AND EXISTS /etc/debian_version)
  set(libdir lib/${CMAKE_LIBRARY_ARCHITECTURE})
endif()

# libcairn.a: the modules that are no part of a command line. With a foreign library in one of
# them, add it to cairn.pc.in and cairnConfig.cmake.in too.
set(library_modules base os json hash crypto codec format erasure pairing audit capacity ledger
    engine stream)
set(modules_of_templates pairing audit) # which need headers in detail/ wherever they are used
add_library(cairn_library STATIC)
set_target_properties(cairn_library PROPERTIES OUTPUT_NAME cairn EXPORT_NAME cairn
                      LINKER_LANGUAGE CXX)
target_compile_features(cairn_library INTERFACE cxx_std_20)
foreach(module IN LISTS library_modules)
  target_sources(cairn_library PRIVATE $<TARGET_OBJECTS:cairn_${module}>)
  get_target_property(libraries cairn_${module} LINK_LIBRARIES)
  foreach(library IN LISTS libraries)
    if(NOT library MATCHES "^cairn_(.*)$")
      # Headers alone leave nothing to link.
      if(NOT library STREQUAL "nlohmann_json::nlohmann_json")
        target_link_libraries(cairn_library PRIVATE ${library})
      endif()
    elseif(NOT CMAKE_MATCH_1 STREQUAL "flags" AND NOT CMAKE_MATCH_1 IN_LIST library_modules)
      message(FATAL_ERROR "${module} is in libcairn.a, but ${CMAKE_MATCH_1}, which it needs, is not")
    endif()
  endforeach()
  set(private PATTERN detail EXCLUDE)
  if(module IN_LIST modules_of_templates)
    set(private)
  endif()
  install(DIRECTORY lib/${module} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cairn COMPONENT dev
          FILES_MATCHING PATTERN *.hpp PATTERN *testing.hpp EXCLUDE ${private})
endforeach()
install(TARGETS cairn_library EXPORT cairn
        ARCHIVE DESTINATION ${libdir} COMPONENT dev
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cairn)

# find_package(cairn) and pkg-config. Both find the files beside them, wherever the prefix is.
set(generated ${PROJECT_BINARY_DIR}/packaging)
install(EXPORT cairn NAMESPACE cairn:: DESTINATION ${libdir}/cmake/cairn COMPONENT dev
        FILE cairnTargets.cmake)
configure_package_config_file(scripts/packaging/cairnConfig.cmake.in ${generated}/cairnConfig.cmake
                              INSTALL_DESTINATION ${libdir}/cmake/cairn
                              NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${generated}/cairnConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${generated}/cairnConfig.cmake ${generated}/cairnConfigVersion.cmake
        DESTINATION ${libdir}/cmake/cairn COMPONENT dev)
file(RELATIVE_PATH prefix_from_pc /${libdir}/pkgconfig /)
string(REGEX REPLACE "/$" "" prefix_from_pc ${prefix_from_pc})
configure_file(scripts/packaging/cairn.pc.in ${generated}/cairn.pc @ONLY)
install(FILES ${generated}/cairn.pc DESTINATION ${libdir}/pkgconfig COMPONENT dev)

# Manual pages and documents.
foreach(section 1 5 7)
  file(GLOB pages CONFIGURE_DEPENDS man/*.${section})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Completions. bash and fish look for a file named like the command.
set(bash_completions ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
set(fish_completions ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES completions/cairn.bash DESTINATION ${bash_completions} RENAME cairn)
install(FILES completions/_cairn DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES completions/cairn.fish DESTINATION ${fish_completions})
file(MAKE_DIRECTORY ${generated})
get_property(targets DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
list(FILTER targets INCLUDE REGEX "^cairn-")
list(REMOVE_ITEM targets cairn-cairn)
list(APPEND targets cairn-demo)
foreach(tool IN LISTS targets)
  file(CREATE_LINK cairn ${generated}/${tool} SYMBOLIC)
  file(CREATE_LINK cairn.fish ${generated}/${tool}.fish SYMBOLIC)
  install(FILES ${generated}/${tool} DESTINATION ${bash_completions})
  install(FILES ${generated}/${tool}.fish DESTINATION ${fish_completions})
endforeach()

# The packages. deb.cmake gives the staged files the form that Debian wants.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/scripts/packaging/deb.cmake)
set(CPACK_COMPONENTS_ALL Unspecified dev) # whatever names no component is in the package cairn
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGE_VENDOR "The cairn project")
set(CPACK_PACKAGE_CONTACT "The cairn project <maintainers@cairn.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # else it would stand above that of each package
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 0cairn1) # below any revision that Debian may make
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_NAME cairn)
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_SUGGESTS "age, man-db, minisign")
set(CPACK_COMPONENT_UNSPECIFIED_DESCRIPTION
    "encrypt, sign and shard data with small Unix filters
The cairn tools read standard input and write standard output, and each of
them does one thing. cairn-keygen makes an identity, which 24 words recover.
cairn-encrypt and cairn-decrypt work on age files of any size, cairn-sign and
cairn-verify on minisign signatures. cairn-encode cuts a stream into shards,
and cairn-decode rebuilds it from any sufficient number of them, checks them
and repairs them. cairn-inspect shows what a file is.

Files of age and minisign can be exchanged in both directions.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libcairn-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libisal-dev, libsodium-dev, libssl-dev")
set(CPACK_COMPONENT_DEV_DESCRIPTION
    "encrypt, sign and shard data - development files
The functions behind the cairn tools, for programs in C++20: age files,
minisign signatures, erasure coding with BLAKE3 trees, storage proofs over
BLS12-381, proofs of capacity, the ledger of a chain and its consensus, and
what they are made of.

This package contains the headers, the static library, and files for CMake
and pkg-config.")
include(CPack)
