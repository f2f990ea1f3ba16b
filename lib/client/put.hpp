#pragma once

#include "base/error.hpp"
#include "client/put_options.hpp"
#include "client/session.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cairn {

/// What became of an object.
struct PutResult {
    std::uint64_t number = 0; ///< as in its PutInput
    std::string name;
    std::optional<Link> link;      ///< none: it is not stored, see `error`
    std::uint64_t plain_size = 0;  ///< bytes
    std::uint64_t stored_size = 0; ///< bytes, encrypted, before it is encoded
    Profile profile;               ///< of whole copies: 1 + 2
    std::size_t stored_least = 0;  ///< shards of the segment that has the fewest
    bool is_complete = false;      ///< all shards, the manifest everywhere, the index record
    bool is_tagged = false;        ///< whoever has a shard has accepted its tags
    std::string fault;             ///< why it is not complete
    std::optional<Error> error;
};

/// Stores objects with a session's providers, many at a time and in bounded memory. An object
/// counts as stored when each of its segments has receipts for k + m/2 shards, rounded up, from
/// providers that are all different, and as many have its manifest.
class Putter {
public:
    struct Events {
        /// The next object; none at the end. From worker threads, one call at a time.
        std::function<std::optional<PutInput>()> next;
        /// Of each object, in the order in which they are done.
        std::function<void(PutResult&&)> done;
        std::function<void(ByteView receipt)> receipt;   ///< each once; may be empty
        std::function<void(std::uint64_t bytes)> sent{}; ///< so many more are done; may be empty
        /// So many shards of objects that failed were dropped in the end; may be empty.
        std::function<void(std::uint64_t shards)> dropped{};
    };

    /// All borrowed must live longer.
    Putter(Hub& hub, Session& session, PutOptions options, Entropy& entropy);
    Putter(const Putter&) = delete;
    Putter& operator=(const Putter&) = delete;
    ~Putter();

    /// Connects to so many providers at the beginning, and shares small objects among them.
    void connect(std::size_t providers);

    /// Stores all objects there are. Of those that fail nothing stays, as far as providers can be
    /// told, unless a run after it can use it: what has a journal, and what is public. May be
    /// called again, for more. Throws what `next` and `done`
    /// throw, and Error{ioerr} when a journal or a temporary file fails.
    void run(const Events& events);

    struct Impl;

private:
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
