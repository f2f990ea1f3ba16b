#include "net/detail/credit.hpp"

#include "net/frame.hpp"

#include <algorithm>

namespace cairn::detail {

void CreditBudget::take(std::size_t bytes) noexcept
{
    used_ += bytes;
    update();
}

void CreditBudget::give_back(std::size_t bytes) noexcept
{
    used_ -= bytes;
    update();
}

std::size_t CreditBudget::growth() const noexcept
{
    const std::size_t reserve = size_ / 4;
    return free_ > reserve ? (free_ - reserve) / 2 : 0;
}

ReceiveWindow::ReceiveWindow(CreditBudget& budget) : budget_{&budget}
{
    resize(initial_credit_size);
}

ReceiveWindow::~ReceiveWindow()
{
    resize(0);
}

void ReceiveWindow::resize(std::size_t size) noexcept
{
    if (size > size_)
        budget_->take(size - size_);
    else
        budget_->give_back(size_ - size);
    size_ = size;
    consumed_ = 0;
}

void ReceiveWindow::finish() noexcept
{
    is_finished_ = true;
    resize(waiting_);
}

std::size_t ReceiveWindow::consume(std::size_t bytes, std::size_t granted,
                                   std::size_t size_max) noexcept
{
    bytes = std::min(bytes, waiting_);
    waiting_ -= bytes;
    if (is_finished_) {
        resize(waiting_);
        return 0;
    }
    consumed_ += bytes;
    if (consumed_ >= size_ && size_ < size_max)
        resize(size_ + std::min({size_, size_max - size_, budget_->growth()}));
    else if (budget_->free() == 0 && size_ > initial_credit_size)
        resize(std::max({initial_credit_size, size_ / 2, waiting_ + granted}));
    if (size_ <= waiting_ + granted) return 0;
    const std::size_t grant = size_ - waiting_ - granted;
    return grant >= size_ / 4 ? grant : 0;
}

} // namespace cairn::detail
