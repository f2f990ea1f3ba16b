#pragma once

#include "simnet/simulation.hpp"

#include <string>

// For *_test.cpp files only.

namespace cairn {

/// What a simulation has found, a line each.
inline std::string told(const SimReport& report)
{
    std::string text;
    for (const SimViolation& violation : report.violations)
        text += std::to_string(violation.time_ms) + ": " + violation.what + '\n';
    return text;
}

} // namespace cairn
