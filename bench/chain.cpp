// How fast blocks are put on a chain: transfers between many accounts, verified, executed and
// committed, beside the signature checks alone.

#include "chain/block_maker.hpp"
#include "chain/chain_store.hpp"
#include "engine/solo.hpp"
#include "ledger/coins.hpp"
#include "os/clock.hpp"
#include "os/parallel.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>

using namespace cairn;

namespace {

constexpr std::size_t senders = 2'000;
constexpr unsigned threads = 2;

Ed25519KeyPair pair_of(std::uint64_t number)
{
    Bytes seed(32);
    for (std::size_t i = 0; i < 8; ++i) seed[i] = static_cast<std::byte>(number >> (8 * i));
    return Ed25519KeyPair{Secret::copy(seed)};
}

AccountId account_of(std::uint64_t number)
{
    Bytes name(8);
    for (std::size_t i = 0; i < 8; ++i) name[i] = static_cast<std::byte>(number >> (8 * i));
    return {sha256(name).bytes};
}

class Bench {
public:
    Bench(const std::string& directory, std::size_t accounts, bool has_index)
        : accounts_{accounts},
          genesis_{make_genesis()},
          consensus_{genesis_},
          store_{directory, genesis_, consensus_, {.has_index = has_index}},
          directory_{directory}
    {
        for (std::size_t i = 0; i < senders; ++i) next_.push_back(sequence_end({}));
    }

    /// Makes all accounts.
    void fill()
    {
        for (std::size_t from = 0; from < accounts_;) {
            std::vector<Transaction> all;
            for (std::size_t i = 0; i < 150 && from < accounts_; ++i) {
                TransferArguments arguments;
                for (std::size_t k = 0; k < transfers_max && from < accounts_; ++k)
                    arguments.transfers.push_back({account_of(from++), {atoms_per_coin}});
                all.push_back(make(i, arguments));
            }
            connect(make_block(std::move(all)));
        }
    }

    std::vector<Transaction> transfers(std::size_t count)
    {
        std::vector<Transaction> all;
        for (std::size_t i = 0; i < count; ++i) {
            dice_ = dice_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
            const std::uint64_t to = (dice_ >> 20U) % accounts_;
            all.push_back(make((dice_ >> 8U) % senders, {{{account_of(to), {1 + i % 5}}}, {}}));
        }
        return all;
    }

    Block make_block(std::vector<Transaction> all)
    {
        const BlockMaker maker{genesis_, consensus_, key_, account_id(key_.public_key())};
        const auto state = store_.state();
        auto draft = maker.draft(
            store_.tip(), {*state, *state},
            {store_.tip().id, store_.tip().header.time_s + 1,
             solo_consensus_data(store_.tip().header.chain, store_.tip().header.height + 1, key_)},
            [&](BlockExecution& execution) {
                for (const Transaction& transaction : all)
                    if (const auto fault = execution.add(transaction)) {
                        std::fprintf(stderr, "bench: %s\n", to_text(*fault));
                        std::exit(70);
                    }
                return std::move(all);
            });
        maker.seal(*draft);
        return std::move(draft->block);
    }

    void connect(const Block& block)
    {
        const BlockId id = block_id(block.header);
        KnownHeader known{id, block.header, block.seal,
                          consensus_.next_state(store_.tip().state, block.header)};
        store_.put_body(block, id);
        if (const auto fault = store_.connect(known, block)) {
            std::fprintf(stderr, "bench: %s\n", fault->c_str());
            std::exit(70);
        }
        connected_ms_ = monotonic_ms();
        store_.commit();
    }

    void save_genesis() const
    {
        std::ofstream{directory_ + "/genesis.json"} << to_json(genesis_).dump() << '\n';
    }

    [[nodiscard]] std::uint32_t height() const { return store_.tip().header.height.value; }
    [[nodiscard]] std::uint64_t connected_ms() const { return connected_ms_; }

private:
    Genesis make_genesis() const
    {
        Genesis genesis = parse_genesis(*genesis_profile("dev"));
        genesis.engine = SoloRules{.producer = key_.public_key()};
        genesis.block.size_max = transactions_size_max;
        genesis.block.weight_max = 1'000'000'000;
        for (std::size_t i = 0; i < senders; ++i)
            genesis.accounts.push_back(
                {account_id(keys_[i].public_key()), {1'000'000 * atoms_per_coin / 8}});
        std::ranges::sort(genesis.accounts, {}, &FirstAccount::account);
        return genesis;
    }

    Transaction make(std::size_t sender, const TransferArguments& arguments)
    {
        Transaction transaction;
        transaction.body.chain = store_.tip().header.chain;
        transaction.body.call.sender = account_id(keys_[sender].public_key());
        transaction.body.call.sequence = next_[sender]++;
        transaction.body.call.module = module_number::coins;
        transaction.body.call.method = static_cast<std::uint16_t>(CoinsMethod::transfer);
        transaction.body.call.arguments = to_bytes(arguments);
        transaction.body.valid_until = store_.tip().header.height + 100;
        transaction.body.fee = {1'000'000};
        sign(transaction, keys_[sender]);
        return transaction;
    }

