#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// "did you mean '--force'?", of the candidate that `word` was most likely meant to be: one that it
/// abbreviates or nearly is. Empty when there is none.
std::string suggest(std::string_view word, const std::vector<std::string>& candidates);

} // namespace cairn
