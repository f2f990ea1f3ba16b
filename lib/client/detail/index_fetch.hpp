#pragma once

#include "client/session.hpp"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <vector>

namespace cairn::detail {

/// Lists an owner's index records at all providers and reads each once, from any that has it.
class IndexFetch {
public:
    /// `take` gets the file of each record, whose hash is its root.
    IndexFetch(Session& session, std::uint64_t patience_ms, std::size_t records_max,
               std::function<void(const ShardRoot& root, Bytes&& file)> take);
    IndexFetch(const IndexFetch&) = delete;
    IndexFetch& operator=(const IndexFetch&) = delete;
    ~IndexFetch();

    void run();

    /// How many providers listed all that they have.
    [[nodiscard]] std::size_t answered() const;

    /// Records that nobody gave.
    [[nodiscard]] std::size_t missing() const;

    [[nodiscard]] bool is_cut() const noexcept { return is_cut_; }

private:
    struct Lister {
        std::uint64_t after = 0; // the last serial that is known
        std::size_t reads = 0;   // in progress
        bool is_asked = false;
        bool is_over = false;
        bool has_failed = false;
        unsigned tries = 0; // in a row that broke off
        std::uint64_t retry_ms = 0;
        CallId call{};
    };
    /// A record that is known.
    struct Record {
        bool is_taken = false;
        bool is_being_read = false;
        std::vector<std::size_t> others; // that have it too
    };
    struct Read {
        ShardRoot root;
        std::uint64_t size = 0;
        std::size_t provider = 0;
        Bytes data;
        CallId call{};
    };

    bool step();
    void ask(std::size_t provider);
    void settle_list(std::size_t provider, const Reply& reply);
    [[nodiscard]] bool take_list(std::size_t provider, ByteView body);
    void note(std::size_t provider, const ShardItem& item);
    void read(std::size_t provider, const ShardItem& item);
    void settle_read(std::uint64_t number);
    [[nodiscard]] std::uint64_t timer_ms() const;

    Session* session_;
    std::uint64_t patience_ms_;
    std::size_t records_max_;
    std::function<void(const ShardRoot&, Bytes&&)> take_;
    std::vector<Lister> listers_;
    std::map<ShardRoot, Record> records_;
    std::map<std::uint64_t, Read> reads_;
    std::uint64_t last_ = 0;
    bool is_cut_ = false;
    bool is_changed_ = false; // a call is over
};

} // namespace cairn::detail
