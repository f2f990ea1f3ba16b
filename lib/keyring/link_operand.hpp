#pragma once

#include "cli/console.hpp"
#include "format/link.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// The links of a command line. A link with a key is a secret, which the list of processes shows to
/// everybody as long as it is there. Make one first of all in main(): it takes the links away and
/// leaves them without their keys, for the options to see and for messages to show.
class LinkOperands {
public:
    LinkOperands(int argc, char** argv) noexcept;
    LinkOperands(const LinkOperands&) = delete;
    LinkOperands& operator=(const LinkOperands&) = delete;
    ~LinkOperands() = default;

    /// The text of the link that an operand names: "-", or none, is standard input, "fd:N" a
    /// descriptor, "@FILE" a file; anything else is the link itself, and with a key there is a
    /// warning. White space at the end does not count. Throws Error{usage} when the operand is no
    /// link, Error{data} when what is read is too large or a grant, which must be decrypted first.
    [[nodiscard]] Secret read_text(const std::optional<std::string>& operand,
                                   Console& console) const;

    /// The link itself. Throws Error{data} too when it is malformed.
    [[nodiscard]] Link read(const std::optional<std::string>& operand, Console& console) const;

private:
    struct Taken {
        std::string shown; ///< what is left of it on the command line
        Secret text;
    };

    void take(const char* link, char* key) noexcept;

    std::vector<Taken> taken_;
    bool is_out_of_memory_ = false;
};

} // namespace cairn
