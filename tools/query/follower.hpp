#pragma once

#include "watch.hpp"

#include <deque>

/// Shows the block on top, then every block that comes and every one that is taken back, in their
/// order. None is missed, whatever happens to the node.
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
    void tell(const char* event, const cairn::Json& header);
    [[nodiscard]] std::optional<cairn::Json> header_at(std::uint64_t height) const;

    Watch watch_;
    cairn::Console* console_;
    std::deque<Told> told_;  // that are on the chain, of the last ones
    std::uint64_t next_ = 0; // height
    std::string chain_;
};
