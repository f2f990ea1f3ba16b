#pragma once

#include "base/bytes.hpp"
#include "base/entropy.hpp"
#include "base/error.hpp"

#include <optional>
#include <string>

// What the fuzz targets share. Each is one file that defines fuzz() for one parser.

namespace cairn {

/// Called by libFuzzer with hostile bytes, again and again. Anything but a return is a finding.
void fuzz(ByteView input);

/// Ends the process unless the property holds.
void require(bool holds, const char* property);

/// What a parser makes of its input; none where it refuses by the one exception that is allowed.
template <class Parse>
auto accepted(Parse parse) -> std::optional<decltype(parse())>
{
    try {
        return parse();
    } catch (const Error&) {
        return std::nullopt;
    }
}

bool is_same(ByteView left, ByteView right);

/// True for one of so many inputs; which one depends on nothing but the input. For steps that cost
/// more than the rest.
bool is_sampled(ByteView input, unsigned one_of);

/// The first bytes of an input, at most `size`.
ByteView front(ByteView input, std::size_t size);

/// Input bytes as numbers, zeros behind the end.
std::uint64_t take_number(ByteView& input);

/// Not random: the same in each run.
class CountingEntropy final : public Entropy {
public:
    void fill(MutableByteView bytes) override;

private:
    unsigned next_ = 1;
};

} // namespace cairn
