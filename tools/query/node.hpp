#pragma once

#include "base/error.hpp"
#include "cli/cli.hpp"
#include "net/local_client.hpp"

#include <optional>
#include <string>

/// Which node is asked.
struct NodeOptions {
    std::optional<std::string> node; ///< endpoint
    std::optional<std::string> directory;
    std::uint64_t timeout_ms = 30'000;

    void declare(cairn::Cli& cli);

    /// Throws Error{usage} where no node is named, Error{config} for what is no endpoint.
    [[nodiscard]] cairn::LocalClient client() const;
    [[nodiscard]] cairn::LocalClient client(std::uint64_t reply_ms) const;
};

/// Whether a node that has failed so may answer later.
[[nodiscard]] bool is_passing(const cairn::Error& error);

/// A member of what a node has told. Throws Error{protocol} where it is not there.
[[nodiscard]] std::string text_in(const cairn::Json& json, const std::string& name);
[[nodiscard]] std::uint64_t number_in(const cairn::Json& json, const std::string& name);
[[nodiscard]] bool is_true(const cairn::Json& json, const std::string& name);
