// Sends transfers to the nodes of a chain as fast as they take them, one sender for each node, and
// tells how many a second are final.

#include "base/hex.hpp"
#include "chain/messages.hpp"
#include "format/identity.hpp"
#include "ledger/coins.hpp"
#include "net/local_api.hpp"
#include "os/clock.hpp"
#include "os/input.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

using namespace cairn;

namespace {

constexpr std::uint64_t wait_ms = 60'000;
constexpr std::size_t batch = 100;

Json ask(const std::string& node, const std::string& method, const std::string& json,
         Bytes body = {})
{
    const LocalReply reply = call_local(node, {method, json, std::move(body)}, wait_ms);
    return Json::parse(reply.json, "the reply").set("status", reply.status);
}

std::uint64_t number_in(const Json& json, const char* name)
{
    return json.member(name).number().value_or(0);
}

/// Transfers of one key, in lanes of its account, one after the other.
struct Sender {
    std::string node;
    Ed25519KeyPair key;
    std::vector<Transaction> transactions{};
};

void prepare(Sender& sender, std::size_t count)
{
    const AccountId account = account_id(sender.key.public_key());
    const Json status = ask(sender.node, "status", "{}");
    const Json state =
        ask(sender.node, "account", R"({"account":")" + to_hex_text(account.bytes) + "\"}");
    const std::uint64_t next = number_in(state, "next_sequence");
    const auto height = static_cast<std::uint32_t>(number_in(status, "height"));
    for (std::size_t i = 0; i < count; ++i) {
        Transaction transaction;
        TransactionBody& body = transaction.body;
        body.chain = *parse_hex<NetworkId>(status.member("chain").text().value_or(""));
        body.call.sender = account;
        body.call.sequence = next + i;
        body.call.module = module_number::coins;
        body.call.method = static_cast<std::uint16_t>(CoinsMethod::transfer);
        body.call.arguments = to_bytes(TransferArguments{{{account, {1 + i}}}, {}});
        body.valid_until = Height{height} + 1'000;
        body.fee = {10'000};
        sign(transaction, sender.key);
        sender.transactions.push_back(std::move(transaction));
    }
}

void send_all(Sender& sender, std::atomic<std::uint64_t>& refused)
{
    for (std::size_t at = 0; at < sender.transactions.size();) {
        const std::size_t count = std::min(batch, sender.transactions.size() - at);
        const std::span<const Transaction> part{&sender.transactions[at], count};
        const Json reply = ask(sender.node, "send", "{}", transactions_bytes(part));
        const std::size_t taken = reply.member("ids").size();
        at += taken;
        if (taken == count) continue;
        ++refused; // the pool is full: again later
        nap_us(50'000);
    }
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 4 || argc % 2 != 0) {
        std::fputs("usage: bench_chain_load COUNT (NODE KEYFILE)...\n", stderr);
        return 64;
    }
    const std::size_t count = std::strtoul(argv[1], nullptr, 10);
    std::vector<Sender> senders;
    for (int i = 2; i + 1 < argc; i += 2) {
        Secret text{identity_file_size_max};
        text.shrink(read_secret_file(argv[i + 1], text.bytes()));
        senders.push_back({argv[i], Identity::parse(text.bytes()).signing().clone()});
    }
    for (Sender& sender : senders) prepare(sender, count);
    std::atomic<std::uint64_t> refused = 0;
    const std::uint64_t begun = monotonic_ms();
    std::vector<std::thread> threads;
    for (Sender& sender : senders)
        threads.emplace_back([&sender, &refused] { send_all(sender, refused); });
    for (std::thread& thread : threads) thread.join();
    const std::uint64_t sent = monotonic_ms();
    std::uint64_t most = 0; // bytes of a pool
    for (bool is_waiting = true; is_waiting; nap_us(100'000)) {
        is_waiting = false;
        for (const Sender& sender : senders) {
            const Json status = ask(sender.node, "status", "{}");
            most = std::max(most, number_in(status, "mempool_bytes"));
            is_waiting = is_waiting || number_in(status, "mempool_transactions") > 0;
        }
    }
    // The last of them is final when so many more blocks are there, on every node.
    std::uint64_t height = 0;
    for (const Sender& sender : senders) {
        const Json status = ask(sender.node, "status", "{}");
        height = std::max(height, number_in(status, "height") + number_in(status, "final_blocks"));
    }
    for (const Sender& sender : senders)
        while (number_in(ask(sender.node, "status", "{}"), "height") + 1 < height) nap_us(20'000);
    const std::uint64_t done = monotonic_ms();
    const std::uint64_t all = count * senders.size();
    std::printf("{\"transactions\":%lu,\"sent_per_s\":%lu,\"final_per_s\":%lu,"
                "\"refused_batches\":%lu,\"pool_bytes\":%lu}\n",
                all, all * 1000 / (sent - begun + 1), all * 1000 / (done - begun + 1),
                refused.load(), most);
    return 0;
}
