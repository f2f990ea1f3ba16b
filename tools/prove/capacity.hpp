#pragma once

#include "cli/cli.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// "cairn-prove capacity".
class ProveCapacity {
public:
    struct Options {
        std::optional<std::string> challenge;
        std::optional<std::string> signature;
        std::optional<std::uint64_t> height;
        std::optional<std::uint64_t> target;
        bool follow = false;
        bool abandon = false;
        bool status = false;
        std::optional<std::uint64_t> rounds;
        std::uint64_t window_ms = 30'000;
        std::vector<std::string> plots;
    };

    void declare(Cli& verb);
    [[nodiscard]] Exit run(Console& console) const;

private:
    Options options_;
};

} // namespace cairn
