// What a chain's state has after a block, for a key or all of it, shown by whoever need not be
// trusted.

#include "state.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "cli/progress.hpp"
#include "keyring/passphrase.hpp"
#include "ledger/ledger_json.hpp"
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

/// Which block somebody wants to know of.
struct ExpectedBlock {
    std::optional<BlockId> id;
    std::optional<NetworkId> chain;
    std::optional<Header> header;

    /// What is wrong with what is about another; nothing otherwise.
    [[nodiscard]] std::string fault(const char* what, const Header& found) const
    {
        const std::string about = std::string{what} + " is about another ";
        const BlockId found_id = block_id(found);
        if (chain && *chain != found.chain)
            return about + "chain: " + to_hex_text(found.chain.bytes);
        if ((id && *id != found_id) || (header && !(*header == found)))
            return about + "block: " + to_hex_text(found_id.bytes);
        return "";
    }
};

Exit answer(const std::string& fault, const Json& about, Console& console)
{
    if (console.json()) {
        Json json = Json::object().set("valid", fault.empty());
        if (!fault.empty()) json.set("reason", fault);
        console.result(json.merge(about));
    } else if (!fault.empty()) {
        console.warning(fault);
    } else if (!console.options().quiet) {
        console.print(about.to_text());
    }
    return fault.empty() ? Exit::ok : Exit::no;
}

Exit check_proof(ByteView bytes, const ExpectedBlock& expected, Console& console)
{
    const StateProof proof = parse_state_proof(bytes);
    const std::string fault =
        is_proven(proof) ? expected.fault("the proof", proof.header) : "the proof is wrong";
    return answer(fault, to_json(proof), console);
}

/// Reads a snapshot whose front was read.
Exit check_snapshot(ByteView front, Input& input, const ExpectedBlock& expected, Console& console)
{
    Progress progress{console, "verify", input.size()};
    SnapshotReader reader{[&](MutableByteView buffer) {
        const std::size_t size = std::min(front.size(), buffer.size());
        std::ranges::copy(front.first(size), buffer.begin());
        front = front.subspan(size);
        const std::size_t all = size + input.read(buffer.subspan(size));
        progress.add(all);
        return all;
    }};
    const SnapshotHead& head = reader.head();
    const std::string fault = expected.fault("the snapshot", head.block.header);
    while (fault.empty() && reader.next()) {
    }
    progress.finish();
    return answer(fault, to_json(head), console);
}

} // namespace

void VerifyState::declare(Cli& cli)
{
    state_ = &cli.verb("state", "Check what a chain's state has, or has not");
    state_->usage("[--block ID] [--header FILE] [--chain ID] [FILE]");
    state_->operand("FILE", file_, "A proof or a snapshot; '-' is standard input");
    state_->option("--block", "ID", block_, "Refuse what is about another block");
    state_->option("--header", "FILE", header_, "The same: the block has this header");
    state_->option("--chain", "ID", chain_, "Refuse what is about another chain");
}

Exit VerifyState::run(Console& console) const
{
    refuse_shared_standard_input(file_, {header_}, {});
    const auto block = parse_id<BlockId>(block_, "--block");
    const auto chain = parse_id<NetworkId>(chain_, "--chain");
    ExpectedBlock expected{block, chain, {}};
    if (!header_.empty()) expected.header = parse_header(read_small_file(header_, header_size_max));
    Input input = Input::open_operand(file_);
    Bytes front(state_proof_size_max + 1);
    front.resize(input.read(front));
    if (is_snapshot(front)) return check_snapshot(front, input, expected, console);
    return check_proof(front, expected, console);
}

} // namespace cairn
