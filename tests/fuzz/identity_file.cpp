#include "format/identity.hpp"
#include "fuzz.hpp"

// A file whose seed line is good costs 2048 rounds of PBKDF2, so only one of 64 such inputs goes
// on; which one depends on nothing but the input.

namespace cairn {
namespace {

bool has_seed(ByteView input)
{
    return as_text(input).find("# cairn-seed: CAIRN-SEED-1") != std::string_view::npos;
}

} // namespace

void fuzz(ByteView input)
{
    is_identity_file(input);
    if (has_seed(input) && !is_sampled(input, 64)) return;
    const auto identity = accepted([&] { return Identity::parse(input); });
    if (!identity) return;
    require(is_same(identity->to_file().bytes(), input), "an identity is written as it was read");
    require(is_identity_file(input), "an identity file says that it is one");
}

} // namespace cairn
