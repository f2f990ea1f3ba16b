#include "blocks.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "ledger/ledger_json.hpp"
#include "os/output.hpp"

using namespace cairn;

namespace {

/// How a request names a block.
Json place_of(const std::optional<std::string>& which)
{
    Json request = Json::object();
    if (!which) return request;
    if (parse_hex<BlockId>(*which)) return request.set("id", *which);
    const auto height = parse_number(*which);
    if (!height || *height > UINT32_MAX)
        throw Error{Exit::usage, "'" + *which + "' is no block",
                    "a block has a height, or an id of 64 hex digits"};
    return request.set("height", *height);
}

void write_raw(ByteView bytes)
{
    Output output = Output::open_binary(std::nullopt);
    output.write(bytes);
    output.commit();
}

} // namespace

void BlockVerb::declare(Cli& cli)
{
    verb_ = &cli.verb("block", "Show a block");
    verb_->usage("[--raw] [HEIGHT|ID]");
    verb_->operand("HEIGHT|ID", which_, "Which block; the last if not given");
    verb_->flag("--raw", is_raw_, "Write its bytes");
}

Exit BlockVerb::run(const NodeOptions& node, Console& console) const
{
    const LocalClient client = node.client();
    const Json header = client.ask("header", place_of(which_)).json;
    const std::string id = text_in(header, "id");
    if (number_in(header, "height") == 0 && !is_raw_) {
        show(Json{header}.set("seal", {}).set("transactions", Json::array()), console);
        return Exit::ok;
    }
    const Bytes body = client.ask("block", Json::object().set("id", id)).body;
    const Block block = parse_block(body);
    const bool is_it = to_hex_text(block_id(block.header).bytes) == id &&
                       transactions_root(block.transactions) == block.header.transactions;
    const bool is_asked =
        !which_ || *which_ == id || *which_ == std::to_string(block.header.height.value);
    if (!is_it || !is_asked) throw Error{Exit::protocol, "the node hands out another block"};
    if (is_raw_) {
        write_raw(body);
        return Exit::ok;
    }
    Json json = to_json(block);
    for (const char* const name : {"confirmations", "is_final"})
        json.set(name, header.member(name));
    show(json, console);
    return Exit::ok;
}

void TransactionVerb::declare(Cli& cli)
{
    verb_ = &cli.verb("tx", "Show a transaction, and what became of it");
    verb_->usage("[--raw] ID");
    verb_->operand("ID", id_, "Of the transaction: 64 hex digits");
    verb_->flag("--raw", is_raw_, "Write its bytes");
}

Exit TransactionVerb::run(const NodeOptions& node, Console& console) const
{
    const auto id = parse_hex<TransactionId>(id_);
    if (!id) throw Error{Exit::usage, "'" + id_ + "' is no transaction", "an id has 64 hex digits"};
    LocalClient::Answer answer = node.client().ask("transaction", Json::object().set("id", id_));
    if (answer.body.empty()) {
        if (is_raw_) throw Error{Exit::no, "its block was removed to save room"};
        show(answer.json.set("transaction", {}), console);
        return Exit::ok;
    }
    const Transaction transaction = parse_transaction(answer.body);
    if (transaction_id(transaction.body) != *id)
        throw Error{Exit::protocol, "the node hands out another transaction"};
    if (is_raw_)
        write_raw(answer.body);
    else
        show(answer.json.set("transaction", to_json(transaction)), console);
    return Exit::ok;
}
