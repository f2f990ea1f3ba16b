#pragma once

#include "chain/chain_daemon.hpp"
#include "cli/console.hpp"

#include <optional>
#include <string>

// What is done with a chain by itself, without a network.

struct OfflineOptions {
    std::string directory{};
    std::string genesis{};
    std::optional<std::string> replay{};
    std::optional<std::string> range{};
    std::optional<std::string> profile{};
    bool is_rebuilding = false;
    bool is_exporting_state = false;
};

/// Prints a genesis in its shortest form.
cairn::Exit print_genesis(const OfflineOptions& options, cairn::Console& console);

/// Checks a stream of blocks, and tells each block's state; the chain goes to the directory, or,
/// without one, away.
cairn::Exit replay(const OfflineOptions& options, cairn::Console& console);

cairn::Exit export_blocks(const OfflineOptions& options);

/// Writes the state after the last block.
cairn::Exit export_state(const OfflineOptions& options, cairn::Console& console);

cairn::Exit rebuild(const OfflineOptions& options, cairn::Console& console);
