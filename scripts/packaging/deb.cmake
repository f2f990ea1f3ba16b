# Run by cpack between installing into a staging directory and packing: gives the files of both
# packages the form that Debian wants. With SOURCE_DATE_EPOCH set, the same input gives the same
# packages.

string(TIMESTAMP now "%s" UTC)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # both know SOURCE_DATE_EPOCH
set(source ${CMAKE_CURRENT_LIST_DIR}/../..)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
  set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${component})
  set(doc ${root}/usr/share/doc/${package})

  # The licence is told in the copyright file, the changes in two changelogs.
  file(REMOVE ${doc}/LICENSE ${doc}/CHANGELOG.md)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/copyright ${doc}/copyright COPYONLY)
  configure_file(${source}/CHANGELOG.md ${doc}/changelog COPYONLY)
  file(WRITE ${doc}/changelog.Debian
       "cairn (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium\n\n"
       "  * Release ${CPACK_PACKAGE_VERSION}; what is new in it is in changelog.gz.\n\n"
       " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  file(GLOB pages ${root}/usr/share/man/man*/*.[157])
  run(gzip -9nf ${doc}/changelog ${doc}/changelog.Debian ${pages})

  file(GLOB programs ${root}/usr/bin/*)
  file(GLOB_RECURSE archives ${root}/usr/lib/*.a)
  foreach(program IN LISTS programs)
    file(READ ${program} front LIMIT 4 HEX)
    if(front STREQUAL 7f454c46) # a script has nothing to strip
      run(strip --remove-section=.comment --remove-section=.note ${program})
    endif()
  endforeach()
  foreach(archive IN LISTS archives)
    run(strip --strip-debug --enable-deterministic-archives --remove-section=.comment ${archive})
  endforeach()

  run(chmod -R u=rwX,go=rX ${root})
  run(find ${root} -exec touch --no-dereference --date=@${now} {} +)
endforeach()
