#include "head.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "follower.hpp"
#include "os/clock.hpp"

#include <algorithm>

using namespace cairn;

namespace {

constexpr std::uint64_t reply_ms = 1'000; // for a reply, while the node may not be there
constexpr std::uint64_t pause_ms = 100;   // between two looks

/// Whether a node has all blocks that there are, as far as it can know: somebody must have told it,
/// unless it makes blocks itself.
bool is_synced(const Json& status)
{
    const bool is_alone = number_in(status, "peers") == 0;
    return is_true(status, "is_synced") &&
           number_in(status, "height") >= number_in(status, "told_height") &&
           (!is_alone || !status.member("sealer").is_null());
}

} // namespace

void HeadVerb::declare(Cli& cli)
{
    verb_ = &cli.verb("head", "Show the last block's header, wait for it, or follow it");
    verb_->usage("[--wait HEIGHT] [--until-synced] [--follow]");
    verb_->number("--wait", "HEIGHT", height_, {0, UINT32_MAX},
                  "Wait until there is a block of HEIGHT");
    verb_->flag("--until-synced", is_synced_, "Wait until all blocks that are known are there");
    verb_->flag("--follow", is_followed_, "Show each block that comes or is taken back, in a line");
}

/// Asks until it is as wanted. A node that is not there yet is waited for, too.
void HeadVerb::wait(const NodeOptions& node) const
{
    const std::uint64_t end_ms = monotonic_ms() + node.timeout_ms;
    const LocalClient client = node.client(std::min(reply_ms, node.timeout_ms));
    for (;;) {
        std::optional<Json> status;
        Error reason{Exit::tempfail, "the node is not there"};
        try {
            status = client.ask("status").json;
        } catch (const Error& error) {
            if (!is_passing(error)) throw;
            reason = error;
        }
        if (status) {
            const std::uint64_t height = number_in(*status, "height");
            if (height >= height_.value_or(0) && (!is_synced_ || is_synced(*status))) return;
            const std::string place = "the node is at block " + std::to_string(height) +
                                      " and waits for " + escape(text_in(*status, "waits_for"));
            if (is_true(*status, "is_halted")) throw Error{Exit::unavail, place};
            reason = Error{Exit::tempfail, place};
        }
        if (monotonic_ms() >= end_ms) throw Error{reason};
        nap_us(pause_ms * 1000);
    }
}

Exit HeadVerb::run(const NodeOptions& node, Console& console) const
{
    if (height_ || is_synced_) wait(node);
    if (is_followed_) Follower{node, console}.run();
    show(node.client().ask("header").json, console);
    return Exit::ok;
}
