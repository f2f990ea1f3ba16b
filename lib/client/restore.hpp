#pragma once

#include "base/error.hpp"
#include "client/session.hpp"
#include "format/link.hpp"
#include "os/tree_directory.hpp"

#include <functional>
#include <string>

namespace cairn {

struct RestoreOptions {
    std::uint64_t patience_ms = 30'000;
    std::function<void(std::uint64_t bytes)> read{}; ///< so many more bytes of content were read
    /// A file is there, complete and durable; `is_new` unless it was there before.
    std::function<void(const std::string& path, bool is_new)> done{};
    /// A file, or a directory with all that is in it, is not there.
    std::function<void(const std::string& path, const Error& error)> failed{};
};

/// Makes files and directories of objects, below one directory. Paths are data, see is_tree_path:
/// nothing is made outside, and no file is replaced. A file that is there already, to the byte, is
/// left as it is, so that an interrupted run can be done again.
class Restorer {
public:
    /// `session` and `directory` must live longer.
    Restorer(Session& session, const TreeDirectory& directory, RestoreOptions options);

    /// A file of the object's content.
    void restore_file(const std::string& path, const Link& link);

    /// All that the list object names, below `path`; an empty one is the directory itself.
    void restore_tree(const std::string& path, const Link& link);

private:
    struct Facts;

    void attempt(const std::string& path, const std::function<void()>& action);
    void make_file(const std::string& path, const Link& link, const Facts* facts);
    void make_tree(const std::string& path, const Link& link);

    Session* session_;
    const TreeDirectory* directory_;
    RestoreOptions options_;
};

} // namespace cairn