    static std::vector<Ed25519KeyPair> make_keys()
    {
        std::vector<Ed25519KeyPair> keys;
        for (std::size_t i = 0; i < senders; ++i) keys.push_back(pair_of(i));
        return keys;
    }

    std::size_t accounts_;
    Ed25519KeyPair key_ = pair_of(1ULL << 40U);
    std::vector<Ed25519KeyPair> keys_ = make_keys();
    Genesis genesis_;
    SoloConsensus consensus_;
    ChainStore store_;
    std::string directory_;
    std::vector<std::uint64_t> next_;
    std::uint64_t dice_ = 7;
    std::uint64_t connected_ms_ = 0;
};

/// All signatures of a block.
void verify_all(const Block& block)
{
    in_parallel(threads, threads, [&](std::size_t part) {
        for (std::size_t i = part; i < block.transactions.size(); i += threads)
            if (!is_signed(block.transactions[i])) std::exit(70);
    });
}

void fail_usage()
{
    std::fputs("usage: bench_chain kernel DIR [ACCOUNTS [TRANSACTIONS [BLOCKS]]]\n"
               "       bench_chain make DIR BLOCKS TRANSACTIONS [ACCOUNTS]   (of each block)\n",
               stderr);
    std::exit(64);
}

/// How long blocks of so many transfers take, one step after the other and with the next one's
/// signatures checked meanwhile.
void run_kernel(const std::string& directory, std::size_t accounts, std::size_t size,
                std::size_t blocks)
{
    Bench bench{directory, accounts, false};
    bench.fill();
    std::uint64_t verify_ms = 0;
    std::uint64_t execute_ms = 0;
    std::uint64_t commit_ms = 0;
    std::uint64_t overlapped_ms = 0;
    for (std::size_t i = 0; i < blocks; ++i) {
        const Block block = bench.make_block(bench.transfers(size));
        const std::uint64_t begun = monotonic_ms();
        verify_all(block);
        const std::uint64_t verified = monotonic_ms();
        bench.connect(block);
        const std::uint64_t done = monotonic_ms();
        verify_ms += verified - begun;
        execute_ms += bench.connected_ms() - verified;
        commit_ms += done - bench.connected_ms();
    }
    for (std::size_t i = 0; i < blocks; ++i) { // each with as many signatures of the next one
        const Block block = bench.make_block(bench.transfers(size));
        const std::uint64_t begun = monotonic_ms();
        std::atomic<std::size_t> next = 0;
        const auto verify = [&] {
            for (std::size_t k = next++; k < size; k = next++)
                if (!is_signed(block.transactions[k])) std::exit(70);
        };
        auto other = std::async(std::launch::async, verify);
        bench.connect(block);
        verify();
        other.get();
        overlapped_ms += monotonic_ms() - begun;
    }
    const double total = static_cast<double>(size * blocks) * 1000;
    const double all_ms = static_cast<double>(verify_ms + execute_ms + commit_ms);
    const auto per_block = [&](std::uint64_t time_ms) {
        return static_cast<double>(time_ms) / static_cast<double>(blocks);
    };
    std::printf("{\"accounts\":%zu,\"transactions\":%zu,\"verify_ms\":%.1f,\"execute_ms\":%.1f,"
                "\"commit_ms\":%.1f,\"per_s\":%.0f,\"overlapped_per_s\":%.0f,"
                "\"share_of_verifying\":%.3f}\n",
                accounts, size, per_block(verify_ms), per_block(execute_ms), per_block(commit_ms),
                total / all_ms, total / static_cast<double>(overlapped_ms),
                static_cast<double>(verify_ms) / all_ms);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 3) fail_usage();
    const std::string mode = argv[1];
    const std::string directory = argv[2];
    const auto number = [&](int place, std::size_t otherwise) {
        return argc > place ? std::strtoul(argv[place], nullptr, 10) : otherwise;
    };
    std::filesystem::remove_all(directory);
    if (mode == "kernel") {
        run_kernel(directory, number(3, 500'000), number(4, 10'000), number(5, 6));
        std::filesystem::remove_all(directory);
    } else if (mode == "make" && argc >= 5) {
        Bench bench{directory, number(5, 10'000), true};
        bench.fill();
        for (std::size_t i = 0; i < number(3, 0); ++i)
            bench.connect(bench.make_block(bench.transfers(number(4, 0))));
        bench.save_genesis();
        std::printf("{\"height\":%u}\n", bench.height());
    } else {
        fail_usage();
    }
    return 0;
}
