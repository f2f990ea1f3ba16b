#pragma once

#include "cli/cli.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace cairn {

/// "cairn-verify storage", "tags" and "transcript".
class VerifyStorage {
public:
    VerifyStorage();

    void declare(Cli& cli);

    /// Whether one of these verbs was given.
    [[nodiscard]] bool is_chosen() const noexcept;
    [[nodiscard]] Exit run(Console& console) const;

private:
    [[nodiscard]] Exit verify_proof(Console& console) const;
    [[nodiscard]] Exit verify_tags(Console& console) const;
    [[nodiscard]] Exit verify_transcript(Console& console) const;

    Cli* proof_ = nullptr;
    Cli* tags_ = nullptr;
    Cli* transcript_ = nullptr;
    std::optional<std::string> file_;
    std::string key_;
    std::string signer_;
    std::string challenge_;
    std::optional<std::string> tag_file_;
    std::uint64_t threads_;
};

} // namespace cairn
