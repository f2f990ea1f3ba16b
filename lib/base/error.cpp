#include "base/error.hpp"

namespace cairn {

const char* to_text(Exit code) noexcept
{
    switch (code) {
    case Exit::ok:
        return "ok";
    case Exit::no:
        return "no";
    case Exit::partial:
        return "partial";
    case Exit::usage:
        return "usage";
    case Exit::data:
        return "data";
    case Exit::noinput:
        return "noinput";
    case Exit::nohost:
        return "nohost";
    case Exit::unavail:
        return "unavail";
    case Exit::bug:
        return "bug";
    case Exit::oserr:
        return "oserr";
    case Exit::cantcreat:
        return "cantcreat";
    case Exit::ioerr:
        return "ioerr";
    case Exit::tempfail:
        return "tempfail";
    case Exit::protocol:
        return "protocol";
    case Exit::noperm:
        return "noperm";
    case Exit::config:
        return "config";
    }
    return "bug";
}

} // namespace cairn
