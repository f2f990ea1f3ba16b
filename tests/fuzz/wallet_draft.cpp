#include "fuzz.hpp"
#include "wallet/draft.hpp"
#include "wallet/words.hpp"

// What goes from machine to machine before it is sent: drafts and descriptors.

namespace cairn {

void fuzz(ByteView input)
{
    if (const auto descriptor = accepted([&] { return read_descriptor(as_text(input)); }))
        require(read_descriptor(descriptor_json(*descriptor).dump()) == *descriptor,
                "a descriptor stays as it is");
    const auto draft = accepted([&] { return read_draft(input); });
    if (!draft) return;
    const std::string text = draft_json(*draft).dump();
    require(read_draft(as_bytes(text)) == *draft, "a draft stays as it is");
    require(join_drafts({&*draft, 1}).body == draft->body, "signatures change no body");
    const Cost cost = cost_of(*draft);
    require(cost.total >= cost.fee && cost.total >= cost.calls,
            "a total is no less than its parts");
    require(!describe(*draft).empty(), "what is signed is shown");
}

} // namespace cairn
