#include "offline.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "chain/chain_import.hpp"
#include "ledger/ledger_json.hpp"
#include "os/clock.hpp"
#include "os/directory.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/temporary.hpp"

using namespace cairn;

namespace {

/// "HEIGHT ID ROOT", or the same as JSON.
void show(const KnownHeader& known, Console& console)
{
    const std::string id = to_hex_text(known.id.bytes);
    const std::string root = to_hex_text(known.header.state.bytes);
    if (console.json())
        return console.result(Json::object()
                                  .set("height", known.header.height.value)
                                  .set("id", id)
                                  .set("state", root));
    if (!console.options().quiet)
        console.print(std::to_string(known.header.height.value) + ' ' + id + ' ' + root + '\n');
}

/// Counts what goes by.
struct Tally {
    std::uint64_t begun_ms = monotonic_ms();
    std::uint64_t blocks = 0;
    std::uint64_t transactions = 0;

    void tell(Console& console) const
    {
        const std::uint64_t time_ms = std::max<std::uint64_t>(1, monotonic_ms() - begun_ms);
        console.summary(std::to_string(blocks) + " blocks with " + std::to_string(transactions) +
                            " transactions in " + format_duration(time_ms) + ", " +
                            std::to_string(transactions * 1000 / time_ms) + " a second",
                        Json::object()
                            .set("blocks", blocks)
                            .set("transactions", transactions)
                            .set("time_ms", time_ms));
    }
};

void replay_into(const std::string& directory, const ChainRules& rules, const std::string& path,
                 Console& console)
{
    ChainStore store{directory, rules.genesis(), rules.consensus()};
    Input input = Input::open_operand(path);
    Tally tally;
    ChainImport import{store, rules.consensus(), [&](const KnownHeader& known) {
                           ++tally.blocks;
                           show(known, console);
                       }};
    const auto read = [&](MutableByteView buffer) { return input.read(buffer); };
    while (auto block = read_framed_block(read)) {
        tally.transactions += block->transactions.size();
        import.add(std::move(*block));
    }
    import.finish();
    tally.tell(console);
}

std::pair<Height, Height> parse_range(const std::string& text)
{
    const std::size_t dash = text.find('-');
    if (dash != std::string::npos) {
        const auto from = parse_number(std::string_view{text}.substr(0, dash));
        const auto to = parse_number(std::string_view{text}.substr(dash + 1));
        if (from && to && *from <= *to && *to <= UINT32_MAX)
            return {{static_cast<std::uint32_t>(*from)}, {static_cast<std::uint32_t>(*to)}};
    }
    throw Error{Exit::usage, "'" + text + "' are no heights", "write FROM-TO, as in 1-100"};
}

} // namespace

Exit print_genesis(const OfflineOptions& options, Console& console)
{
    const Genesis genesis = load_genesis(*options.profile);
    if (console.json())
        console.result(Json::object()
                           .set("chain", to_hex_text(network_id(genesis).bytes))
                           .set("genesis", to_json(genesis)));
    else
        console.print(to_json(genesis).dump() + '\n');
    return Exit::ok;
}

Exit replay(const OfflineOptions& options, Console& console)
{
    if (!options.directory.empty()) {
        make_private_directory(options.directory);
        const Fd lock = lock_directory(options.directory);
        const ChainRules rules{settle_genesis(options.directory, options.genesis)};
        replay_into(options.directory, rules, *options.replay, console);
        return Exit::ok;
    }
    if (options.genesis.empty())
        throw Error{Exit::usage, "no chain is named", "name --genesis FILE, or --dir DIR"};
    const ChainRules rules{load_genesis(options.genesis)};
    const TemporaryDirectory directory;
    replay_into(directory.path(), rules, *options.replay, console);
    return Exit::ok;
}

Exit export_blocks(const OfflineOptions& options)
{
    const auto [from, to] = parse_range(*options.range);
    const Fd lock = lock_directory(options.directory);
    const ChainRules rules{settle_genesis(options.directory, options.genesis)};
    const ChainStore store{options.directory, rules.genesis(), rules.consensus()};
    Output output = Output::open_binary(std::nullopt);
    export_chain(store, from, to, [&](ByteView bytes) { output.write(bytes); });
    output.commit();
    return Exit::ok;
}

Exit export_state(const OfflineOptions& options, Console& console)
{
    const Fd lock = lock_directory(options.directory);
    const ChainRules rules{settle_genesis(options.directory, options.genesis)};
    const ChainStore store{options.directory, rules.genesis(), rules.consensus()};
    Output output = Output::open_binary(std::nullopt);
    const SnapshotHead head =
        cairn::export_state(store, [&](ByteView bytes) { output.write(bytes); });
    output.commit();
    const std::string height = std::to_string(head.block.header.height.value);
    const std::string id = to_hex_text(block_id(head.block.header).bytes);
    console.summary("the state after block " + height + ", " + id + ", with " +
                        std::to_string(head.values) + " values",
                    to_json(head));
    return Exit::ok;
}

Exit rebuild(const OfflineOptions& options, Console& console)
{
    const Fd lock = lock_directory(options.directory);
    const ChainRules rules{settle_genesis(options.directory, options.genesis)};
    const Height height = rebuild_chain(options.directory, rules.genesis(), rules.consensus(),
                                        [](const KnownHeader&) {});
    console.summary("the state is that of block " + std::to_string(height.value),
                    Json::object().set("height", height.value));
    return Exit::ok;
}
