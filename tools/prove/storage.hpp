#pragma once

#include "cli/cli.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// "cairn-prove storage".
class ProveStorage {
public:
    void declare(Cli& verb);
    [[nodiscard]] Exit run(Console& console) const;

private:
    std::string challenge_;
    std::string key_;
    std::vector<std::string> tags_;
    std::optional<std::string> output_;
    bool force_ = false;
    std::vector<std::string> shards_;
};

} // namespace cairn
