#include "mempool.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "ledger/group.hpp"
#include "ledger/ledger.hpp"
#include "ledger/ledger_json.hpp"
#include "watch.hpp"

#include <deque>
#include <set>
#include <utility>

using namespace cairn;

namespace {

constexpr std::size_t page_max = 200;      // entries
constexpr std::size_t told_max = 1U << 16; // more than a node has waiting, by its default

/// "registry.join", or numbers for what is not known.
std::string name_of(const Call& call)
{
    const Json json = to_json(call);
    const auto name = [&](const char* member) {
        const Json value = json.member(member);
        return value.text().value_or(value.dump());
    };
    return name("module") + '.' + name("method");
}

/// Id, fee, bytes, weight, sender, lane and sequence, what its calls take, and what they are.
std::string line_of(const Transaction& transaction)
{
    const TransactionBody& body = transaction.body;
    const Measure measured = measure(transaction);
    Amount taken;
    bool takes_all = false;
    for (const PlannedCall& call : measured.calls) {
        taken = plus(taken, call.shape.takes).value_or(Amount{UINT64_MAX});
        takes_all = takes_all || call.shape.takes_all;
    }
    std::string names;
    for (const Call& call : calls_of(body.call))
        names += (names.empty() ? "" : " ") + name_of(call);
    return to_hex_text(measured.id.bytes) + '\t' + to_text(body.fee) + '\t' +
           std::to_string(measured.size) + '\t' + std::to_string(measured.weight) + '\t' +
           to_hex_text(body.call.sender.bytes) + '\t' + std::to_string(body.call.lane.value) + '/' +
           std::to_string(body.call.sequence) + '\t' + (takes_all ? "all" : to_text(taken)) + '\t' +
           names + '\n';
}

/// Shows what waits, each once, in the order in which it came.
class PoolList {
public:
    PoolList(const LocalClient& client, Console& console) : client_{&client}, console_{&console} {}

    /// What has come since the last look.
    void look()
    {
        for (;;) {
            const LocalClient::Answer answer = client_->ask("mempool", request_);
            const Json entries = answer.json.member("entries");
            const std::vector<Transaction> page = parse_transactions(answer.body, page_max);
            if (!entries.is_array() || entries.size() != page.size())
                throw Error{Exit::protocol, "the node does not hand out what it names"};
            if (page.empty()) return;
            for (std::size_t i = 0; i < page.size(); ++i) show(entries.item(i), page[i]);
            request_.set("after", number_in(entries.item(page.size() - 1), "arrival"));
        }
    }

    /// The node counts anew.
    void begin_anew() { request_ = Json::object(); }

private:
    void show(const Json& entry, const Transaction& transaction)
    {
        const TransactionId id = transaction_id(transaction.body);
        if (text_in(entry, "id") != to_hex_text(id.bytes))
            throw Error{Exit::protocol, "the node hands out another transaction"};
        if (!told_.insert(id).second) return;
        order_.push_back(id);
        if (order_.size() > told_max) {
            told_.erase(order_.front());
            order_.pop_front();
        }
        if (console_->json())
            console_->result(Json{entry}.set("transaction", to_json(transaction)));
        else
            console_->print(line_of(transaction));
    }

    const LocalClient* client_;
    Console* console_;
    Json request_ = Json::object();
    std::set<TransactionId> told_;
    std::deque<TransactionId> order_; // in which they were told
};

[[noreturn]] void follow(const NodeOptions& node, Console& console)
{
    Watch watch{node, console, "transaction"};
    PoolList list{watch.client(), console};
    const std::string chain = text_in(watch.client().ask("status").json, "chain");
    std::uint64_t uptime_s = 0;
    bool is_told = true; // the last look was whole
    watch.run([&] {
        const bool was_told = std::exchange(is_told, false);
        const Json status = watch.client().ask("status").json;
        if (text_in(status, "chain") != chain)
            throw Error{Exit::protocol, "the node is of another chain than before"};
        const std::uint64_t now_s = number_in(status, "uptime_s");
        if (!was_told || now_s < uptime_s) list.begin_anew();
        uptime_s = now_s;
        list.look();
        is_told = true;
    });
}

} // namespace

void MempoolVerb::declare(Cli& cli)
{
    verb_ = &cli.verb("mempool", "List the transactions that wait for a block");
    verb_->usage("[--follow]");
    verb_->flag("--follow", is_followed_, "Then go on with each that comes");
}

Exit MempoolVerb::run(const NodeOptions& node, Console& console) const
{
    if (is_followed_) follow(node, console);
    const LocalClient client = node.client();
    PoolList{client, console}.look();
    return Exit::ok;
}
