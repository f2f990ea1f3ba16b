#include "os/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace cairn {

void in_parallel(std::size_t count, std::size_t threads,
                 const std::function<void(std::size_t)>& work)
{
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::exception_ptr failure;
    const auto run = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            try {
                work(i);
            } catch (...) {
                const std::lock_guard lock{mutex};
                if (!failure) failure = std::current_exception();
            }
        }
    };
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < std::min(count, threads); ++i) {
        try {
            others.emplace_back(run);
        } catch (const std::system_error&) { // a limit: those that there are do all of it
            break;
        }
    }
    run();
    for (std::thread& other : others) other.join();
    if (failure) std::rethrow_exception(failure);
}

} // namespace cairn
