#pragma once

#include "base/lines.hpp"
#include "format/armor.hpp"
#include "format/message.hpp"

#include <optional>

namespace cairn {

inline constexpr std::size_t receipt_line_size_max = 11 * 1024; // bytes, with its end

/// A receipts file, cairn-receipt(5): one receipt a line, read in constant memory.
class ReceiptLines {
public:
    explicit ReceiptLines(Source source);

    /// The next receipt, whose signature is not checked; none at the end. Throws Error{data},
    /// naming the line, for anything else.
    std::optional<Receipt> next();

    /// Of the last receipt, from 1.
    [[nodiscard]] std::uint64_t line() const noexcept { return lines_.number(); }

private:
    Lines lines_;
};

} // namespace cairn
