#include "mining/round.hpp"

#include "fuzz.hpp"

// A round, and an answer to one.

namespace cairn {

void fuzz(ByteView input)
{
    const auto json = accepted([&] { return Json::parse(as_text(input), "the round"); });
    if (!json) return;
    const auto again = [](const Json& written) { return Json::parse(written.dump(), "what is"); };
    if (const auto round = accepted([&] { return parse_announcement(*json); })) {
        require(parse_announcement(again(to_json(*round))) == *round, "a round stays as it is");
        require(round_of(*round).scoop.value < scoops, "a round asks for a scoop that there is");
    }
    const auto answer = accepted([&] { return parse_answer(*json); });
    if (!answer) return;
    const std::string text = to_json(*answer).dump();
    require(to_json(parse_answer(again(to_json(*answer)))).dump() == text,
            "an answer stays as it is");
    if (answer->hit && answer->deadline)
        require(fault_of(*answer, *answer->hit).empty() ==
                    (*answer->deadline == deadline_of(*answer->hit, answer->announcement.target)),
                "a deadline belongs to its hit");
}

} // namespace cairn
