#include "provider/committer.hpp"

#include "base/error.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace cairn {
namespace {

/// One go: more would only make the first wait.
constexpr std::size_t group_max = 256; // jobs

struct Job {
    std::uint64_t number = 0;
    std::optional<Upload> upload; // none: entries are dropped
    AccountId owner;
    std::vector<DropItem> items;
};

} // namespace

struct Committer::Impl {
    Depot& depot;
    std::function<void()> wake;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Job> jobs;
    std::vector<Outcome> outcomes;
    std::uint64_t last_number = 0;
    std::size_t pending = 0;
    bool is_ending = false;
    std::thread thread;

    Impl(Depot& of, std::function<void()> caller) : depot{of}, wake{std::move(caller)} {}

    std::uint64_t add(Job job);
    std::vector<Job> next_group();
    void commit_uploads(std::vector<Job>& group, std::vector<Outcome>& out);
    std::vector<Outcome> work(std::vector<Job> group);
    void run();
};

std::uint64_t Committer::Impl::add(Job job)
{
    std::uint64_t number = 0;
    {
        const std::lock_guard lock{mutex};
        number = ++last_number;
        job.number = number;
        jobs.push_back(std::move(job));
        ++pending;
    }
    changed.notify_one();
    return number;
}

/// Uploads up to the first drop, or that drop; the mutex is held.
std::vector<Job> Committer::Impl::next_group()
{
    std::size_t count = 0;
    while (count < jobs.size() && count < group_max && jobs[count].upload) ++count;
    if (count == 0 && !jobs.empty()) count = 1;
    const auto end = jobs.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<Job> group{std::make_move_iterator(jobs.begin()), std::make_move_iterator(end)};
    jobs.erase(jobs.begin(), end);
    return group;
}

void Committer::Impl::commit_uploads(std::vector<Job>& group, std::vector<Outcome>& out)
{
    std::vector<Upload> uploads;
    uploads.reserve(group.size());
    for (Job& job : group) uploads.push_back(std::move(*job.upload));
    const std::vector<Stored> stored = depot.commit(uploads);
    for (std::size_t i = 0; i < out.size(); ++i) out[i].stored = stored.at(i);
}

std::vector<Committer::Outcome> Committer::Impl::work(std::vector<Job> group)
{
    std::vector<Outcome> out(group.size());
    for (std::size_t i = 0; i < group.size(); ++i) out[i].job = group[i].number;
    try {
        if (group.front().upload)
            commit_uploads(group, out);
        else
            out.front().dropped = depot.drop(group.front().owner, group.front().items);
    } catch (const Error& error) {
        for (Outcome& outcome : out) outcome.failure = error.what();
    }
    return out;
}

void Committer::Impl::run()
{
    std::unique_lock lock{mutex};
    for (;;) {
        changed.wait(lock, [&] { return is_ending || !jobs.empty(); });
        if (jobs.empty()) return;
        std::vector<Job> group = next_group();
        lock.unlock();
        std::vector<Outcome> done = work(std::move(group));
        lock.lock();
        for (Outcome& outcome : done) outcomes.push_back(std::move(outcome));
        lock.unlock();
        wake();
        lock.lock();
    }
}

Committer::Committer(Depot& depot, Runs runs, std::function<void()> wake)
    : impl_{std::make_unique<Impl>(depot, std::move(wake))}
{
    if (runs == Runs::in_thread) impl_->thread = std::thread{[this] { impl_->run(); }};
}

Committer::~Committer()
{
    {
        const std::lock_guard lock{impl_->mutex};
        impl_->is_ending = true;
    }
    impl_->changed.notify_one();
    if (impl_->thread.joinable()) impl_->thread.join();
}

std::uint64_t Committer::add(Upload upload)
{
    Job job;
    job.upload = std::move(upload);
    return impl_->add(std::move(job));
}

std::uint64_t Committer::add_drop(const AccountId& owner, std::vector<DropItem> items)
{
    Job job;
    job.owner = owner;
    job.items = std::move(items);
    return impl_->add(std::move(job));
}

std::vector<Committer::Outcome> Committer::outcomes()
{
    Impl& impl = *impl_;
    if (!impl.thread.joinable())
        while (!impl.jobs.empty())
            for (Outcome& outcome : impl.work(impl.next_group()))
                impl.outcomes.push_back(std::move(outcome));
    const std::lock_guard lock{impl.mutex};
    impl.pending -= impl.outcomes.size();
    return std::exchange(impl.outcomes, {});
}

std::size_t Committer::pending() const
{
    const std::lock_guard lock{impl_->mutex};
    return impl_->pending;
}

} // namespace cairn
