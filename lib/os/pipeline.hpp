#pragma once

#include <cstdint>
#include <functional>

namespace cairn {

/// One streaming job cut into items, done by workers that take turns: a worker reads an item when
/// it is its turn, computes while the others read and write, and writes when all earlier items are
/// written. So items are read and written in order, as many are in memory as there are workers,
/// and no queue or extra thread moves data between cores.
///
/// The functions get the worker's number (0 to workers-1), for buffers of its own, and the item's
/// number. `read` runs for one worker at a time and returns false when there is no such item;
/// `compute` runs in parallel; `write` runs for one worker at a time.
struct Pipeline {
    std::function<bool(unsigned worker, std::uint64_t item)> read;
    std::function<void(unsigned worker, std::uint64_t item)> compute;
    std::function<void(unsigned worker, std::uint64_t item)> write;

    /// Runs to the end of the input. When a step throws, all items before its own are still
    /// written, none after, and the exception of the first item concerned leaves run(). One worker
    /// uses no thread but the caller's.
    void run(unsigned workers);
};

/// As many workers as help: one for each core, at most `most`.
unsigned default_workers(unsigned most = 4) noexcept;

} // namespace cairn
