#include "capacity/claim.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

using Scoop = std::array<std::byte, scoop_size>;

/// One nonce that must be made, and which of its scoops is wanted.
struct Term {
    NonceSeed seed;
    std::size_t scoop = 0;
};

void append_terms(std::vector<Term>& terms, const Claim& claim, const NonceClaim& where)
{
    terms.push_back({to_seed(where.account, where.nonce), claim.scoop.value});
}

void append_terms(std::vector<Term>& terms, const Claim& claim, const WarpClaim& where)
{
    assert(where.place < scoops && where.scale <= scale_max);
    const WarpShape shape{.scale = where.scale};
    const PlotId plot = plot_id(where.owner);
    for (std::size_t term = 0; term < shape.terms(); ++term) {
        const bool is_even = term % 2 == 0;
        const std::size_t place = is_even ? where.place : claim.scoop.value;
        const std::size_t scoop = is_even ? claim.scoop.value : where.place;
        terms.push_back({to_seed(plot, shape.nonce(where.warp, term, place)), scoop});
    }
}

/// The wanted scoops of terms whose seeds are of one size.
void make_scoops(NonceGroup& group, std::span<const Term* const> terms, std::span<Scoop* const> out)
{
    std::vector<NonceSeed> seeds;
    for (const Term* term : terms) seeds.push_back(term->seed);
    group.make(seeds);
    std::vector<std::byte> all(terms.size() * scoop_size);
    for (std::size_t i = 0; i < terms.size(); ++i) {
        const std::size_t scoop = terms[i]->scoop;
        group.copy_scoops(scoop, scoop, all.data(), {.scoop = 0, .nonce = scoop_size});
        std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(i * scoop_size), scoop_size,
                    out[i]->begin());
    }
}

/// All terms, by groups of one seed size.
std::vector<Scoop> make_all(const std::vector<Term>& terms, ShabalKernel kernel)
{
    std::vector<Scoop> made(terms.size());
    std::vector<std::size_t> order(terms.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return terms[i].seed.size; });
    NonceGroup group{kernel};
    for (std::size_t begin = 0; begin < order.size();) {
        std::vector<const Term*> in;
        std::vector<Scoop*> out;
        const std::size_t size = terms[order[begin]].seed.size;
        for (; begin < order.size() && in.size() < group.size(); ++begin) {
            if (terms[order[begin]].seed.size != size) break;
            in.push_back(&terms[order[begin]]);
            out.push_back(&made[order[begin]]);
        }
        make_scoops(group, in, out);
    }
    return made;
}

} // namespace

std::vector<Hit> hits_of(std::span<const Claim> claims, ShabalKernel kernel)
{
    std::vector<Term> terms;
    std::vector<std::size_t> ends;
    for (const Claim& claim : claims) {
        std::visit([&](const auto& where) { append_terms(terms, claim, where); }, claim.where);
        ends.push_back(terms.size());
    }
    const std::vector<Scoop> made = make_all(terms, kernel);
    std::vector<Hit> hits;
    for (std::size_t i = 0, term = 0; i < claims.size(); ++i) {
        Scoop sum{};
        for (; term < ends[i]; ++term)
            for (std::size_t k = 0; k < scoop_size; ++k) sum[k] ^= made[term][k];
        hits.push_back(hit_of(claims[i].challenge, sum));
    }
    return hits;
}

} // namespace cairn
