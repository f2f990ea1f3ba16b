#pragma once

#include "os/signals.hpp"

#include <functional>
#include <memory>
#include <string>

namespace cairn {

struct AttendantOptions {
    std::function<void(SignalEvents::Kind)> signal; ///< from its thread
    std::string metrics_file;                       ///< empty: none
    std::function<std::string()> metrics;
    std::function<void(const std::string&)> warn;
};

/// A thread that waits for signals and keeps the file of metrics up to date.
class Attendant {
public:
    /// `signals` must outlive it.
    Attendant(SignalEvents& signals, AttendantOptions options);
    Attendant(const Attendant&) = delete;
    Attendant& operator=(const Attendant&) = delete;
    ~Attendant();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
