#include "depot/depot.hpp"
#include "fuzz.hpp"

void cairn::fuzz(ByteView input)
{
    const auto grants = accepted([&] { return parse_grants(as_text(input)); });
    if (!grants) return;
    require(grants->size() <= input.size() / 5 + 1, "a grant takes a line");
    for (const Grant& grant : *grants) {
        unsigned of_owner = 0;
        for (const Grant& other : *grants) of_owner += other.owner == grant.owner ? 1U : 0U;
        require(of_owner == 1, "an owner has one grant");
        require(grant.expiry_s % 86'400 == 0, "a grant ends with a day");
    }
}
