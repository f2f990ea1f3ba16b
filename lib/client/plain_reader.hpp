#pragma once

#include "client/object_reader.hpp"
#include "crypto/secret.hpp"

#include <memory>

namespace cairn {

/// An object as its owner knows it: with the key of its link the plaintext, authenticated; without
/// one the bytes as they are stored.
class PlainReader {
public:
    /// `object` must live longer, and the key, which may be null.
    PlainReader(ObjectReader& object, const Secret* key);
    PlainReader(const PlainReader&) = delete;
    PlainReader& operator=(const PlainReader&) = delete;
    ~PlainReader();

    /// Bytes of the plaintext. Reads the beginning of the object unless that was done. Throws what
    /// read() throws.
    [[nodiscard]] std::uint64_t size();

    /// Gives bytes first..last of the plaintext to the sink, in order, perhaps from another thread;
    /// `last` beyond the end means the end. Throws Error{noperm} when the object has another key,
    /// Error{data} when it is not authentic, and what ObjectReader::read throws.
    void read(std::uint64_t first, std::uint64_t last, const Sink& sink);

    /// How many of the bytes that `source` gives are the beginning of this object: it is sealed
    /// and hashed again, and compared with the roots of the shards. Throws what read() throws.
    [[nodiscard]] std::uint64_t count_good(const Source& source);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
