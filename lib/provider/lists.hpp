#pragma once

#include "depot/depot.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// Roots never to be stored or served: 64 hex digits a line, '#' begins a comment, empty lines are
/// skipped. Throws Error{config}, naming the line.
std::vector<ShardRoot> parse_deny_list(std::string_view text);

/// What the files say that the operator may change while the store runs.
struct OperatorLists {
    std::vector<Grant> grants;
    std::vector<ShardRoot> denied;
};

struct OperatorFiles {
    std::string grants; ///< empty: "grants" of the directory, where there is one
    std::string denied; ///< empty: none
    std::string directory;
    AccountId node; ///< without grants it alone may store, as much as fits
};

/// Reads both. Throws Error{config}, naming file and line, Error{noinput} when one that is named is
/// not there.
OperatorLists load_lists(const OperatorFiles& files);

} // namespace cairn
