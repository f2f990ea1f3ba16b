#pragma once

#include "audit/storage_challenge.hpp"
#include "net/hub.hpp"
#include "provider/detail/prover_keys.hpp"

namespace cairn::detail {

/// What one call of shard.prove asks for.
struct ProofTask {
    ProveRequest request;
    ChallengeSeed seed; ///< that the provider has derived
};

/// What it is answered with.
struct ProofAnswer {
    CallStatus status = CallStatus::ok;
    Bytes reply; ///< or words
};

/// Makes the proof from what is here, in memory for one block's sectors and two pieces. Takes long;
/// throws nothing.
[[nodiscard]] ProofAnswer prove(Depot& depot, ProverKeys& keys, const ProofTask& task);

/// About how many microseconds that takes; none when the prover key is not here.
[[nodiscard]] std::optional<std::uint64_t> proof_cost(const ProverKeys& keys,
                                                      const ProveRequest& request);

} // namespace cairn::detail
