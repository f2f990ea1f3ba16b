#include "client/index_put.hpp"

#include "client/put_options.hpp"
#include "client/spread.hpp"

namespace cairn {
namespace {

constexpr std::uint64_t tick_ms = 50;

} // namespace

std::size_t put_index_record(Session& session, Entropy& entropy, const NetworkId& network,
                             const AccountId& owner, Bytes file)
{
    const auto bytes = std::make_shared<const Bytes>(std::move(file));
    const OutgoingShard shard{.kind = ShardClass::index,
                              .item = {blake3(*bytes), bytes->size()},
                              .bytes = *bytes,
                              .owner = bytes};
    ProviderPool pool{session, entropy};
    Uploader uploader{session, network, owner};
    Placement placement{pool, pool.candidates(bytes->size()), whole_copies, bytes->size()};
    Spread spread{uploader, pool, placement, std::vector(whole_copies, shard), whole_copies - 1};
    spread.start({.stored = [](const Holder&) {}, .over = [] {}});
    while (!spread.is_over()) {
        uploader.flush();
        session.run(
            [&] {
                uploader.flush();
                return spread.is_over();
            },
            session.now_ms() + tick_ms);
        spread.tick();
    }
    return spread.stored();
}

} // namespace cairn
