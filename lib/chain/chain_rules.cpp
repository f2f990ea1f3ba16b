#include "base/error.hpp"
#include "base/hex.hpp"
#include "chain/chain_daemon.hpp"
#include "engine/poc.hpp"
#include "os/directory.hpp"
#include "os/input.hpp"
#include "os/output.hpp"

// Which chain a node is of.

namespace cairn {
namespace {

/// A chain without plots has nobody to ask for their qualities.
class NoQualities final : public Qualities {
public:
    [[nodiscard]] std::vector<std::uint64_t> of(std::span<const Question>) const override
    {
        return {};
    }
};

} // namespace

ChainRules::ChainRules(Genesis genesis) : genesis_{std::make_unique<Genesis>(std::move(genesis))}
{
    if (std::holds_alternative<PocRules>(genesis_->engine))
        qualities_ = std::make_unique<HashedQualities>(*genesis_);
    else
        qualities_ = std::make_unique<NoQualities>();
    consensus_ = make_consensus(*genesis_, *qualities_);
}

ChainRules::~ChainRules() = default;

Genesis load_genesis(const std::string& name)
{
    return named_genesis(name, read_if_there(name, genesis_size_max));
}

Genesis settle_genesis(const std::string& directory, const std::string& given)
{
    const std::string path = directory + "/genesis.json";
    std::optional<Genesis> here;
    if (exists(path)) here = load_genesis(path);
    if (!here && exists(directory + "/state"))
        throw Error{Exit::data, "the chain in '" + directory + "' lacks its genesis.json",
                    "put it back from where it came"};
    if (given.empty()) {
        if (!here)
            throw Error{Exit::noinput, "there is no chain in '" + directory + "'",
                        "name its genesis by --genesis"};
        return *here;
    }
    Genesis genesis = load_genesis(given);
    if (here) {
        if (network_id(*here) != network_id(genesis))
            throw Error{Exit::config, "the chain in '" + directory + "' has another genesis"};
        return genesis;
    }
    Output output = Output::open(path);
    output.write(as_bytes(to_json(genesis).dump() + '\n'));
    output.commit();
    return genesis;
}

} // namespace cairn
