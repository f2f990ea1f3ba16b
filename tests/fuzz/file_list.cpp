#include "fuzz.hpp"
#include "stream/age_batch.hpp"

void cairn::fuzz(ByteView input)
{
    for (const bool is_nul : {false, true}) {
        const auto names = accepted([&] { return parse_file_list(input, is_nul); });
        if (!names) continue;
        const char end = is_nul ? '\0' : '\n';
        std::string text;
        for (const std::string& name : *names) {
            require(!name.empty() && name.find(end) == name.npos, "a name is a name");
            text += name + end;
        }
        if (!input.empty() && as_text(input).back() != end) text.pop_back();
        require(text == as_text(input), "a list is written as it was read");
    }
}
