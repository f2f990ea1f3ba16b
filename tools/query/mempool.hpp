#pragma once

#include "node.hpp"

/// What waits for a block, and what comes to it.
class MempoolVerb {
public:
    void declare(cairn::Cli& cli);
    [[nodiscard]] bool is_chosen() const { return verb_->is_chosen(); }
    cairn::Exit run(const NodeOptions& node, cairn::Console& console) const;

private:
    cairn::Cli* verb_ = nullptr;
    bool is_followed_ = false;
};
