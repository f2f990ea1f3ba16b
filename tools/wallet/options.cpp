#include "options.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "os/clock.hpp"
#include "os/input.hpp"
#include "os/process.hpp"
#include "os/terminal.hpp"
#include "wallet/words.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::uint64_t api_wait_ms = 10'000;
constexpr std::uint64_t poll_us = 100'000;
constexpr std::uint64_t patience_ms = 3'000; // with a node that does not know a transaction
constexpr std::size_t descriptor_text_max = 16 * 1024; // bytes

[[noreturn]] void fail_transaction(const Transaction& transaction, const std::string& reason)
{
    throw Error{Exit::no, "transaction " + to_hex_text(transaction_id(transaction.body).bytes) +
                              ' ' + reason};
}

/// Throws Error{no} where it is in a block and has failed.
void check_status(const Transaction& transaction, const TransactionView& view)
{
    const auto status = view.json.member("receipt").member("status").text();
    if (status && *status != "done")
        fail_transaction(transaction, "failed: " + *status + "; its fee is paid");
}

} // namespace

void WalletOptions::declare(Cli& cli)
{
    cli.group("Node and account");
    cli.option("--node", "ENDPOINT", node, "Local API of a node: ipc://PATH");
    cli.option("--dir", "DIR", directory, "The directory of the node, in place of --node");
    cli.option("-i,--identity", "FILE", identity, "Whose account it is, and who signs");
    cli.option("--account", "ACCOUNT", account, "The account, where it is not the identity's own");
    cli.option("--from", "DESCRIPTOR", from, "The account of several keys, or who controls it");
    passphrase.declare(cli, "-p,--passphrase");
    cli.duration_ms("--timeout", "DURATION", timeout_ms, {1, std::uint64_t{30} * 86'400'000},
                    "Wait no longer; 10m for a block, 10s for the node");
}

NodeClient WalletOptions::client() const
{
    if (!has_node())
        throw Error{Exit::usage, "no node is named", "name it by --node ENDPOINT or --dir DIR"};
    return NodeClient::at(node ? *node : "ipc://" + *directory + "/api.sock",
                          std::min(api_wait_ms, timeout_ms));
}

Identity WalletOptions::load() const
{
    if (!identity) throw Error{Exit::usage, "no identity", "use -i FILE"};
    return load_identity(*identity, [&] { return passphrase.read(false); });
}

std::optional<Descriptor> WalletOptions::descriptor() const
{
    if (!from) return std::nullopt;
    return load_descriptor(*from);
}

AccountId WalletOptions::account_id_of(const std::optional<std::string>& operand,
                                       const std::optional<Ed25519PublicKey>& key) const
{
    if (operand) return wallet_account(*operand);
    if (account) return wallet_account(*account);
    if (from) return account_id(descriptor_id(load_descriptor(*from)));
    if (key) return account_id(*key);
    throw Error{Exit::usage, "no account is named", "use -i FILE or --account ACCOUNT"};
}

AccountId WalletOptions::account_id_of(const std::optional<std::string>& operand) const
{
    const bool is_named = operand || account || from || !identity;
    return account_id_of(operand,
                         is_named ? std::nullopt : std::optional{load().signing().public_key()});
}

Descriptor load_descriptor(const std::string& text)
{
    const bool is_text = text.size() > 8 && text.find('/') == std::string::npos &&
                         text.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (is_text || text.starts_with('{')) return read_descriptor(text);
    return read_descriptor(as_text(read_small_file(text, descriptor_text_max)));
}

void WaitOptions::declare(Cli& verb)
{
    verb.flag("--wait", until, "final", "Wait for a block with it, or until it is final");
}

TransactionView WaitOptions::wait(const NodeClient& node, const Transaction& transaction,
                                  std::uint64_t timeout_ms) const
{
    const TransactionId id = transaction_id(transaction.body);
    const std::uint64_t end_ms = monotonic_ms() + timeout_ms;
    std::uint64_t known_ms = monotonic_ms(); // when the node had it last
    for (;;) {
        const auto view = node.transaction(id);
        if (view && !view->is_waiting) check_status(transaction, *view);
        const bool is_there = view && !view->is_waiting && (until != "final" || view->is_final);
        if (is_there) return *view;
        // Thrown out, or the node has begun anew, or it is on its way from the pool to a block, or
        // it came too late.
        const std::string reason = view ? "" : node.send_again(transaction);
        if (reason.empty())
            known_ms = monotonic_ms();
        else if (monotonic_ms() - known_ms > patience_ms)
            fail_transaction(transaction, "was not done: " + reason);
        if (monotonic_ms() >= end_ms)
            throw Error{Exit::tempfail,
                        "transaction " + to_hex_text(id.bytes) + " is not " +
                            (until == "final" ? "final" : "in a block") + " yet",
                        "cairn-wallet receipt " + to_hex_text(id.bytes)};
        nap_us(poll_us);
    }
}

void agree(const Transaction& draft, const std::string& text, bool is_agreed, Console& console)
{
    const bool is_shown = !console.options().quiet && !console.json();
    if (is_shown) write_all(2, as_bytes(text), "stderr");
    if (console.json())
        console.event("draft", draft_json(draft).set("total_atoms",
                                                     Json::decimal(cost_of(draft).total.atoms)));
    if (is_agreed) return;
    const auto answer = prompt_line((is_shown ? "" : text) + "sign this? [y/N] ");
    if (!answer)
        throw Error{Exit::usage, "no terminal to ask on", "agree to what is shown with --yes"};
    if (*answer != "y" && *answer != "yes") throw Error{Exit::no, "not signed"};
}

void tell_sent(const Transaction& transaction, const std::optional<TransactionView>& view,
               Console& console)
{
    const TransactionBody& body = transaction.body;
    const std::string id = to_hex_text(transaction_id(body).bytes);
    if (!console.json()) return console.print(id + '\n');
    Json json = Json::object()
                    .set("id", id)
                    .set("chain", to_hex_text(body.chain.bytes))
                    .set("sender", to_hex_text(body.call.sender.bytes))
                    .set("lane", body.call.lane.value)
                    .set("sequence", Json::decimal(body.call.sequence))
                    .set("fee_atoms", Json::decimal(body.fee.atoms))
                    .set("total_atoms", Json::decimal(cost_of(transaction).total.atoms))
                    .set("valid_until", body.valid_until.value);
    if (!view) return console.result(json.set("state", "waiting"));
    console.result(json.set("state", view->is_final ? "final" : "done")
                       .set("height", view->json.member("height"))
                       .set("confirmations", view->confirmations));
}

} // namespace cairn
