#include "engine/poc.hpp"
#include "engine/sign_guard.hpp"
#include "fuzz.hpp"

// What a header says of its plot, and the file that keeps a producer from sealing twice.

namespace cairn {
namespace {

void read_guard(ByteView input)
{
    auto guard = accepted([&] { return SignGuard::parse(input); });
    if (!guard) return;
    require(is_same(guard->to_bytes(), input), "a guard is written as it was read");
    // What it may seal it notes, and then seals nothing else there, also when it was read again.
    const Height height{static_cast<std::uint32_t>(input.size())};
    const BlockId id{{std::byte{1}}};
    const SignGuard before = *guard;
    const SignGuard::Answer answer = guard->ask(height, {}, id);
    if (answer != SignGuard::Answer::may)
        require(*guard == before, "a guard changes only for what may be sealed");
    SignGuard again = SignGuard::parse(guard->to_bytes());
    require(again == *guard, "a guard is read as it was written");
    if (answer == SignGuard::Answer::may)
        require(again.ask(height, {}, id) == SignGuard::Answer::again, "a guard remembers");
    require(again.ask(height, {}, {{std::byte{2}}}) == SignGuard::Answer::never ||
                answer == SignGuard::Answer::never,
            "nothing is sealed twice");
}

} // namespace

void fuzz(ByteView input)
{
    if (const auto data = accepted([&] { return parse_poc_data(input); })) {
        require(is_same(to_bytes(*data), input), "a proof is written as it was read");
        require(data->first <= poc_warp_max || data->form == PlotForm::poc2,
                "a warp is one that there may be");
        (void)claim_of({}, *data, {}, {});
    }
    read_guard(input);
}

} // namespace cairn
