#include "spending.hpp"

#include "base/error.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "ledger/ledger_json.hpp"
#include "ledger/registry.hpp"
#include "os/input.hpp"
#include "wallet/consent.hpp"
#include "wallet/words.hpp"

namespace cairn {
namespace {

constexpr std::size_t call_size_max = 1024UL * 1024; // bytes, of JSON

Call registry_call(RegistryMethod method, Bytes arguments)
{
    Call call;
    call.module = module_number::registry;
    call.method = static_cast<std::uint16_t>(method);
    call.arguments = std::move(arguments);
    return call;
}

std::uint32_t salt_of(const std::string& text)
{
    const auto salt = parse_number(text);
    if (!salt || *salt > UINT32_MAX)
        throw Error{Exit::usage, "'" + escape(text) + "' is no salt: 0 to 4294967295"};
    return static_cast<std::uint32_t>(*salt);
}

} // namespace

Call load_call(const std::string& text, const std::optional<Ed25519KeyPair>& node_key)
{
    const bool is_text = text.starts_with('{');
    const Bytes bytes = is_text ? Bytes{} : read_small_file(text, call_size_max);
    const Json json = Json::parse(is_text ? text : as_text(bytes), "the call");
    return call_from_json(node_key ? with_node_key(json, node_key->public_key()) : json);
}

Call transfer_call(const std::vector<std::string>& payments, const std::string& reference)
{
    Call call;
    call.module = module_number::coins;
    call.method = static_cast<std::uint16_t>(CoinsMethod::transfer);
    call.arguments =
        to_bytes(TransferArguments{transfers_of(payments, true), reference_of(reference)});
    return call;
}

void Spending::declare_terms(Cli& verb)
{
    verb.group("Spending");
    verb.option("--fee", "AMOUNT", fee_, "Pay this fee; what the node thinks is needed");
    verb.option("--max-fee", "AMOUNT", fee_max_, "Pay no more than this; 100 times the least fee");
    verb.number("--lane", "N", lane_, {0, UINT16_MAX}, "Send in lane N of the account; 0");
    verb.number("--valid", "BLOCKS", valid_blocks_, {1, UINT32_MAX},
                "Let it wait for no more than so many blocks; 240");
    verb.flag("-y,--yes", is_agreed_, "Agree to what is shown, without being asked");
    wait_.declare(verb);
}

void Spending::declare(Cli& cli)
{
    send_ = &cli.verb("send", "Send amounts to accounts, in one transaction");
    send_->usage("-i FILE --dir DIR TO AMOUNT [TO AMOUNT]...");
    send_->operands("TO AMOUNT", payments_, "An address or account id, and coins or atoms");
    send_->option("--reference", "TEXT", reference_,
                  "At most 64 bytes for the recipients, 'hex:...' for any; everybody sees it");
    send_->option("--call", "JSON", json_, "Send this call instead of payments; JSON or a file");
    joining_.declare_key(*send_);
    declare_terms(*send_);

    register_ = &cli.verb("register", "Make a provider of the account, which serves by a node");
    register_->usage("-i FILE --dir DIR --node-key FILE --bond AMOUNT --capacity SIZE ...");
    joining_.declare(*register_);
    declare_terms(*register_);

    assign_ = &cli.verb("assign", "Let a key seal the blocks that are made with a plot");
    assign_->operand("SALT", salt_, "The salt of the plot");
    assign_->operand("KEY", key_, "The key: an address, did:key or hex digits");
    declare_terms(*assign_);

    revoke_ = &cli.verb("revoke", "End the assignment of a plot");
    revoke_->operand("SALT", salt_, "The salt of the plot");
    declare_terms(*revoke_);
}

bool Spending::is_chosen() const noexcept
{
    return send_->is_chosen() || register_->is_chosen() || assign_->is_chosen() ||
           revoke_->is_chosen();
}

Call Spending::call(const std::optional<Ed25519KeyPair>& node_key) const
{
    if (register_->is_chosen()) return joining_.call();
    if (assign_->is_chosen())
        return registry_call(RegistryMethod::assign,
                             to_bytes(AssignArguments{salt_of(salt_), wallet_key(key_)}));
    if (revoke_->is_chosen())
        return registry_call(RegistryMethod::revoke, to_bytes(RevokeArguments{salt_of(salt_)}));
    if (!json_ && node_key) throw Error{Exit::usage, "--node-key is for --call"};
    if (!json_) return transfer_call(payments_, reference_);
    if (!payments_.empty() || !reference_.empty())
        throw Error{Exit::usage, "--call is instead of payments and of --reference"};
    return load_call(*json_, node_key);
}

Exit Spending::run(Console& console) const
{
    const auto node_key = joining_.load_key();
    Call wanted = call(node_key); // what is wrong with the command line needs no node
    SpendTerms terms{.lane = {static_cast<std::uint16_t>(lane_)}, .valid_blocks = valid_blocks_};
    if (fee_) terms.fee = amount_of(*fee_, "the fee");
    if (fee_max_) terms.fee_max = amount_of(*fee_max_, "the limit of the fee");
    const NodeClient node = wallet_->client();
    const Identity identity = wallet_->load();
    const Ed25519KeyPair& key = identity.signing();
    const AccountId id = wallet_->account_id_of(std::nullopt, key.public_key());

    const ChainFacts facts = node.facts();
    if (!facts.is_synced) console.warning("the node is behind its chain");
    if (node_key) add_consent(wanted, *node_key, facts.chain, id);
    const AccountView sender = node.account(id);
    const Circumstances now{node, facts, sender};
    const Authority authority =
        authority_for(id, sender.account, wallet_->descriptor(), key.public_key());
    if (authority.signatures > 1)
        throw Error{Exit::noperm,
                    "the account needs " + std::to_string(authority.signatures) + " signatures",
                    "use build, sign, join and submit"};
    if (!facts.genesis.is_test && !payments_.empty()) (void)transfers_of(payments_, false);
    Transaction transaction = prepare(now, wanted, authority, terms);
    AccountNames names;
    for (std::size_t i = 0; i < payments_.size(); i += 2)
        names.emplace(wallet_account(payments_[i]), payments_[i]);
    std::string notes;
    for (const std::string& note : recipient_notes(now, transaction)) notes += note + '\n';
    agree(transaction, describe(transaction, names) + notes, is_agreed_, console);
    sign(transaction, key);
    const std::string reason = node.send(transaction);
    if (reason == "known")
        throw Error{Exit::no, "another process has sent the very same just now",
                    "run it again to send it twice, or use --lane"};
    if (!reason.empty()) throw Error{Exit::no, "the node refuses it: " + reason};
    std::optional<TransactionView> view;
    if (wait_.until) view = wait_.wait(node, transaction, wallet_->timeout_ms);
    tell_sent(transaction, view, console);
    return Exit::ok;
}

} // namespace cairn
