#include "state.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "ledger/coins.hpp"
#include "ledger/ledger_json.hpp"
#include "ledger/registry.hpp"
#include "mining/owner.hpp"
#include "os/output.hpp"

using namespace cairn;

namespace {

AccountId account_of(const std::string& text)
{
    return {parse_account_id(text)};
}

/// Writes a proof of what a key has, and shows that, if it does not go the same way.
Exit prove(const LocalClient& client, const StateKey& key, const ProofOptions& options,
           Console& console)
{
    const Json request = Json::object().set("key", to_hex_text(key.bytes)).set("is_proven", true);
    const StateProof proof = parse_state_proof(client.ask("value", request).body);
    if (!(proof.key == key) || !is_proven(proof))
        throw Error{Exit::protocol, "the node's proof does not hold"};
    Output output = Output::open_binary(
        options.path, options.is_replacing ? Output::Existing::replace : Output::Existing::refuse);
    output.write(to_bytes(proof));
    output.commit();
    if (!is_standard_output(*options.path)) show(to_json(proof), console);
    return proof.value ? Exit::ok : Exit::no;
}

/// What a key has, by the node's word.
Exit look_up(const LocalClient& client, const StateKey& key, Console& console)
{
    const Json reply = client.ask("value", Json::object().set("key", to_hex_text(key.bytes))).json;
    const bool is_here = is_true(reply, "is_here");
    const Json value = reply.member("value");
    show(Json::object()
             .set("tip", text_in(reply, "tip"))
             .set("tip_height", number_in(reply, "height"))
             .merge(value.is_object() ? value : Json::object()),
         console);
    return is_here ? Exit::ok : Exit::no;
}

std::string coins_in(const Json& record, const std::string& name)
{
    return to_text(Amount{number_in(record, name)});
}

/// One line of a table.
void tell_provider(const Json& entry, Console& console)
{
    if (console.json()) return console.result(entry);
    const Json record = entry.member("record");
    const Json offer = record.member("offer");
    std::string line = text_in(entry, "account") + '\t' + escape(text_in(record, "class")) + '\t' +
                       coins_in(record, "bond_atoms") + '\t' +
                       format_size(number_in(offer, "capacity_bytes")) + '\t' +
                       coins_in(offer, "price_atoms") + '\t';
    const Json addresses = offer.member("addresses");
    for (std::size_t i = 0; i < addresses.size(); ++i)
        line += (i == 0 ? "" : " ") + escape(addresses.item(i).text().value_or(""));
    console.print(line + '\n');
}

} // namespace

void ProofOptions::declare(Cli& verb)
{
    verb.option("--proof", "FILE", path, "Write a proof of it, for 'cairn verify state'");
    verb.flag("-f,--force", is_replacing, "Replace FILE if it exists");
}

void AccountVerb::declare(Cli& cli)
{
    verb_ = &cli.verb("account", "Show what an account has");
    verb_->usage("[--proof FILE] ACCOUNT");
    verb_->operand("ACCOUNT", account_, "An address, a did:key, or an id of 64 hex digits");
    proof_.declare(*verb_);
}

Exit AccountVerb::run(const NodeOptions& node, Console& console) const
{
    const AccountId id = account_of(account_);
    const LocalClient client = node.client();
    if (proof_.path) return prove(client, account_key(id), proof_, console);
    const Json reply =
        client.ask("account", Json::object().set("account", to_hex_text(id.bytes))).json;
    const bool is_here = is_true(reply, "is_here");
    show(reply, console);
    return is_here ? Exit::ok : Exit::no;
}

void ProvidersVerb::declare(Cli& cli)
{
    verb_ = &cli.verb("providers", "List who stores for others");
    verb_->usage("[[--proof FILE] ACCOUNT]");
    verb_->operand("ACCOUNT", account_, "The provider of this account alone");
    proof_.declare(*verb_);
}

Exit ProvidersVerb::run(const NodeOptions& node, Console& console) const
{
    const LocalClient client = node.client();
    if (account_) {
        const StateKey key = provider_key(account_of(*account_));
        return proof_.path ? prove(client, key, proof_, console) : look_up(client, key, console);
    }
    if (proof_.path) throw Error{Exit::usage, "a proof is about one provider", "name its account"};
    Json request = Json::object();
    for (;;) {
        const Json providers = client.ask("providers", request).json.member("providers");
        if (providers.size() == 0) return Exit::ok;
        for (std::size_t i = 0; i < providers.size(); ++i)
            tell_provider(providers.item(i), console);
        request.set("after", text_in(providers.item(providers.size() - 1), "account"));
    }
}

void ValueVerb::declare(Cli& cli)
{
    verb_ = &cli.verb("value", "Show what the state has under a key");
    verb_->usage("[--proof FILE] KEY");
    verb_->operand("KEY", key_, "Hex digits: a module, a table and the key in it");
    proof_.declare(*verb_);
}

Exit ValueVerb::run(const NodeOptions& node, Console& console) const
{
    Bytes bytes(key_.size() / 2);
    if (key_.size() % 2 != 0 || !from_hex(as_bytes(key_), bytes))
        throw Error{Exit::usage, "'" + key_ + "' is no key", "a key is hex digits"};
    const StateKey key = parse_state_key(bytes);
    const LocalClient client = node.client();
    return proof_.path ? prove(client, key, proof_, console) : look_up(client, key, console);
}
