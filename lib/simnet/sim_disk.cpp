#include "simnet/sim_disk.hpp"

namespace cairn {

SimDisk::SimDisk(KnownHeader first)
{
    chain_.push_back(first.id);
    last_.push_back(std::move(first));
}

void SimDisk::connect(const KnownHeader& known)
{
    last_.push_back(known);
    chain_.push_back(known.id);
    loose_.emplace_back(Connected{});
    ++moves_;
}

void SimDisk::disconnect()
{
    loose_.emplace_back(Disconnected{std::move(last_.back())});
    last_.pop_back();
    chain_.pop_back();
    ++moves_;
}

void SimDisk::put_body(const BlockId& id, std::shared_ptr<const Block> block)
{
    if (bodies_.emplace(id, std::move(block)).second) loose_.emplace_back(Stored{id});
}

std::shared_ptr<const Block> SimDisk::body(const BlockId& id) const
{
    const auto found = bodies_.find(id);
    return found == bodies_.end() ? nullptr : found->second;
}

void SimDisk::commit(std::size_t count)
{
    loose_.clear();
    moves_ = 0;
    while (last_.size() > count) last_.pop_front();
}

void SimDisk::crash()
{
    for (auto what = loose_.rbegin(); what != loose_.rend(); ++what) {
        if (const auto* const stored = std::get_if<Stored>(&*what)) {
            bodies_.erase(stored->id);
        } else if (auto* const gone = std::get_if<Disconnected>(&*what)) {
            chain_.push_back(gone->known.id);
            last_.push_back(std::move(gone->known));
        } else {
            chain_.pop_back();
            last_.pop_back();
        }
    }
    loose_.clear();
    moves_ = 0;
}

} // namespace cairn
