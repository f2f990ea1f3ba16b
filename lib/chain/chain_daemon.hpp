#pragma once

#include "chain/chain_node.hpp"
#include "os/sandbox.hpp"
#include "os/signals.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct ChainDaemonOptions {
    std::string directory;
    std::string genesis; ///< a file, or the name of a profile; empty: that of the directory
    std::string listen = "127.0.0.1:0";
    std::string announced; ///< address for others; empty: the bound one
    std::vector<std::string> peers;
    std::string api;                      ///< "ipc://PATH"; empty: "api.sock" of the directory
    std::string metrics;                  ///< a file, or "host:port"; empty: none
    std::string trace_file;               ///< empty: none
    std::uint64_t keep_size = UINT64_MAX; ///< bytes of blocks
    std::size_t outbound = 8;
    MempoolOptions mempool{};
    std::optional<std::string> reward; ///< whom blocks pay; none: the key that seals them
    bool is_on_demand = false;         ///< blocks of one producer only when there is something
    std::optional<std::pair<Height, BlockId>> checkpoint;
};

/// The genesis of a file, or of a profile where there is no such file. Throws as parse_genesis,
/// Error{noinput} when there is neither.
Genesis load_genesis(const std::string& name);

/// The rules by which a genesis's headers follow each other, with what they need.
class ChainRules {
public:
    explicit ChainRules(Genesis genesis);
    ChainRules(const ChainRules&) = delete;
    ChainRules& operator=(const ChainRules&) = delete;
    ~ChainRules();

    [[nodiscard]] const Genesis& genesis() const { return *genesis_; }
    [[nodiscard]] const Consensus& consensus() const { return *consensus_; }

private:
    std::unique_ptr<const Genesis> genesis_;
    std::unique_ptr<Qualities> qualities_;
    std::unique_ptr<Consensus> consensus_;
};

/// The genesis of a node's directory, which is written there at the first start. `given` may be
/// empty where there is one. Throws Error{config} when they differ, Error{noinput} without any.
Genesis settle_genesis(const std::string& directory, const std::string& given);

struct ChainReady {
    std::string listening; ///< "host:port"
    std::string api;       ///< endpoint
    std::string events;    ///< endpoint
    std::string metrics;   ///< "host:port"; empty: none
    NetworkId chain;
    Height height;
    unsigned landlock = 0; ///< version; 0: files are not confined
    bool has_filters = false;
};

struct ChainDaemonVoice {
    std::function<void(const ChainReady&)> ready;
    std::function<void()> stopping;
    std::function<void(const std::string&)> info;
    std::function<void(const std::string&)> warn;
};

/// A chain's node, and what looks after it.
class ChainDaemon {
public:
    /// Opens the directory and locks it; `sealer` is the key of --mine. `signals` must outlive it.
    /// Throws Error{tempfail} when another process has it open.
    ChainDaemon(SignalEvents& signals, ChainDaemonOptions options,
                std::optional<Ed25519KeyPair> sealer, ChainDaemonVoice voice);
    ChainDaemon(const ChainDaemon&) = delete;
    ChainDaemon& operator=(const ChainDaemon&) = delete;
    ~ChainDaemon();

    /// Serves until a signal says stop.
    void run();

    /// Goes as far as run() does before it serves, and tries to get out of the sandbox.
    std::vector<SandboxProbe> probe();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
