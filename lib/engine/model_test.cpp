#include "base/cursor.hpp"
#include "engine/poc.hpp"
#include "engine/retarget.hpp"
#include "format/testing.hpp"

#include <map>
#include <sstream>

#include <doctest/doctest.h>

// Against tests/data/engine/poc.py, which draws the same headers.

using namespace cairn;

namespace {

constexpr std::uint64_t digest_step = 100'000;
constexpr std::uint64_t family_every = 64;

/// splitmix64. What is drawn is drawn before the choice between it and others.
class Draw {
public:
    std::uint64_t number()
    {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t x = state_;
        x = (x ^ x >> 30U) * 0xbf58476d1ce4e5b9U;
        x = (x ^ x >> 27U) * 0x94d049bb133111ebU;
        return x ^ x >> 31U;
    }
    std::uint64_t below(std::uint64_t end) { return number() % end; }
    std::uint64_t of(std::initializer_list<std::uint64_t> choices)
    {
        return std::data(choices)[below(choices.size())];
    }
    std::uint64_t bits(std::uint64_t most)
    {
        const std::uint64_t shift = 64 - most + below(most);
        return number() >> shift;
    }
    template <class FixedBytes>
    FixedBytes digest()
    {
        Bytes bytes;
        for (int i = 0; i < 4; ++i) Writer{bytes}.integer(number());
        FixedBytes fixed;
        std::ranges::copy(bytes, fixed.bytes.begin());
        return fixed;
    }

private:
    std::uint64_t state_ = 1;
};

void draw_rules(Draw& draw, Genesis& genesis)
{
    auto& rules = std::get<PocRules>(genesis.engine);
    rules.block_time_s = draw.of({1, 2, 60, 240, 3600});
    const std::uint64_t some_max = 1 + draw.bits(62);
    rules.base_target_max = draw.of({std::uint64_t{1} << 62U, some_max});
    const std::uint64_t some_target = 1 + draw.below(rules.base_target_max);
    rules.base_target = draw.of({1, rules.base_target_max, some_target});
    const std::uint64_t retarget_max = draw.of({10, 600, 86'400, 8'640'000});
    rules.retarget_s = 1 + draw.below(retarget_max);
    rules.is_bending = draw.below(2) == 1;
    rules.bending_factor = 1 + draw.bits(44);
    rules.epoch_blocks = draw.of({1, 2, 16, 1024});
    std::get<CccPolicy>(genesis.policy).space_per_mille = 1 + draw.below(10'000);
}

struct Drawn {
    std::uint64_t first_s = 0;
    Height height;
    std::uint64_t parent_s = 0;
    PocData data;
    Beacon seed;
    NetworkId chain;
};

Drawn draw_header(Draw& draw, const PocRules& rules)
{
    Drawn drawn;
    drawn.first_s = draw.below(time_max_s + 1);
    const std::uint64_t any_height = 1 + draw.bits(31);
    const std::uint64_t low_height = 1 + draw.below(2000);
    drawn.height.value = static_cast<std::uint32_t>(draw.of({any_height, UINT32_MAX, low_height}));
    const std::uint64_t spread_s = draw.of({0, 100, 86'400, 315'360'000});
    const std::uint64_t blocks = drawn.height.value - 1;
    const std::uint64_t late_s = drawn.first_s + rules.block_time_s * blocks + //
                                 draw.below(2 * spread_s + 1);
    const std::uint64_t near_s = late_s - std::min(spread_s, late_s);
    const std::uint64_t any_s = draw.below(time_max_s + 1);
    drawn.parent_s = std::min<std::uint64_t>(draw.of({near_s, near_s, any_s}), time_max_s);
    const std::uint64_t number = draw.number();
    const std::uint64_t bits = draw.bits(64);
    drawn.data.quality = draw.of({0, UINT64_MAX, number, bits});
    drawn.data.form = draw.below(2) == 1 ? PlotForm::x1 : PlotForm::poc2;
    drawn.data.plot.salt = static_cast<std::uint32_t>(draw.number());
    drawn.seed = draw.digest<Beacon>();
    drawn.chain = draw.digest<NetworkId>();
    drawn.data.plot.account = draw.digest<AccountId>();
    return drawn;
}

void put_outputs(Bytes& bytes, const Genesis& genesis, const Drawn& drawn)
{
    const auto& rules = std::get<PocRules>(genesis.engine);
    Writer writer{bytes};
    const std::uint64_t target = base_target_at(rules, drawn.first_s, drawn.height, drawn.parent_s);
    writer.integer(target);
    writer.integer(delay_of(rules, drawn.data.quality, target));
    writer.integer(work_of(target));
    writer.integer(space_of(genesis, target));
    const Challenge challenge = challenge_of(rules, drawn.seed, drawn.height);
    writer.put(challenge.bytes);
    writer.integer(scoop_at(rules, challenge, drawn.height).value);
    writer.put(next_seed(rules, drawn.chain, drawn.seed, drawn.height, drawn.data).bytes);
}

void put_family_outputs(Bytes& bytes, const Drawn& drawn)
{
    PocRules rules;
    rules.challenge = ChallengeRule::family;
    Writer writer{bytes};
    const Challenge challenge = challenge_of(rules, drawn.seed, drawn.height);
    writer.integer(scoop_at(rules, challenge, drawn.height).value);
    writer.put(next_seed(rules, drawn.chain, drawn.seed, drawn.height, drawn.data).bytes);
}

/// The lines of the model's file, by their first two words.
std::map<std::string, Bytes> model_outputs()
{
    std::map<std::string, Bytes> outputs;
    std::istringstream file{test_data("engine/poc.txt")};
    std::string kind;
    std::string number;
    std::string digits;
    while (file >> kind >> number >> digits) outputs[kind + ' ' + number] = hex_bytes(digits);
    return outputs;
}

/// Checks so many headers.
void check_headers(std::uint64_t count)
{
    const std::map<std::string, Bytes> model = model_outputs();
    REQUIRE(model.size() == 60);
    Genesis genesis;
    genesis.engine = PocRules{};
    Draw draw;
    Bytes outputs;
    for (std::uint64_t i = 0; i < count; ++i) {
        draw_rules(draw, genesis);
        const Drawn drawn = draw_header(draw, std::get<PocRules>(genesis.engine));
        const std::size_t begin = outputs.size();
        put_outputs(outputs, genesis, drawn);
        if (i % family_every == 0) put_family_outputs(outputs, drawn);
        if (const auto shown = model.find("header " + std::to_string(i)); shown != model.end())
            CHECK(std::ranges::equal(shown->second, ByteView{outputs}.subspan(begin)));
        if ((i + 1) % digest_step != 0) continue;
        const Sha256Digest digest = sha256(outputs);
        CHECK(Bytes{digest.bytes.begin(), digest.bytes.end()} ==
              model.at("digest " + std::to_string(i + 1)));
        outputs.assign(digest.bytes.begin(), digest.bytes.end());
    }
}

} // namespace

TEST_CASE("a hundred thousand random headers are as the reference model says")
{
    check_headers(digest_step);
}

TEST_CASE("a million random headers are as the reference model says" *
          doctest::test_suite("answers"))
{
    check_headers(10 * digest_step);
}
