#include "follower.hpp"

#include "base/number.hpp"
#include "os/clock.hpp"

using namespace cairn;

namespace {

constexpr std::uint64_t reply_ms = 5'000;
constexpr std::uint64_t event_ms = 1'000; // then the node is asked anyway
constexpr std::uint64_t pause_us = 200'000;
constexpr std::size_t told_max = 4'096; // more than any engine takes back

} // namespace

bool is_passing(const Error& error)
{
    return error.code() == Exit::unavail || error.code() == Exit::tempfail;
}

Follower::Follower(const NodeOptions& node, Console& console)
    : client_{node.client(std::min(reply_ms, node.timeout_ms))},
      console_{&console}
{
}

void Follower::run()
{
    const Json top = client_.ask("header").json;
    chain_ = text_in(top, "chain");
    next_ = number_in(top, "height");
    for (;;) {
        try {
            catch_up();
            tell_trouble("");
            await();
        } catch (const Error& error) {
            if (!is_passing(error)) throw;
            tell_trouble(error.what());
            events_.reset();
            nap_us(pause_us);
        }
    }
}

/// Shows how the chain has become what it is now.
void Follower::catch_up()
{
    for (;;) {
        const Json top = client_.ask("header").json;
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

/// Until something happens, or for a while.
void Follower::await()
{
    if (!events_) {
        const std::string endpoint =
            client_.ask("status").json.member("events").text().value_or("");
        if (endpoint.empty()) return nap_us(pause_us);
        events_ = std::make_unique<LocalEvents>(endpoint, "block");
        return; // what came before it listened is asked for
    }
    if (!events_->next(event_ms)) return;
    while (events_->next(0)) {
    }
}

/// Once, and once when it is over.
void Follower::tell_trouble(const std::string& text)
{
    if (text == trouble_) return;
    if (text.empty())
        console_->info("the node answers again");
    else
        console_->warning(text);
    trouble_ = text;
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
    const auto answer = client_.find("header", Json::object().set("height", height));
    return answer ? std::optional{answer->json} : std::nullopt;
}
