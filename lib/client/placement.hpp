#pragma once

#include "base/entropy.hpp"
#include "client/session.hpp"

#include <optional>
#include <set>
#include <vector>

namespace cairn {

/// The providers that a run may store with, in an order of its own so that different runs burden
/// different ones.
class ProviderPool {
public:
    /// `session` must live longer.
    ProviderPool(Session& session, Entropy& entropy);

    [[nodiscard]] Session& session() const noexcept { return *session_; }
    [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }

    /// Begins to connect to those that are asked first.
    void connect(std::size_t count);

    /// For good: it does not want what we have, or it lies.
    void exclude(std::size_t provider) { excluded_.insert(provider); }

    /// Whether it may take a shard of this size.
    [[nodiscard]] bool is_usable(std::size_t provider, std::uint64_t size) const;

    /// All usable ones in the order in which to ask them: `preferred` first, those that are down
    /// last. Each call begins with others.
    std::vector<std::size_t> candidates(std::uint64_t size,
                                        const std::vector<std::size_t>& preferred = {});

private:
    Session* session_;
    std::vector<std::size_t> order_;
    std::set<std::size_t> excluded_;
    std::size_t connected_ = 0; // of the order: these share the load
    std::size_t first_ = 0;
};

/// Which provider gets which shard of an object's segments. All segments go to the same ones as
/// long as these do their work, so that few hold an object and are asked for it.
class Placement {
public:
    /// For `slots` shards of at most `size` bytes; with fewer candidates some slots stay empty.
    Placement(ProviderPool& pool, const std::vector<std::size_t>& candidates, std::size_t slots,
              std::uint64_t size);

    [[nodiscard]] std::size_t slots() const noexcept { return slots_.size(); }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// Who has a slot, unless it is of no use any more.
    [[nodiscard]] std::optional<std::size_t> at(std::size_t slot) const;

    /// The next provider that has no slot and is not among `taken`.
    [[nodiscard]] std::optional<std::size_t> spare(const std::set<std::size_t>& taken) const;

    /// Gives a slot to a provider. Who had it gets the slot that the provider had, or becomes the
    /// last of the spares.
    void assign(std::size_t slot, std::size_t provider);

    /// Nobody could be found for a slot: later segments try once and do not wait.
    void give_up(std::size_t slot) { slots_[slot].is_given_up = true; }
    void succeed(std::size_t slot) { slots_[slot].is_given_up = false; }
    [[nodiscard]] bool is_given_up(std::size_t slot) const { return slots_[slot].is_given_up; }

private:
    struct Slot {
        std::optional<std::size_t> provider;
        bool is_given_up = false;
    };

    ProviderPool* pool_;
    std::uint64_t size_;
    std::vector<Slot> slots_;
    std::vector<std::size_t> spares_;
};

} // namespace cairn
