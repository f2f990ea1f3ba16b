#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace cairn::detail {

/// Looks at the first pages of an LMDB file, which LMDB trusts: it would die by a signal on a file
/// that ends before its last page, or whose head is damaged. The bytes of the file; none when there
/// is no file, or an empty one. Throws Error{data}, naming the database `name`, and Error{ioerr}.
std::optional<std::uint64_t> check_front(const std::string& path, const std::string& name);

} // namespace cairn::detail
