#pragma once

#include "format/message.hpp"
#include "json/json.hpp"

#include <string_view>
#include <vector>

// The storage protocol's requests and replies as JSON, cairn-call(1) and cairn-api(7).

namespace cairn {

/// What a request needs besides its JSON.
struct CallMaterial {
    NetworkId network;
    Ed25519PublicKey provider;             ///< its node key
    const Ed25519KeyPair* owner = nullptr; ///< signs shard.drop; null: none
    std::vector<ByteView> shards;          ///< what shard.put stores
};

/// The request of a method, "hello" excepted. Throws Error{usage} for an unknown method, or when an
/// identity or a shard is missing; Error{data} when the JSON is not what the method takes.
Bytes to_request(std::string_view method, const Json& json, const CallMaterial& material);

/// What a reply says. Throws Error{data} when the bytes are no reply of this method.
Json reply_to_json(std::string_view method, ByteView reply);

ShardClass parse_shard_class(std::string_view text); ///< throws Error{data}
Json to_json(const HasReply& reply);
Json to_json(const ListReply& reply);
Json to_json(const Receipt& receipt);
Json to_json(const NodeRecord& record);
Json to_json(const HelloReply& reply);

} // namespace cairn
