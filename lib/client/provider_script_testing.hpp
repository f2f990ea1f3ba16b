#pragma once

#include "base/testing.hpp"
#include "crypto/testing.hpp"
#include "format/message.hpp"

#include <map>
#include <string>

// For *_test.cpp files only.

namespace cairn {

/// How a scripted provider answers.
enum class Manner {
    honest,
    refuses,     ///< no connection
    silent,      ///< a connection that never comes up
    impostor,    ///< another node
    mute,        ///< says hello and nothing more
    breaks,      ///< the link breaks in the middle of the first answer
    empty,       ///< has nothing
    forgetful,   ///< says it has all, and has nothing when asked
    flips,       ///< one bit in the last piece
    flips_proof, ///< one bit in the proof, or the first bit of a shard without one
    swaps,       ///< the bytes of another shard
    cuts,        ///< ends before the end
    endless,     ///< goes on after the end
    stalls,      ///< stops in the middle
    trickles,    ///< one byte a second
    resets,      ///< cuts the call in the middle
    slow,        ///< a hundredth of the others' rate, from its first byte on
};

/// One provider of a ScriptedHub: what it has, and how it gives it.
struct ScriptedProvider {
    explicit ScriptedProvider(std::uint64_t seed)
        : node{Secret::copy(noise(32, 2 * seed + 1000))},
          link{Secret::copy(noise(32, 2 * seed + 1001))},
          address{"127.0.0.1:" + std::to_string(10'000 + seed)}
    {
    }

    Ed25519KeyPair node;
    Ed25519KeyPair link;
    std::string address;
    std::map<ShardRoot, Bytes> shards;
    Manner manner = Manner::honest;
    std::uint64_t delay_ms = 1;
    std::uint64_t frame_ms = 1; ///< between two frames of 64 KiB
    std::size_t reads = 0;      ///< calls of shard.get
    std::size_t asks = 0;       ///< calls of shard.has
    std::uint64_t bytes_sent = 0;

    void store(ByteView shard) { shards[blake3(shard)] = Bytes{shard.begin(), shard.end()}; }

    [[nodiscard]] ProviderName name() const { return {node.public_key(), {address}, {}}; }
};

} // namespace cairn
