#pragma once

#include "net/local_api.hpp"

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace cairn::detail {

/// Takes requests of local programs in a thread of its own, and has them answered in another, which
/// has all that they are about.
class ApiDesk {
public:
    /// `wake` is called when there are requests. Throws as LocalServer.
    ApiDesk(const std::string& endpoint, std::function<void()> wake);
    ApiDesk(const ApiDesk&) = delete;
    ApiDesk& operator=(const ApiDesk&) = delete;
    ~ApiDesk();

    /// Answers what has come.
    void answer_all(const std::function<LocalReply(const LocalRequest&)>& answer);

    /// Answers nothing any more.
    void close();

private:
    struct Waiting {
        LocalRequest request;
        std::promise<LocalReply> reply;
    };

    LocalServer server_;
    std::function<void()> wake_;
    std::mutex mutex_;
    std::deque<Waiting> waiting_;
    bool is_closed_ = false;
    std::thread thread_;
};

} // namespace cairn::detail
