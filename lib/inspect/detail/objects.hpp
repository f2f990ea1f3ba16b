#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "json/json.hpp"
#include "os/input.hpp"
#include "stream/age_stream.hpp"

#include <optional>

namespace cairn::detail {

/// An input whose first bytes were looked at.
struct Peeked {
    Input* input = nullptr;
    Bytes front;           ///< all of the input, if it is not larger than the peek
    bool is_whole = false; ///< whether it is
    Source source;         ///< everything, from the first byte on
};

/// What each description begins with, of formats whose version is 1.
inline Json kind_json(const char* kind)
{
    return Json::object().set("kind", kind).set("version", 1);
}

/// All of an input that may be larger than the peek. Throws Error{data} when it is larger than
/// `size_max`.
inline Bytes read_all(const Source& source, std::size_t size_max, const char* what)
{
    Bytes bytes(size_max + 1);
    bytes.resize(source(bytes));
    if (bytes.size() > size_max) throw Error{Exit::data, std::string{what} + " is too large"};
    return bytes;
}

// Each of these looks at one family of formats: none when the input is not of it, Error{data} when
// it is and is damaged.

std::optional<Json> inspect_shards(const Peeked& peeked);  ///< shard file, stream, manifest
std::optional<Json> inspect_age(const Peeked& peeked);     ///< age files
std::optional<Json> inspect_secret(const Peeked& peeked);  ///< identities and secret keys
std::optional<Json> inspect_public(const Peeked& peeked);  ///< keys, addresses, signatures, links
std::optional<Json> inspect_plots(const Peeked& peeked);   ///< plots, their sums and journals
std::optional<Json> inspect_records(const Peeked& peeked); ///< what the storage network signs
std::optional<Json> inspect_proofs(const Peeked& peeked);  ///< what storage proofs are made of
std::optional<Json> inspect_ledger(const Peeked& peeked);  ///< what chains are made of
std::optional<Json> inspect_cbor(const Peeked& peeked);    ///< anything else in the CBOR profile

} // namespace cairn::detail
