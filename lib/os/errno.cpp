#include "os/errno.hpp"

#include <cerrno>
#include <cstring>

namespace cairn {

void throw_errno(Exit code, const char* action, const std::string& object)
{
    // Out of descriptors or memory is the system's fault, whatever was being done.
    const int number = errno;
    if (number == EMFILE || number == ENFILE || number == ENOMEM) code = Exit::oserr;
    throw Error{code, std::string{"cannot "} + action + " '" + object +
                          "': " + ::strerrordesc_np(number)};
}

} // namespace cairn
