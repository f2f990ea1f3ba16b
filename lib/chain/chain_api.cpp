#include "chain/chain_api.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "format/address.hpp"
#include "mining/round.hpp"
#include "net/fields.hpp"

#include <array>

namespace cairn {
namespace {

Json counts_of(const ChainCounts& counts)
{
    return Json::object()
        .set("blocks_connected", counts.blocks_connected)
        .set("blocks_disconnected", counts.blocks_disconnected)
        .set("blocks_made", counts.blocks_made)
        .set("blocks_compact", counts.blocks_compact)
        .set("headers", counts.headers)
        .set("transactions", counts.transactions)
        .set("transactions_refused", counts.refused)
        .set("faults", counts.faults)
        .set("banned", counts.banned)
        .set("calls_failed", counts.calls_failed);
}

} // namespace

AccountId account_of(const std::string& text)
{
    if (const auto address = parse_address(text)) return account_id(address->key);
    if (const auto key = parse_did(text)) return account_id(*key);
    if (const auto id = parse_hex<AccountId>(text)) return *id;
    throw Error{Exit::data, "'account' is no address, did:key or 64 hex digits"};
}

ChainApi::ChainApi(ChainNode& node, const ChainStore& store, const Mempool& mempool,
                   std::function<ChainNodeFacts()> facts)
    : node_{&node},
      store_{&store},
      mempool_{&mempool},
      facts_{std::move(facts)}
{
}

LocalReply ChainApi::answer(const LocalRequest& request)
{
    static constexpr std::array<Method, 17> methods{{
        {"status", &ChainApi::tell_status},
        {"genesis", &ChainApi::tell_genesis},
        {"peers", &ChainApi::tell_peers},
        {"connect", &ChainApi::connect},
        {"round", &ChainApi::tell_round},
        {"submit", &ChainApi::submit},
        {"header", &ChainApi::find_header, true},
        {"block", &ChainApi::find_block, true},
        {"transaction", &ChainApi::find_transaction, true},
        {"history", &ChainApi::find_history, true},
        {"send", &ChainApi::send},
        {"mempool", &ChainApi::tell_mempool},
        {"estimate", &ChainApi::estimate},
        {"account", &ChainApi::find_account, true},
        {"value", &ChainApi::find_value, true},
        {"providers", &ChainApi::find_providers, true},
        {"supply", &ChainApi::audit_supply, true},
    }};
    try {
        const Json json = Json::parse(request.json, "the request");
        for (const Method& method : methods) {
            if (request.method != method.name) continue;
            if (method.is_of_chain) node_->commit();
            return (this->*method.answer)(json, request.body);
        }
        return local_refusal(CallStatus::unsupported, "no such method");
    } catch (const Error& error) {
        return local_refusal(
            error.code() == Exit::data ? CallStatus::malformed : CallStatus::failed, error.what());
    }
}

Json ChainApi::status() const
{
    const ChainStatus status = node_->status();
    const ChainNodeFacts facts = facts_();
    const Genesis& genesis = store_->genesis();
    const bool is_poc = std::holds_alternative<PocRules>(genesis.engine);
    return Json::object()
        .set("chain", to_hex_text(network_id(genesis).bytes))
        .set("name", genesis.name)
        .set("is_test", genesis.is_test)
        .set("engine", is_poc ? "poc" : "solo")
        .set("height", status.height.value)
        .set("tip", to_hex_text(status.tip.bytes))
        .set("time_s", status.time_s)
        .set("best_height", status.best.value)
        .set("told_height", status.told.value)
        .set("final_blocks", genesis.block.final_blocks)
        .set("is_synced", status.is_synced)
        .set("is_halted", status.is_halted)
        .set("waits_for", status.waits_for)
        .set("wanted_blocks", status.wanted)
        .set("peers", status.peers)
        .set("mempool_transactions", mempool_->count())
        .set("mempool_bytes", mempool_->size_bytes())
        .set("first_body", store_->first_body().value)
        .set("blocks_bytes", store_->blocks_size())
        .set("state_bytes", store_->state_size())
        .set("sealer", facts.sealer.empty() ? Json{} : Json{facts.sealer})
        .set("listening", facts.listening)
        .set("events", facts.events)
        .set("uptime_s", facts.uptime_s)
        .set("counts", counts_of(status.counts));
}

LocalReply ChainApi::tell_status(const Json& json, ByteView)
{
    Fields{json}.finish();
    return local_reply(CallStatus::ok, status());
}

LocalReply ChainApi::tell_genesis(const Json& json, ByteView)
{
    Fields{json}.finish();
    const Genesis& genesis = store_->genesis();
    const std::string text = cairn::to_json(genesis).dump();
    const ByteView bytes = as_bytes(text);
    return local_reply(CallStatus::ok,
                       Json::object().set("chain", to_hex_text(network_id(genesis).bytes)),
                       {bytes.begin(), bytes.end()});
}

LocalReply ChainApi::tell_peers(const Json& json, ByteView)
{
    Fields{json}.finish();
    Json peers = Json::array();
    for (const ChainPeer& peer : node_->peers())
        peers.push(Json::object()
                       .set("address", peer.address)
                       .set("link_key", to_hex_text(peer.link_key.bytes))
                       .set("height", peer.height.value)
                       .set("points", peer.points)
                       .set("is_caller", !peer.is_caller)
                       .set("is_ready", peer.is_ready));
    return local_reply(CallStatus::ok, Json::object().set("peers", std::move(peers)));
}

LocalReply ChainApi::connect(const Json& json, ByteView)
{
    Fields fields{json};
    const std::string address = fields.text("address").value_or("");
    fields.finish();
    if (!is_node_address(address))
        return local_refusal(CallStatus::malformed, "'address' is no HOST:PORT");
    node_->add_peer(address);
    return local_reply(CallStatus::ok, Json::object().set("address", address));
}

LocalReply ChainApi::tell_round(const Json& json, ByteView)
{
    Fields{json}.finish();
    const auto round = node_->round();
    if (!round) return local_refusal(CallStatus::no, "the chain is not mined by plots");
    const Height next = node_->status().height + 1;
    const auto& rules = std::get<PocRules>(store_->genesis().engine);
    Announcement announcement;
    announcement.challenge = round->challenge;
    announcement.target.value = round->base_target;
    if (rules.challenge == ChallengeRule::family) announcement.height = next.value;
    announcement.window_ms = rules.block_time_s * 1000;
    return local_reply(CallStatus::ok, Json::object()
                                           .set("round", cairn::to_json(announcement))
                                           .set("height", next.value)
                                           .set("is_answered", node_->has_proof())
                                           .set("events", facts_().events));
}

/// What an answer says of a plot. The family's plots do not tell whose they are: they are those of
/// the "owner" of the request, or else of whoever this node makes blocks for.
std::optional<PocData> ChainApi::data_of(const Answer& said, const Json& json) const
{
    PocData data;
    data.base_target = said.announcement.target.value;
    if (const auto* const warp = std::get_if<WarpClaim>(&said.claim.where)) {
        data.form = PlotForm::x1;
        data.plot = {{warp->owner.account}, warp->owner.salt};
        data.scale = warp->scale;
        data.first = warp->warp;
        data.place = warp->place;
        const bool is_of_chain = warp->owner.chain == network_id(store_->genesis()).bytes;
        return is_of_chain ? std::optional{data} : std::nullopt;
    }
    const auto& nonce = std::get<NonceClaim>(said.claim.where);
    const auto owner = json.member("owner").text();
    data.form = PlotForm::poc2;
    data.plot.account = owner ? account_of(*owner) : facts_().account;
    data.first = nonce.nonce.value;
    const PlotOwner named{network_id(store_->genesis()).bytes, data.plot.account.bytes, 0};
    if (numeric_account(named) != nonce.account) return std::nullopt;
    return data;
}

LocalReply ChainApi::submit(const Json& json, ByteView)
{
    const Answer said = parse_answer(json);
    const auto round = node_->round();
    if (!round) return local_refusal(CallStatus::no, "the chain is not mined by plots");
    if (said.announcement.challenge != round->challenge)
        return local_refusal(CallStatus::no, "the round is over");
    auto data = data_of(said, json);
    if (!data) return local_refusal(CallStatus::no, "the plot is another account's, or chain's");
    data->quality = hits_of({&said.claim, 1}).front().value;
    if (said.hit && said.hit->value != data->quality)
        return local_refusal(CallStatus::no, "the plot does not hold what the answer says");
    const std::string fault = node_->offer(*data);
    if (!fault.empty()) return local_refusal(CallStatus::no, fault);
    return local_reply(CallStatus::ok, Json::object().set("quality", Json::decimal(data->quality)));
}

} // namespace cairn
