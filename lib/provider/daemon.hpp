#pragma once

#include "crypto/keys.hpp"
#include "format/message.hpp"
#include "os/sandbox.hpp"
#include "os/signals.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct StoreOptions {
    std::string directory;
    std::string listen = "127.0.0.1:0";
    std::vector<std::string> announced; ///< addresses for the record; none: the bound one
    std::string api;                    ///< "ipc://PATH"; empty: "api.sock" of the directory
    std::string grants_file;            ///< see OperatorFiles
    std::string deny_file;
    std::string metrics;                 ///< a file, or "host:port"; empty: none
    std::string trace_file;              ///< empty: none
    std::uint64_t capacity = UINT64_MAX; ///< bytes
    std::uint64_t reserve = 0;           ///< bytes
    std::uint64_t trash_s = 0;
    std::uint64_t scrub_rate = 0; ///< bytes a second; 0: none
    NetworkId network;
};

/// What a store has to tell when it serves.
struct StoreReady {
    std::string listening; ///< "host:port"
    std::string metrics;   ///< the same for metrics; empty: none
    NodeRecord record;
    unsigned landlock = 0;    ///< version; 0: files are not confined
    bool has_filters = false; ///< system calls are confined
};

/// How a store speaks to whoever runs it. All are called from run() but `warn`, which may come from
/// any thread.
struct StoreVoice {
    std::function<void(const StoreReady&)> ready;
    std::function<void()> stopping;
    std::function<void(const std::string&)> info;
    std::function<void(const std::string&)> warn;
};

/// A provider: a depot, the service over it, and what looks after both.
class StoreDaemon {
public:
    /// Opens the depot, locks it, and reads keys and lists: `node` is the key of --key, none: that
    /// of the directory. Nothing is served yet. `signals` must outlive it.
    StoreDaemon(SignalEvents& signals, StoreOptions options, std::optional<Ed25519KeyPair> node,
                StoreVoice voice);
    StoreDaemon(const StoreDaemon&) = delete;
    StoreDaemon& operator=(const StoreDaemon&) = delete;
    ~StoreDaemon();

    /// Serves until a signal says stop.
    void run();

    /// Goes as far as run() does before it serves, and tries to get out of the sandbox.
    std::vector<SandboxProbe> probe();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
