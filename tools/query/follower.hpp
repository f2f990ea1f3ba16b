#pragma once

#include "base/error.hpp"
#include "net/local_events.hpp"
#include "node.hpp"

#include <deque>
#include <memory>

/// Whether a node that has failed so may answer later.
[[nodiscard]] bool is_passing(const cairn::Error& error);

/// Shows the block on top, then every block that comes and every one that is taken back, in their
/// order. Events only say when to look: what has come is found by asking, so none is missed,
/// whatever happens to node and events.
class Follower {
public:
    Follower(const NodeOptions& node, cairn::Console& console);

    /// Goes on until the process ends. Throws as LocalClient::ask when there is no node to begin
    /// with.
    [[noreturn]] void run();

private:
    struct Told {
        std::uint64_t height = 0;
        std::string id;
    };

    void catch_up();
    bool take_back();
    bool go_on(std::uint64_t top);
    void await();
    void tell_trouble(const std::string& text);
    void tell(const char* event, const cairn::Json& header);
    [[nodiscard]] std::optional<cairn::Json> header_at(std::uint64_t height) const;

    cairn::LocalClient client_;
    cairn::Console* console_;
    std::unique_ptr<cairn::LocalEvents> events_;
    std::deque<Told> told_;  // that are on the chain, of the last ones
    std::uint64_t next_ = 0; // height
    std::string chain_;
    std::string trouble_;
};
