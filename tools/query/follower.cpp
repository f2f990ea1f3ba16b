#include "follower.hpp"

#include "base/error.hpp"
#include "base/number.hpp"

using namespace cairn;

namespace {

constexpr std::size_t told_max = 4'096; // more than any engine takes back

} // namespace

Follower::Follower(const NodeOptions& node, Console& console)
    : watch_{node, console, "block"},
      console_{&console}
{
}

void Follower::run()
{
    const Json top = watch_.client().ask("header").json;
    chain_ = text_in(top, "chain");
    next_ = number_in(top, "height");
    watch_.run([this] { catch_up(); });
}

/// Shows how the chain has become what it is now.
void Follower::catch_up()
{
    for (;;) {
        const Json top = watch_.client().ask("header").json;
        if (text_in(top, "chain") != chain_)
            throw Error{Exit::protocol, "the node is of another chain than before"};
        if (!told_.empty() && text_in(top, "id") == told_.back().id) return;
        while (take_back()) {
        }
        if (go_on(number_in(top, "height"))) return;
    }
}

/// Tells of the last block if it is not on the chain any more.
bool Follower::take_back()
{
    if (told_.empty()) return false;
    const Told last = told_.back();
    const auto now = header_at(last.height);
    if (now && text_in(*now, "id") == last.id) return false;
    tell("reorg", Json::object().set("height", last.height).set("id", last.id));
    told_.pop_back();
    next_ = last.height;
    return true;
}

/// Tells of blocks up to a height; false when the chain has changed meanwhile.
bool Follower::go_on(std::uint64_t top)
{
    while (next_ <= top) {
        const auto header = header_at(next_);
        if (!header) return false;
        if (!told_.empty() && text_in(*header, "parent") != told_.back().id) return false;
        tell("block", *header);
        told_.push_back({next_++, text_in(*header, "id")});
        if (told_.size() > told_max) told_.pop_front();
    }
    return true;
}

void Follower::tell(const char* event, const Json& header)
{
    if (console_->json()) return console_->result(Json::object().set("event", event).merge(header));
    std::string line = std::string{event} + '\t' + std::to_string(number_in(header, "height")) +
                       '\t' + text_in(header, "id");
    if (const auto time_s = header.member("time_s").number()) line += '\t' + format_time(*time_s);
    console_->print(line + '\n');
}

std::optional<Json> Follower::header_at(std::uint64_t height) const
{
    const auto answer = watch_.client().find("header", Json::object().set("height", height));
    return answer ? std::optional{answer->json} : std::nullopt;
}
