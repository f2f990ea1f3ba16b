#pragma once

#include <cstddef>

namespace cairn::detail {

/// The receive credit of all streams of a hub: what peers may send before we have dealt with it.
class CreditBudget {
public:
    explicit CreditBudget(std::size_t size) : free_{size}, size_{size} {}

    [[nodiscard]] std::size_t free() const noexcept { return free_; }
    [[nodiscard]] std::size_t used() const noexcept { return used_; }

    /// Takes bytes whether or not they are there: for what cannot be refused.
    void take(std::size_t bytes) noexcept;
    void give_back(std::size_t bytes) noexcept;

    /// What a window may grow by: never the last quarter of the budget, which is for new streams,
    /// and never more than half of what is then left, so that there is something for the next.
    [[nodiscard]] std::size_t growth() const noexcept;

private:
    void update() noexcept { free_ = used_ < size_ ? size_ - used_ : 0; }

    std::size_t free_;
    std::size_t size_;
    std::size_t used_ = 0;
};

/// How much a peer may have on its way on one stream. It begins at the protocol's initial credit
/// and doubles with each window that was dealt with, as far as the budget allows; when that is
/// short it shrinks back.
class ReceiveWindow {
public:
    /// `budget` must outlive it; pays at once.
    explicit ReceiveWindow(CreditBudget& budget);
    ReceiveWindow(const ReceiveWindow&) = delete;
    ReceiveWindow& operator=(const ReceiveWindow&) = delete;
    ~ReceiveWindow();

    /// Bytes arrived, and wait for consume().
    void arrive(std::size_t bytes) noexcept { waiting_ += bytes; }

    /// The peer has no more to send.
    void finish() noexcept;

    /// `bytes` of what arrived are dealt with; returns how much to grant now, 0 for nothing.
    /// `granted`: what the peer may still send; `size_max`: how large the window may grow.
    std::size_t consume(std::size_t bytes, std::size_t granted, std::size_t size_max) noexcept;

private:
    void resize(std::size_t size) noexcept;

    CreditBudget* budget_;
    std::size_t size_ = 0;     // bytes, taken from the budget
    std::size_t waiting_ = 0;  // bytes that arrived and are not dealt with
    std::size_t consumed_ = 0; // bytes dealt with since the size last changed
    bool is_finished_ = false;
};

} // namespace cairn::detail
