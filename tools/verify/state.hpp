#pragma once

#include "cli/cli.hpp"

#include <optional>
#include <string>

namespace cairn {

/// "cairn-verify state".
class VerifyState {
public:
    void declare(Cli& cli);

    /// Whether the verb was given.
    [[nodiscard]] bool is_chosen() const noexcept { return state_->is_chosen(); }
    [[nodiscard]] Exit run(Console& console) const;

private:
    Cli* state_ = nullptr;
    std::optional<std::string> file_;
    std::string block_;
    std::string header_;
    std::string chain_;
};

} // namespace cairn
