#pragma once

#include "net/local_api.hpp"
#include "provider/facts.hpp"

#include <functional>

namespace cairn {

/// The methods that a store answers to programs of its own user, cairn-api(7). It has no state:
/// calls may come from any thread.
class StoreApi {
public:
    /// `node` owns what is put here. All must outlive it.
    StoreApi(Depot& depot, Guarantor& guarantor, const Ed25519PublicKey& node,
             std::function<ProviderFacts()> facts);

    /// Never throws for what a request says.
    [[nodiscard]] LocalReply answer(const LocalRequest& request) const;

private:
    [[nodiscard]] LocalReply dispatch(const LocalRequest& request) const;
    [[nodiscard]] LocalReply put(const Json& json, ByteView shard) const;
    [[nodiscard]] LocalReply get(const Json& json) const;

    Depot* depot_;
    Guarantor* guarantor_;
    AccountId owner_;
    std::function<ProviderFacts()> facts_;
};

} // namespace cairn
