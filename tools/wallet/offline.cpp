#include "offline.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "ledger/group.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "spending.hpp"
#include "wallet/consent.hpp"
#include "wallet/words.hpp"

#include <algorithm>

namespace cairn {
namespace {

NetworkId chain_of(const std::string& text)
{
    const auto id = parse_hex<NetworkId>(text);
    if (!id) throw Error{Exit::usage, "'" + escape(text) + "' is no chain's id: 64 hex digits"};
    return *id;
}

/// Whether a key's signature can be of use: it is that of a sender, or one of a descriptor's.
bool is_wanted(const Transaction& draft, const Ed25519PublicKey& key)
{
    const AccountId id = account_id(key);
    const std::vector<Call> calls = calls_of(draft.body.call);
    return draft.body.call.sender == id ||
           std::ranges::any_of(calls, [&](const Call& call) { return call.sender == id; }) ||
           std::ranges::any_of(draft.descriptors, [&](const Descriptor& descriptor) {
               return std::ranges::binary_search(descriptor.keys, key);
           });
}

} // namespace

void Offline::declare_output(Cli& verb)
{
    verb.group("Output");
    verb.option("-o,--output", "FILE", output_, "Write to FILE; '-' is standard output");
    verb.flag("-f,--force", is_replacing_, "Replace FILE if it exists");
    verb.flag("--cbor", is_cbor_, "Write bytes: the body, or with signatures the transaction");
}

void Offline::declare_build(Cli& cli)
{
    build_ = &cli.verb("build", "Write a transaction that is not signed");
    build_->usage("[--call JSON | TO AMOUNT [TO AMOUNT]...]");
    build_->usage("--node-key FILE --bond AMOUNT --capacity SIZE ...");
    build_->operands("TO AMOUNT", operands_, "An address or account id, and coins or atoms");
    build_->option("--reference", "TEXT", reference_, "At most 64 bytes, 'hex:...' for any");
    build_->option("--call", "JSON", json_, "Any call instead: JSON or a file");
    build_->option("--attach", "DESCRIPTOR", attached_, "Of other senders of a group");
    build_->number("--signatures", "N", signatures_, {1, signatures_max},
                   "Pay for N signatures; as many as the descriptor wants");
    build_->option("--chain", "ID", chain_, "The chain; with the next three no node is asked");
    build_->number("--sequence", "N", sequence_, {0, sequence_max}, "The sequence number");
    build_->option("--fee", "AMOUNT", fee_, "Pay this fee");
    build_->number("--valid-until", "HEIGHT", valid_until_, {0, UINT32_MAX},
                   "The last block that may have it");
    build_->number("--valid", "BLOCKS", valid_blocks_, {1, UINT32_MAX}, "From now on; 240");
    build_->option("--max-fee", "AMOUNT", fee_max_, "Pay no more than this");
    build_->number("--lane", "N", lane_, {0, UINT16_MAX}, "Send in lane N of the account; 0");
    joining_.declare(*build_);
    declare_output(*build_);
}

void Offline::declare(Cli& cli)
{
    declare_build(cli);

    sign_ = &cli.verb("sign", "Add a signature to a transaction, without a node");
    sign_->usage("-i FILE [--chain ID] [-o FILE] [DRAFT]...");
    sign_->operands("DRAFT", operands_, "What build has written; '-' is standard input");
    sign_->option("--chain", "ID", chain_, "Sign for this chain alone");
    sign_->flag("-y,--yes", is_agreed_, "Agree to what is shown, without being asked");
    declare_output(*sign_);

    join_ = &cli.verb("join", "Put the signatures of several copies together");
    join_->operands("DRAFT", operands_, "Copies of one transaction; '-' is standard input");
    declare_output(*join_);

    submit_ = &cli.verb("submit", "Send a signed transaction; again does no harm");
    submit_->operands("DRAFT", operands_, "The transaction, or its copies");
    wait_.declare(*submit_);

    descriptor_ = &cli.verb("descriptor", "Name the account of several keys");
    descriptor_->usage("--threshold N KEY...");
    descriptor_->operands("KEY", operands_, "An address, did:key or hex digits", 1);
    descriptor_->number("--threshold", "N", threshold_, {1, descriptor_keys_max},
                        "So many of them are needed");

    address_ = &cli.verb("address", "Show the address and the account of an identity");
    address_->usage("-i FILE | --from DESCRIPTOR");
}

bool Offline::is_chosen() const noexcept
{
    return build_->is_chosen() || sign_->is_chosen() || join_->is_chosen() ||
           submit_->is_chosen() || descriptor_->is_chosen() || address_->is_chosen();
}

Exit Offline::run(Console& console) const
{
    if (build_->is_chosen()) return build(console);
    if (sign_->is_chosen()) return sign_draft(console);
    if (join_->is_chosen()) return join();
    if (submit_->is_chosen()) return submit(console);
    if (descriptor_->is_chosen()) return show_descriptor(console);
    return show_address(console);
}

void Offline::write(const Transaction& draft) const
{
    const auto existing = is_replacing_ ? Output::Existing::replace : Output::Existing::refuse;
    Output output = is_cbor_ ? Output::open_binary(output_, existing)
                             : Output::open(output_.value_or("-"), existing);
    if (is_cbor_)
        output.write(draft.signatures.empty() ? to_bytes(draft.body) : to_bytes(draft));
    else
        output.write(as_bytes(draft_json(draft).dump() + '\n'));
    output.commit();
}

SpendTerms Offline::terms() const
{
    SpendTerms terms;
    terms.lane = {static_cast<std::uint16_t>(lane_)};
    terms.sequence = sequence_;
    terms.valid_blocks = valid_blocks_;
    if (fee_) terms.fee = amount_of(*fee_, "the fee");
    if (fee_max_) terms.fee_max = amount_of(*fee_max_, "the limit of the fee");
    if (valid_until_) terms.valid_until = Height{static_cast<std::uint32_t>(*valid_until_)};
    return terms;
}

/// All that has to be known is given.
Transaction Offline::build_here(Wanted wanted, const SpendTerms& terms) const
{
    const AccountId id = wallet_->account_id_of(std::nullopt);
    Call& call = wanted.call;
    if (wanted.node_key) add_consent(call, *wanted.node_key, chain_of(*chain_), id);
    if (call.sender != AccountId{} && call.sender != id)
        throw Error{Exit::data, "the call is by another account"};
    call.sender = id;
    if (call.lane == Lane{}) call.lane = terms.lane;
    call.sequence = *terms.sequence;
    Transaction draft{{chain_of(*chain_), std::move(call), *terms.fee, *terms.valid_until}, {}, {}};
    if (const auto descriptor = wallet_->descriptor()) attach(draft, *descriptor);
    for (const std::string& text : attached_) attach(draft, load_descriptor(text));
    return draft;
}

Transaction Offline::build_with_node(Wanted wanted, const SpendTerms& terms, Console& console) const
{
    const NodeClient node = wallet_->client();
    const AccountId id = wallet_->account_id_of(std::nullopt);
    const ChainFacts facts = node.facts();
    if (chain_ && chain_of(*chain_) != facts.chain)
        throw Error{Exit::data, "the node's chain is " + to_hex_text(facts.chain.bytes)};
    if (wanted.node_key) add_consent(wanted.call, *wanted.node_key, facts.chain, id);
    if (!facts.genesis.is_test && !operands_.empty()) (void)transfers_of(operands_, false);
    const AccountView sender = node.account(id);
    const Circumstances now{node, facts, sender};
    const auto descriptor = wallet_->descriptor();
    const bool is_controlled = sender.account && sender.account->controller;
    Authority authority; // of whoever has the account's own key
    if (descriptor || is_controlled)
        authority = authority_for(id, sender.account, descriptor, std::nullopt);
    if (signatures_) authority.signatures = *signatures_;
    for (const std::string& text : attached_) authority.others.push_back(load_descriptor(text));
    Transaction draft = prepare(now, std::move(wanted.call), authority, terms);
    for (const std::string& note : recipient_notes(now, draft)) console.warning(note);
    return draft;
}

/// Of the command line.
Offline::Wanted Offline::wanted() const
{
    const bool has_payments = !operands_.empty() || !reference_.empty();
    if ((json_ || joining_.is_chosen()) && has_payments)
        throw Error{Exit::usage, "a call is instead of payments and of --reference"};
    if (json_ && joining_.is_chosen())
        throw Error{Exit::usage, "--call says all of a provider but the node's key"};
    auto node_key = joining_.load_key();
    Call call;
    if (json_)
        call = load_call(*json_, node_key);
    else if (joining_.is_chosen() || node_key)
        call = joining_.call();
    else
        call = transfer_call(operands_, reference_);
    return {std::move(call), std::move(node_key)};
}

Exit Offline::build(Console& console) const
{
    Wanted all = wanted();
    const SpendTerms given = terms();
    const bool is_all_given = chain_ && given.sequence && given.fee && given.valid_until;
    if (!is_all_given && !wallet_->has_node())
        throw Error{Exit::usage, "a node is needed, or all of --chain, --sequence, --fee and "
                                 "--valid-until"};
    if (is_all_given && !wallet_->has_node())
        write(build_here(std::move(all), given));
    else
        write(build_with_node(std::move(all), given, console));
    return Exit::ok;
}

Transaction Offline::read_all() const
{
    std::vector<Transaction> drafts;
    const std::vector<std::string> files =
        operands_.empty() ? std::vector<std::string>{"-"} : operands_;
    if (std::ranges::count_if(files, is_standard_input) > 1)
        throw Error{Exit::usage, "standard input cannot be read for more than one purpose"};
    for (const std::string& file : files) {
        Input input = operands_.empty() ? Input::open_operand(std::nullopt) : Input::open(file);
        Bytes bytes(draft_size_max + 1);
        bytes.resize(input.read(bytes));
        if (bytes.size() > draft_size_max)
            throw Error{Exit::data, "'" + escape(input.name()) + "' is too large"};
        drafts.push_back(read_draft(bytes));
    }
    return join_drafts(drafts);
}

Exit Offline::sign_draft(Console& console) const
{
    if (!wallet_->identity) throw Error{Exit::usage, "no identity", "use -i FILE"};
    refuse_shared_standard_input(operands_.empty() ? std::nullopt
                                                   : std::optional{operands_.front()},
                                 {*wallet_->identity}, wallet_->passphrase);
    Transaction draft = read_all();
    if (chain_ && chain_of(*chain_) != draft.body.chain)
        throw Error{Exit::data,
                    "the transaction is for chain " + to_hex_text(draft.body.chain.bytes)};
    const Identity identity = wallet_->load();
    const Ed25519KeyPair& key = identity.signing();
    if (!is_wanted(draft, key.public_key()))
        throw Error{Exit::noperm, "this key signs for nobody in this transaction"};
    agree(draft, describe(draft), is_agreed_, console);
    sign(draft, key);
    write(draft);
    return Exit::ok;
}

Exit Offline::join() const
{
    write(read_all());
    return Exit::ok;
}

Exit Offline::submit(Console& console) const
{
    const Transaction transaction = read_all();
    if (transaction.signatures.empty())
        throw Error{Exit::data, "the transaction is not signed", "use 'cairn-wallet sign'"};
    const NodeClient node = wallet_->client();
    const std::string reason = node.send_again(transaction);
    if (!reason.empty()) throw Error{Exit::no, "the node refuses it: " + reason};
    std::optional<TransactionView> view;
    if (wait_.until) view = wait_.wait(node, transaction, wallet_->timeout_ms);
    tell_sent(transaction, view, console);
    return Exit::ok;
}

Exit Offline::show_descriptor(Console& console) const
{
    std::vector<Ed25519PublicKey> keys;
    for (const std::string& text : operands_) keys.push_back(wallet_key(text));
    if (threshold_ == 0) throw Error{Exit::usage, "no threshold", "use --threshold N"};
    const Json json = descriptor_json(descriptor_of(threshold_, std::move(keys)));
    if (console.json())
        console.result(json);
    else
        console.print(json.to_text());
    return Exit::ok;
}

Exit Offline::show_address(Console& console) const
{
    Json json;
    if (const auto descriptor = wallet_->descriptor()) {
        json = descriptor_json(*descriptor);
    } else {
        const PublicForms forms = public_forms(wallet_->load().signing().public_key());
        json = Json::object()
                   .set("address", forms.address)
                   .set("account", forms.account)
                   .set("key", forms.key);
    }
    if (console.json())
        console.result(json);
    else
        console.print(json.to_text());
    return Exit::ok;
}

} // namespace cairn
