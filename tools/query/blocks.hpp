#pragma once

#include "node.hpp"

// Blocks and transactions. What a node hands out under an id is looked at: it must have it.

/// A block by its height or its id; the last without either.
class BlockVerb {
public:
    void declare(cairn::Cli& cli);
    [[nodiscard]] bool is_chosen() const { return verb_->is_chosen(); }
    cairn::Exit run(const NodeOptions& node, cairn::Console& console) const;

private:
    cairn::Cli* verb_ = nullptr;
    std::optional<std::string> which_;
    bool is_raw_ = false;
};

/// A transaction and what became of it.
class TransactionVerb {
public:
    void declare(cairn::Cli& cli);
    [[nodiscard]] bool is_chosen() const { return verb_->is_chosen(); }
    cairn::Exit run(const NodeOptions& node, cairn::Console& console) const;

private:
    cairn::Cli* verb_ = nullptr;
    std::string id_;
    bool is_raw_ = false;
};
