#include "chain/detail/api_desk.hpp"

#include <utility>

namespace cairn::detail {

ApiDesk::ApiDesk(const std::string& endpoint, std::function<void()> wake)
    : server_{endpoint},
      wake_{std::move(wake)}
{
    thread_ = std::thread{[this] {
        server_.run([this](const LocalRequest& request) {
            std::future<LocalReply> reply;
            {
                const std::lock_guard lock{mutex_};
                if (is_closed_) return local_refusal(CallStatus::busy, "the node is stopping");
                waiting_.push_back({request, {}});
                reply = waiting_.back().reply.get_future();
            }
            wake_();
            return reply.get();
        });
    }};
}

ApiDesk::~ApiDesk()
{
    close();
    server_.stop();
    thread_.join();
}

void ApiDesk::answer_all(const std::function<LocalReply(const LocalRequest&)>& answer)
{
    for (;;) {
        Waiting next;
        {
            const std::lock_guard lock{mutex_};
            if (waiting_.empty()) return;
            next = std::move(waiting_.front());
            waiting_.pop_front();
        }
        next.reply.set_value(answer(next.request));
    }
}

void ApiDesk::close()
{
    const std::lock_guard lock{mutex_};
    is_closed_ = true;
    for (Waiting& waiting : waiting_)
        waiting.reply.set_value(local_refusal(CallStatus::busy, "the node is stopping"));
    waiting_.clear();
}

} // namespace cairn::detail
