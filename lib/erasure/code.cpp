#include "erasure/code.hpp"

#include "base/error.hpp"
#include "erasure/detail/matrix.hpp"
#include "erasure/detail/transform.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <string>
#include <utility>

namespace cairn {
namespace {

/// What shard `row` takes from data shard `column`.
std::uint8_t coefficient(CodeShape shape, unsigned row, unsigned column)
{
    if (row < shape.data) return row == column ? 1 : 0;
    if (shape.data == 1) return 1;
    return inverse(static_cast<std::uint8_t>(row ^ column));
}

Matrix parity_matrix(CodeShape shape)
{
    Matrix matrix{shape.parity, shape.data};
    for (unsigned row = 0; row < shape.parity; ++row) {
        for (unsigned column = 0; column < shape.data; ++column)
            matrix.at(row, column) = coefficient(shape, shape.data + row, column);
    }
    return matrix;
}

bool is_valid(CodeShape shape, const LossPattern& pattern)
{
    const std::vector<unsigned>& present = pattern.present;
    const unsigned shards = shape.data + shape.parity;
    const auto is_absent = [&](unsigned shard) {
        return shard < shards && !std::ranges::binary_search(present, shard);
    };
    return present.size() == shape.data && present.back() < shards &&
           std::ranges::adjacent_find(present, std::greater_equal{}) == present.end() &&
           std::ranges::all_of(pattern.wanted, is_absent);
}

/// A loss pattern sorted out: positions are places in `present`.
struct Survivors {
    Survivors(CodeShape shape, const std::vector<unsigned>& present)
        : data_position(shape.data, none)
    {
        for (unsigned position = 0; position < present.size(); ++position) {
            const unsigned shard = present[position];
            if (shard < shape.data)
                data_position[shard] = position;
            else
                parity.push_back({.shard = shard, .position = position});
        }
        for (unsigned shard = 0; shard < shape.data; ++shard)
            if (data_position[shard] == none) lost.push_back(shard);
        assert(lost.size() == parity.size());
    }

    struct Parity {
        unsigned shard;
        unsigned position;
    };

    static constexpr unsigned none = shards_max;
    std::vector<unsigned> data_position; // of each data shard, or none
    std::vector<Parity> parity;          // the parity shards present
    std::vector<unsigned> lost;          // the data shards absent, as many
};

/// The rows that make the lost data shards from the present shards. Each parity shard present says
///     parity = B data + A lost,    so    lost = inverse(A) (parity - B data),
/// and only A, as large as the loss, has to be inverted. A is a Cauchy matrix: it has an inverse.
Matrix lost_data_matrix(CodeShape shape, const Survivors& survivors)
{
    const auto losses = static_cast<unsigned>(survivors.lost.size());
    Matrix a{losses, losses};
    for (unsigned row = 0; row < losses; ++row) {
        for (unsigned column = 0; column < losses; ++column) {
            const unsigned shard = survivors.parity[row].shard;
            a.at(row, column) = coefficient(shape, shard, survivors.lost[column]);
        }
    }
    const Matrix inverse_a = inverse(std::move(a));

    Matrix result{losses, shape.data};
    for (unsigned row = 0; row < losses; ++row) {
        for (unsigned i = 0; i < losses; ++i) {
            const auto [shard, position] = survivors.parity[i];
            const std::uint8_t factor = inverse_a.at(row, i);
            result.at(row, position) = factor;
            for (unsigned j = 0; j < shape.data; ++j) {
                if (survivors.data_position[j] == Survivors::none) continue;
                result.at(row, survivors.data_position[j]) ^=
                    product(factor, coefficient(shape, shard, j));
            }
        }
    }
    return result;
}

/// The rows that make the wanted shards from the present ones.
Matrix rebuild_matrix(CodeShape shape, const LossPattern& pattern)
{
    const Survivors survivors{shape, pattern.present};
    const Matrix lost_data = lost_data_matrix(shape, survivors);

    Matrix result{static_cast<unsigned>(pattern.wanted.size()), shape.data};
    for (unsigned row = 0; row < result.rows(); ++row) {
        unsigned lost_row = 0;
        for (unsigned j = 0; j < shape.data; ++j) {
            const std::uint8_t factor = coefficient(shape, pattern.wanted[row], j);
            if (survivors.data_position[j] != Survivors::none)
                result.at(row, survivors.data_position[j]) ^= factor;
            else
                result.add(row, factor, lost_data.row(lost_row++));
        }
    }
    return result;
}

} // namespace

Code::Code(CodeShape shape, Kernel kernel) : shape_{shape}, kernel_{kernel}
{
    if (shape.data < 1 || shape.data > shards_max || shape.parity > shards_max - shape.data)
        throw Error{Exit::usage, "cannot code " + std::to_string(shape.data) + " data and " +
                                     std::to_string(shape.parity) +
                                     " parity shards: at least 1 data shard, at most " +
                                     std::to_string(shards_max) + " shards"};
    parity_ = std::make_shared<const Transform>(parity_matrix(shape), kernel);
}

void Code::encode(std::span<const ByteView> data, std::span<const MutableByteView> parity) const
{
    parity_->apply(data, parity);
}

Rebuild::Rebuild(const Code& code, const LossPattern& pattern)
{
    assert(is_valid(code.shape(), pattern));
    transform_ =
        std::make_shared<const Transform>(rebuild_matrix(code.shape(), pattern), code.kernel());
}

void Rebuild::apply(std::span<const ByteView> present,
                    std::span<const MutableByteView> wanted) const
{
    transform_->apply(present, wanted);
}

RebuildCache::RebuildCache(Code code) : code_{std::move(code)} {}

std::shared_ptr<const Rebuild> RebuildCache::find(const LossPattern& pattern)
{
    const auto find_entry = [&] { return std::ranges::find(entries_, pattern, &Entry::pattern); };
    {
        const std::lock_guard lock{mutex_};
        if (const auto entry = find_entry(); entry != entries_.end()) {
            std::rotate(entry, entry + 1, entries_.end());
            return entries_.back().rebuild;
        }
    }
    // Made without the lock: one thread's new pattern does not stop the others.
    auto rebuild = std::make_shared<const Rebuild>(code_, pattern);
    const std::lock_guard lock{mutex_};
    if (const auto entry = find_entry(); entry != entries_.end()) return entry->rebuild;
    if (entries_.size() == patterns_max) entries_.erase(entries_.begin());
    entries_.push_back({.pattern = pattern, .rebuild = rebuild});
    return rebuild;
}

} // namespace cairn
