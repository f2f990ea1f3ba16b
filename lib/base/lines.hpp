#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace cairn {

/// The lines of a text that may have no end, in constant memory.
class Lines {
public:
    /// `source` fills a buffer with at least one byte and returns how many, none at the end. It is
    /// asked only while there is no whole line, so that each is seen as soon as it has come.
    Lines(std::function<std::size_t(MutableByteView)> source, std::size_t size_max);

    /// The next line without its end, which stays as it is until the next call; none at the end.
    /// Throws Error{data}, naming the line, when it has more than `size_max` bytes.
    std::optional<std::string_view> next();

    /// Whether the next line is here already, so that next() needs not ask for it.
    [[nodiscard]] bool has_whole() const noexcept;

    /// Of the last line, from 1.
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }

    /// Whether the last line had an end, as all have but perhaps the last of the text.
    [[nodiscard]] bool has_end() const noexcept { return has_end_; }

private:
    std::function<std::size_t(MutableByteView)> source_;
    std::size_t size_max_;
    Bytes buffer_;
    std::size_t begin_ = 0; // of what is not used yet
    std::size_t end_ = 0;
    std::uint64_t number_ = 0;
    bool has_end_ = true;
};

} // namespace cairn
