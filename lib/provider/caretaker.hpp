#pragma once

#include "depot/depot.hpp"

#include <functional>
#include <memory>
#include <string>

namespace cairn {

struct CaretakerOptions {
    std::uint64_t scrub_rate = 0;                      ///< bytes a second; 0: no scrub
    std::uint64_t collect_ms = 60'000;                 ///< between two collections
    std::function<void(const std::string& text)> warn; ///< from its thread
};

/// Looks after a depot in a thread of its own: reads everything again and again, slowly, to find
/// what has rotted, and removes what nobody needs any more.
class Caretaker {
public:
    Caretaker(Depot& depot, CaretakerOptions options);
    Caretaker(const Caretaker&) = delete;
    Caretaker& operator=(const Caretaker&) = delete;

    /// Waits for what it does just now.
    ~Caretaker();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
