#include "client/detail/index_fetch.hpp"

#include "base/error.hpp"
#include "format/index.hpp"

#include <algorithm>
#include <utility>

namespace cairn::detail {
namespace {

constexpr unsigned tries_max = 3;
constexpr std::uint64_t retry_first_ms = 300; // doubled with each

} // namespace

IndexFetch::IndexFetch(Session& session, std::uint64_t patience_ms, std::size_t records_max,
                       std::function<void(const ShardRoot&, Bytes&&)> take)
    : session_{&session},
      patience_ms_{patience_ms},
      records_max_{records_max},
      take_{std::move(take)},
      listers_(session.providers().size())
{
}

IndexFetch::~IndexFetch()
{
    for (const Lister& lister : listers_) session_->cancel(lister.call);
    for (const auto& [number, read] : reads_) session_->cancel(read.call);
}

void IndexFetch::run()
{
    while (!step()) {
        is_changed_ = false;
        session_->run([this] { return is_changed_; }, timer_ms());
    }
}

/// Asks for what comes next wherever that can be done; whether all is done.
bool IndexFetch::step()
{
    bool is_over = reads_.empty();
    for (std::size_t provider = 0; provider < listers_.size(); ++provider) {
        const Lister& lister = listers_[provider];
        if (lister.is_over) continue;
        is_over = false;
        const bool is_due = lister.retry_ms == 0 || session_->now_ms() >= lister.retry_ms;
        if (!lister.is_asked && is_due && lister.reads < list_entries_max) ask(provider);
    }
    return is_over;
}

std::uint64_t IndexFetch::timer_ms() const
{
    std::uint64_t timer_ms = UINT64_MAX;
    for (const Lister& lister : listers_)
        if (!lister.is_over && !lister.is_asked && lister.retry_ms != 0)
            timer_ms = std::min(timer_ms, lister.retry_ms);
    return timer_ms;
}

std::size_t IndexFetch::answered() const
{
    return static_cast<std::size_t>(std::ranges::count_if(
        listers_, [](const Lister& lister) { return lister.is_over && !lister.has_failed; }));
}

std::size_t IndexFetch::missing() const
{
    return static_cast<std::size_t>(std::ranges::count_if(
        records_, [](const auto& record) { return !record.second.is_taken; }));
}

void IndexFetch::ask(std::size_t provider)
{
    Lister& lister = listers_[provider];
    lister.is_asked = true;
    SessionCall call;
    call.provider = provider;
    call.method = method::shard_list;
    call.request = to_bytes(ListRequest{ShardClass::index, lister.after});
    call.done = [this, provider](Reply&& reply) { settle_list(provider, reply); };
    call.stall_ms = patience_ms_;
    lister.call = session_->start(std::move(call));
}

void IndexFetch::settle_list(std::size_t provider, const Reply& reply)
{
    Lister& lister = listers_[provider];
    is_changed_ = true;
    lister.is_asked = false;
    const bool is_broken = !reply.failure.empty() || reply.status == CallStatus::busy;
    if (is_broken && !reply.is_time_out && ++lister.tries < tries_max) {
        lister.retry_ms = session_->now_ms() + (retry_first_ms << lister.tries);
        return;
    }
    lister.retry_ms = 0;
    if (!is_broken && reply.status == CallStatus::ok && take_list(provider, reply.body)) {
        lister.tries = 0;
        return;
    }
    lister.is_over = lister.has_failed = true;
}

/// False when it cannot be.
bool IndexFetch::take_list(std::size_t provider, ByteView body)
{
    Lister& lister = listers_[provider];
    ListReply list;
    try {
        list = parse_list_reply(body);
    } catch (const Error&) {
        return false;
    }
    if (list.entries.empty() || is_cut_) lister.is_over = true;
    for (const ListEntry& entry : list.entries) {
        if (entry.serial <= lister.after) return false; // it would never end
        lister.after = entry.serial;
        note(provider, entry.item);
    }
    return true;
}

void IndexFetch::note(std::size_t provider, const ShardItem& item)
{
    if (item.size == 0 || item.size > index_file_size_max) return; // no record
    if (!records_.contains(item.root) && records_.size() == records_max_) {
        is_cut_ = true;
        return;
    }
    Record& record = records_[item.root];
    if (record.is_taken) return;
    if (record.is_being_read)
        record.others.push_back(provider);
    else
        read(provider, item);
}

void IndexFetch::read(std::size_t provider, const ShardItem& item)
{
    records_[item.root].is_being_read = true;
    ++listers_[provider].reads;
    const std::uint64_t number = ++last_;
    Read& started = reads_[number];
    started.root = item.root;
    started.size = item.size;
    started.provider = provider;
    SessionCall call;
    call.provider = provider;
    call.method = method::shard_get;
    call.request = to_bytes(
        GetRequest{.root = item.root, .size = item.size, .offset = 0, .length = item.size});
    call.data = [this, number](ByteView data) { // of one piece, so that there is no proof
        Read& read = reads_.at(number);
        if (data.size() > read.size - read.data.size()) return false;
        read.data.insert(read.data.end(), data.begin(), data.end());
        return true;
    };
    call.done = [this, number](Reply&&) { settle_read(number); };
    call.stall_ms = patience_ms_;
    started.call = session_->start(std::move(call));
}

void IndexFetch::settle_read(std::uint64_t number)
{
    is_changed_ = true;
    Read read = std::move(reads_.extract(number).mapped());
    --listers_[read.provider].reads;
    Record& record = records_[read.root];
    record.is_being_read = false;
    if (read.data.size() == read.size && blake3(read.data) == read.root) {
        record.is_taken = true;
        record.others = {};
        return take_(read.root, std::move(read.data));
    }
    if (record.others.empty()) return; // until somebody else lists it
    const std::size_t other = record.others.back();
    record.others.pop_back();
    this->read(other, {read.root, read.size});
}

} // namespace cairn::detail
