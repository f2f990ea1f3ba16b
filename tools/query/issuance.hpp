#pragma once

#include "cli/cli.hpp"

#include <optional>
#include <string>

/// How many coins there will be, by the rules of a genesis and the code that the rules are: without
/// a node.
class IssuanceVerb {
public:
    void declare(cairn::Cli& cli);
    [[nodiscard]] bool is_chosen() const { return verb_->is_chosen(); }
    cairn::Exit run(cairn::Console& console) const;

private:
    cairn::Cli* verb_ = nullptr;
    std::uint64_t years_ = 20;
    std::string genesis_ = "ccc";
    std::string step_ = "year";
    std::optional<std::uint64_t> space_;
};
