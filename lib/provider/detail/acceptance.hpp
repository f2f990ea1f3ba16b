#pragma once

#include "net/hub.hpp"
#include "provider/detail/prover_keys.hpp"

namespace cairn::detail {

// What a provider takes of class tags, cairn-storage(7).

inline constexpr std::uint64_t tags_put_size_max = 16UL << 20U; // bytes, of one upload
inline constexpr std::uint64_t tags_put_points_max = 65'536;    // checked in one upload

/// What is said of an upload.
struct Verdict {
    CallStatus status = CallStatus::ok;
    std::string text;       ///< why it is refused
    std::uint64_t tags = 0; ///< that were checked
};

/// Whether there is more than is taken.
[[nodiscard]] bool is_too_large(std::span<const ShardItem> items);

/// Looks at shards of class tags before anybody gets a receipt for them: an owner could else plant
/// a bad tag or a bad prover key, and blame who keeps it.
class Acceptance {
public:
    /// All must outlive it; the source of chance is used from several threads.
    Acceptance(Depot& depot, ProverKeys& keys, Entropy& entropy)
        : depot_{&depot},
          keys_{&keys},
          entropy_{&entropy}
    {
    }

    /// Checks a complete upload, and notes in it what is accepted. Takes long; throws nothing.
    [[nodiscard]] Verdict judge(Upload& upload) const;

private:
    Depot* depot_;
    ProverKeys* keys_;
    Entropy* entropy_;
};

} // namespace cairn::detail
