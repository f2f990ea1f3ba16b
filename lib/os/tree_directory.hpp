#pragma once

#include "os/fd.hpp"
#include "os/output.hpp"

#include <string>
#include <vector>

namespace cairn {

/// A directory that is filled under names from elsewhere. Nothing is made outside of it, whatever
/// is in it already: symbolic links are never followed. Paths are names between single slashes,
/// none of them empty, "." or ".."; the directories above are made where they are missing. Throws
/// Error{cantcreat}.
class TreeDirectory {
public:
    /// Makes the directory unless it is there.
    explicit TreeDirectory(const std::string& path);

    /// A file on its way: it appears when `output` is committed.
    struct NewFile {
        Fd directory; // of `output`
        Output output;

        /// Permissions, and when it was last changed. Throws Error{ioerr}.
        void set_facts(unsigned mode, std::uint64_t mtime_ns);
    };

    /// A new file; the name must be free.
    [[nodiscard]] NewFile create(const std::string& path) const;

    /// What there is as a regular file under that name, to be read; -1 where there is nothing.
    /// Throws Error{cantcreat} when it is something else.
    [[nodiscard]] Fd open_existing(const std::string& path) const;

    /// Makes a directory unless it is there.
    void make_directory(const std::string& path) const;

    /// Of a directory: permissions, and when it was last changed.
    void set_facts(const std::string& path, unsigned mode, std::uint64_t mtime_ns) const;

    /// Makes a symbolic link, unless the very same is there.
    void make_symlink(const std::string& path, const std::string& target) const;

    /// As it is to be shown.
    [[nodiscard]] std::string name_of(const std::string& path) const { return path_ + '/' + path; }

private:
    struct Place {
        Fd directory;
        std::string name;
    };

    [[nodiscard]] Place find_place(const std::string& path) const;
    [[nodiscard]] Fd enter(int directory, const std::string& name, const std::string& shown) const;

    std::string path_;
    Fd root_;
};

} // namespace cairn
