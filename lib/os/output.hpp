#pragma once

#include "os/fd.hpp"
#include "os/process.hpp"

#include <optional>
#include <span>
#include <string>

namespace cairn {

/// Where a tool's result goes. A file appears under its name only with publish(), complete and
/// synced; otherwise nothing of it stays. Standard output, devices and pipes get bytes at once.
/// Throws Error{cantcreat} when the name is taken or cannot be made, Error{ioerr} when writing or
/// syncing fails.
class Output {
public:
    enum class Existing {
        refuse,  ///< a file of that name is an error
        replace, ///< it is replaced, by one rename, when the new one is complete, which has its
                 ///< mode
    };
    enum class Access {
        usual,  ///< what the umask allows
        secret, ///< for the owner alone, from the first moment; never replaces a file
    };

    /// "-" and "/dev/stdout" are standard output, "/dev/stderr" is standard error: links that are
    /// neither refused nor replaced, whatever they lead to.
    static Output open(const std::string& path, Existing existing = Existing::refuse,
                       Access access = Access::usual);

    /// The same for binary data, on standard output where there is no path. Throws Error{usage}
    /// when that is a terminal, which nobody meant.
    static Output open_binary(const std::optional<std::string>& path,
                              Existing existing = Existing::refuse);

    void write(ByteView data);
    void write_at(std::uint64_t offset, ByteView data);

    /// The bytes of a file reach the disk; nothing for other outputs.
    void sync();

    /// The same for many at the price of few: they are written at once, and a disk takes syncs
    /// together that come together. (syncfs is no sync of all of them: file systems of FUSE do not
    /// pass it on, and an error may have been told to another process.)
    static void sync(std::span<Output* const> outputs);

    /// Gives a file its name. The name itself is durable after sync_directory().
    void publish();

    /// sync(), publish() and sync_directory() of the file's directory: all that "done" means.
    void commit();

    /// True for files, which can be written at any place and are published whole.
    [[nodiscard]] bool is_file() const noexcept { return is_file_; }

    /// True when bytes written now are shown to a person.
    [[nodiscard]] bool is_terminal() const noexcept;

    [[nodiscard]] int descriptor() const noexcept { return fd_.number(); }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    Output(Fd fd, std::string name) : fd_{std::move(fd)}, name_{std::move(name)} {}

    static Output create(const std::string& path, Existing existing, Access access);
    void open_temporary(unsigned mode);
    [[nodiscard]] std::string temporary_name() const;
    void link_to(const std::string& path);
    void start_writeback(std::uint64_t offset, std::uint64_t size) const noexcept;

    Fd fd_;
    std::string name_;
    CleanUp temporary_;             // where the kernel or file system has no unnamed files
    std::uint64_t written_ = 0;     // bytes, by write()
    std::uint64_t handed_over_ = 0; // bytes of these that are on their way to the disk
    bool is_file_ = false;
    Existing existing_ = Existing::refuse;
};

/// Whether a path names standard output, on which a result must not follow the output then.
bool is_standard_output(const std::string& path) noexcept;

/// The directory part of a path; "." where it has none.
std::string directory_of(const std::string& path);

/// Names made in a directory survive a loss of power from here on. Throws Error{ioerr}.
void sync_directory(const std::string& path);

/// Bytes in a file without a name, gone with the process: for what must wait and may be large. It
/// lives in $TMPDIR's place given by the caller. Throws Error{cantcreat}.
Fd unnamed_file(const std::string& directory);

} // namespace cairn
