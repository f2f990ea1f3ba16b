#include "inspect/inspect.hpp"

#include "base/error.hpp"
#include "crypto/secret.hpp"
#include "inspect/detail/objects.hpp"

#include <algorithm>
#include <array>

namespace cairn {
namespace {

constexpr std::size_t peek_size = 1024 * 1024; // bytes: all of every text format

/// The front of the input may hold a secret.
struct WipedPeek : detail::Peeked {
    WipedPeek(Input& opened, const Done& done)
        : detail::Peeked{
              .input = &opened, .front = Bytes(peek_size), .is_whole = false, .source = {}}
    {
        front.resize(opened.read(front));
        is_whole = front.size() < peek_size;
        source = [this, done, at = std::size_t{0}](MutableByteView buffer) mutable {
            const std::size_t size = std::min(buffer.size(), front.size() - at);
            std::copy_n(front.begin() + static_cast<std::ptrdiff_t>(at), size, buffer.begin());
            at += size;
            const std::size_t all =
                size + (size < buffer.size() ? input->read(buffer.subspan(size)) : 0);
            if (done) done(all);
            return all;
        };
    }
    WipedPeek(const WipedPeek&) = delete;
    WipedPeek& operator=(const WipedPeek&) = delete;
    ~WipedPeek() { wipe(front); }
};

} // namespace

Json inspect(Input& input, const Done& done)
{
    const WipedPeek peeked{input, done};
    if (peeked.front.empty()) throw Error{Exit::data, "'" + input.name() + "' is empty"};
    for (const auto look : {detail::inspect_shards, detail::inspect_age, detail::inspect_secret,
                            detail::inspect_public, detail::inspect_plots, detail::inspect_records,
                            detail::inspect_proofs, detail::inspect_ledger, detail::inspect_cbor})
        if (auto found = look(peeked)) return std::move(*found);
    throw Error{Exit::data, "'" + input.name() + "' is none of the formats that are known"};
}

} // namespace cairn
