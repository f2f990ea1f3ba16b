#pragma once

#include "node.hpp"

/// The block on top: as it is, once a script may go on, or whenever it is another.
class HeadVerb {
public:
    void declare(cairn::Cli& cli);
    [[nodiscard]] bool is_chosen() const { return verb_->is_chosen(); }
    cairn::Exit run(const NodeOptions& node, cairn::Console& console) const;

private:
    void wait(const NodeOptions& node) const;

    cairn::Cli* verb_ = nullptr;
    std::optional<std::uint64_t> height_;
    bool is_synced_ = false;
    bool is_followed_ = false;
};
