#include "keyring/link_operand.hpp"

#include "format/age_header.hpp"
#include "format/armor.hpp"
#include "os/input.hpp"
#include "os/terminal.hpp"

#include <algorithm>
#include <cstring>
#include <exception>

namespace cairn {
namespace {

constexpr std::size_t operand_size_max = 16 * 1024; // bytes: a grant is recognised, if not used
constexpr const char* scheme = "cairn:";
constexpr std::string_view link_start = "cairn:co1"; // of every link, so of no other word
constexpr std::string_view key_start = "ck1";
constexpr char mask = '*';
constexpr int standard_input = 0;
constexpr const char* ways = "give '-' for standard input, @FILE, fd:N, or the link itself";

bool starts_with(const char* text, std::string_view start) noexcept
{
    return std::string_view{text}.starts_with(start);
}

Secret read_file(const std::string& path)
{
    Secret text{operand_size_max};
    text.shrink(read_secret_file(path, text.bytes(), SecretReaders::anyone));
    constexpr std::string_view blanks = " \t\r\n";
    text.shrink(as_text(text.bytes()).find_last_not_of(blanks) + 1);
    if (is_age(text.bytes()) || is_armored(text.bytes()))
        throw Error{Exit::data, "this is a grant or another age file, not a link",
                    "decrypt it first: cairn-decrypt -i FILE GRANT | COMMAND -"};
    return text;
}

} // namespace

LinkOperands::LinkOperands(int argc, char** argv) noexcept
{
    for (int i = 1; i < argc; ++i) {
        const char* const scheme_at = std::strstr(argv[i], scheme);
        char* key = argv[i];
        while ((key = std::strchr(key, '#')) != nullptr) {
            ++key;
            const bool is_behind = scheme_at != nullptr && scheme_at < key;
            if (!(is_behind && starts_with(scheme_at, link_start)) && !starts_with(key, key_start))
                continue;
            take(is_behind ? scheme_at : argv[i], key);
            break;
        }
    }
}

void LinkOperands::take(const char* link, char* key) noexcept
{
    const std::size_t key_size = std::strlen(key);
    try {
        Secret text = Secret::copy(as_bytes(link));
        std::fill_n(key, key_size, mask);
        taken_.push_back({link, std::move(text)});
    } catch (const std::exception&) {
        std::fill_n(key, key_size, mask);
        is_out_of_memory_ = true;
    }
}

Secret LinkOperands::read_text(const std::optional<std::string>& operand, Console& console) const
{
    if (!operand && is_terminal(standard_input))
        throw Error{Exit::usage, "no link: standard input is a terminal", ways};
    const std::string text = operand.value_or("-");
    if (text == "-" || text.starts_with("fd:")) return read_file(text);
    if (text.starts_with('@')) return read_file(text.substr(1));
    if (is_out_of_memory_) throw Error{Exit::oserr, "out of memory"};
    const auto taken = std::ranges::find(taken_, text, &Taken::shown);
    if (taken != taken_.end()) {
        console.warning("the key of the link was on the command line, where others can see it: "
                        "use '-', @FILE or fd:N");
        return Secret::copy(taken->text.bytes());
    }
    if (!is_link(text)) throw Error{Exit::usage, "the operand is no link", ways};
    return Secret::copy(as_bytes(text));
}

Link LinkOperands::read(const std::optional<std::string>& operand, Console& console) const
{
    return parse_link(read_text(operand, console).bytes());
}

} // namespace cairn
