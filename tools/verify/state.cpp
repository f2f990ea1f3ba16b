// What a chain's state has after a block, shown by whoever need not be trusted.

#include "state.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "keyring/passphrase.hpp"
#include "ledger/ledger_json.hpp"
#include "ledger/state_proof.hpp"
#include "os/input.hpp"

namespace cairn {
namespace {

template <class Id>
std::optional<Id> parse_id(const std::string& text, const char* what)
{
    if (text.empty()) return std::nullopt;
    const auto id = parse_hex<Id>(text);
    if (!id) throw Error{Exit::usage, std::string{what} + " is no id", "an id has 64 hex digits"};
    return id;
}

} // namespace

void VerifyState::declare(Cli& cli)
{
    state_ = &cli.verb("state", "Check a proof of what a chain's state has, or has not");
    state_->usage("[--block ID] [--header FILE] [--chain ID] [PROOF]");
    state_->operand("PROOF", file_, "The proof; '-' is standard input");
    state_->option("--block", "ID", block_, "Refuse a proof about another block");
    state_->option("--header", "FILE", header_, "The same: the block has this header");
    state_->option("--chain", "ID", chain_, "Refuse a proof about another chain");
}

Exit VerifyState::run(Console& console) const
{
    refuse_shared_standard_input(file_, {header_}, {});
    const auto block = parse_id<BlockId>(block_, "--block");
    const auto chain = parse_id<NetworkId>(chain_, "--chain");
    std::optional<Header> header;
    if (!header_.empty()) header = parse_header(read_small_file(header_, header_size_max));
    const StateProof proof =
        parse_state_proof(read_small_file(file_.value_or("-"), state_proof_size_max));
    const BlockId id = block_id(proof.header);

    std::string fault;
    if (!is_proven(proof))
        fault = "the proof is wrong";
    else if (chain && *chain != proof.header.chain)
        fault = "the proof is about another chain: " + to_hex_text(proof.header.chain.bytes);
    else if ((block && *block != id) || (header && !(*header == proof.header)))
        fault = "the proof is about another block: " + to_hex_text(id.bytes);

    if (console.json()) {
        Json json = Json::object().set("valid", fault.empty());
        if (!fault.empty()) json.set("reason", fault);
        console.result(json.merge(to_json(proof)));
    } else if (!fault.empty()) {
        console.warning(fault);
    } else if (!console.options().quiet) {
        console.print(to_json(proof).to_text());
    }
    return fault.empty() ? Exit::ok : Exit::no;
}

} // namespace cairn
