#pragma once

#include "ledger/state_proof.hpp"
#include "node.hpp"

// What the state after the last block has. With a proof nobody has to believe the node, but for
// which block is on its chain.

/// Where a proof goes.
struct ProofOptions {
    std::optional<std::string> path;
    bool is_replacing = false;

    void declare(cairn::Cli& verb);
};

class AccountVerb {
public:
    void declare(cairn::Cli& cli);
    [[nodiscard]] bool is_chosen() const { return verb_->is_chosen(); }
    cairn::Exit run(const NodeOptions& node, cairn::Console& console) const;

private:
    cairn::Cli* verb_ = nullptr;
    std::string account_;
    ProofOptions proof_;
};

/// All providers, or the one of an account.
class ProvidersVerb {
public:
    void declare(cairn::Cli& cli);
    [[nodiscard]] bool is_chosen() const { return verb_->is_chosen(); }
    cairn::Exit run(const NodeOptions& node, cairn::Console& console) const;

private:
    cairn::Cli* verb_ = nullptr;
    std::optional<std::string> account_;
    ProofOptions proof_;
};

/// Whatever is under a key.
class ValueVerb {
public:
    void declare(cairn::Cli& cli);
    [[nodiscard]] bool is_chosen() const { return verb_->is_chosen(); }
    cairn::Exit run(const NodeOptions& node, cairn::Console& console) const;

private:
    cairn::Cli* verb_ = nullptr;
    std::string key_;
    ProofOptions proof_;
};
