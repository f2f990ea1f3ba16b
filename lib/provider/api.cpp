#include "provider/api.hpp"

#include "net/fields.hpp"
#include "provider/json_calls.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cairn {
namespace {

constexpr std::uint64_t work_size = std::uint64_t{64} << 20U; // bytes, of scrub and collect

LocalReply drain(Depot& depot, const Json& json)
{
    Fields fields{json};
    const bool is_on = fields.boolean("on").value_or(true);
    fields.finish();
    depot.drain(is_on);
    const DepotStatus status = depot.status();
    return local_reply(CallStatus::ok, Json::object()
                                           .set("is_draining", status.is_draining)
                                           .set("reserved_bytes", status.reserved));
}

std::uint64_t size_of_work(const Json& json)
{
    Fields fields{json};
    const std::uint64_t size = fields.number("size_bytes").value_or(work_size);
    fields.finish();
    return size;
}

LocalReply scrub(Depot& depot, const Json& json)
{
    Json damaged = Json::array();
    for (const ShardRoot& root : depot.scrub(size_of_work(json)))
        damaged.push(to_hex_text(root.bytes));
    return local_reply(CallStatus::ok, Json::object().set("damaged", std::move(damaged)));
}

LocalReply collect(Depot& depot, const Json& json)
{
    const bool has_more = depot.collect(size_of_work(json));
    return local_reply(CallStatus::ok, Json::object().set("has_more", has_more));
}

LocalReply has(const Depot& depot, const AccountId& owner, const Json& json)
{
    Fields fields{json};
    const auto roots = fields.ids<ShardRoot>("roots");
    fields.finish();
    HasReply found;
    for (const ShardRoot& root : roots) found.entries.push_back(depot.find(root, owner));
    return local_reply(CallStatus::ok, to_json(found));
}

LocalReply list(const Depot& depot, const AccountId& owner, const Json& json)
{
    Fields fields{json};
    const ShardClass kind = parse_shard_class(fields.text("class").value_or("data"));
    const std::uint64_t after = fields.number("after").value_or(0);
    fields.finish();
    return local_reply(CallStatus::ok, to_json(ListReply{depot.list(owner, kind, after)}));
}

} // namespace

StoreApi::StoreApi(Depot& depot, Guarantor& guarantor, const Ed25519PublicKey& node,
                   std::function<ProviderFacts()> facts)
    : depot_{&depot},
      guarantor_{&guarantor},
      owner_{account_id(node)},
      facts_{std::move(facts)}
{
}

LocalReply StoreApi::put(const Json& json, ByteView shard) const
{
    Fields fields{json};
    PutRequest request;
    request.kind = parse_shard_class(fields.text("class").value_or("data"));
    fields.finish();
    if (shard.size() > shard_size_max)
        return local_refusal(CallStatus::malformed, "it is too large");
    request.items.push_back({blake3(shard), shard.size()});
    if (request.kind == ShardClass::tags && Guarantor::is_too_large(request.items))
        return local_refusal(CallStatus::malformed, "it is too large for class tags");
    Refusal why;
    std::optional<Upload> upload = depot_->reserve(owner_, request, why);
    if (!upload)
        return local_refusal(why.why == Refusal::Why::full ? CallStatus::full : CallStatus::denied,
                             why.text);
    if (!upload->write(shard) || !upload->is_complete())
        return local_refusal(CallStatus::failed, "the shard changed while it was stored");
    if (request.kind == ShardClass::tags) {
        Guarantor::Checked checked = guarantor_->check_now(std::move(*upload));
        if (!checked.upload) return local_refusal(checked.status, checked.text);
        upload = std::move(checked.upload);
    }
    std::array<Upload, 1> uploads{std::move(*upload)};
    const Stored stored = depot_->commit(uploads).at(0);
    return local_reply(CallStatus::ok, Json::object()
                                           .set("root", to_hex_text(request.items[0].root.bytes))
                                           .set("size_bytes", shard.size())
                                           .set("serial", Json::decimal(stored.serial))
                                           .set("time_s", stored.time_s));
}

LocalReply StoreApi::get(const Json& json) const
{
    Fields fields{json};
    const auto root = fields.id<ShardRoot>("root");
    fields.finish();
    const auto reader = depot_->read(root);
    if (!reader) return local_refusal(CallStatus::no, "no such shard");
    LocalReply whole = local_reply(
        CallStatus::ok,
        Json::object().set("root", to_hex_text(root.bytes)).set("size_bytes", reader->size()));
    for (std::uint64_t i = 0; i < piece_count(reader->size()); ++i) {
        const auto piece = reader->piece(i);
        if (!piece) return local_refusal(CallStatus::damaged, "the shard has rotted");
        whole.body.insert(whole.body.end(), piece->begin(), piece->end());
    }
    return whole;
}

LocalReply StoreApi::dispatch(const LocalRequest& request) const
{
    const Json json = Json::parse(request.json, "the request");
    if (request.method == "status") {
        Fields{json}.finish();
        return local_reply(CallStatus::ok, to_json(facts_()));
    }
    if (request.method == "drain") return drain(*depot_, json);
    if (request.method == "scrub") return scrub(*depot_, json);
    if (request.method == "collect") return collect(*depot_, json);
    if (request.method == "put") return put(json, request.body);
    if (request.method == "get") return get(json);
    if (request.method == "has") return has(*depot_, owner_, json);
    if (request.method == "list") return list(*depot_, owner_, json);
    return local_refusal(CallStatus::unsupported, "no such method");
}

LocalReply StoreApi::answer(const LocalRequest& request) const
{
    try {
        return dispatch(request);
    } catch (const Error& error) {
        return local_refusal(
            error.code() == Exit::data ? CallStatus::malformed : CallStatus::failed, error.what());
    }
}

} // namespace cairn
