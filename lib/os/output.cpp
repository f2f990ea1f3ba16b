#include "os/output.hpp"

#include "os/detail/retry.hpp"
#include "os/errno.hpp"
#include "os/parallel.hpp"
#include "os/terminal.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cairn {

using detail::retry;

namespace {

/// What a disk takes at once without losing speed, so that it works while the rest is computed and
/// little is left for the sync at the end.
constexpr std::uint64_t writeback_size = std::uint64_t{4} << 20U; // bytes

constexpr mode_t usual_mode = 0666;
constexpr mode_t secret_mode = 0600;

std::string proc_path(int fd)
{
    return "/proc/self/fd/" + std::to_string(fd);
}

/// Unnamed files need a file system that has them, and /proc to be given a name.
Fd open_unnamed(const std::string& directory, mode_t mode)
{
    constexpr int flags = O_TMPFILE | O_RDWR | O_CLOEXEC;
    Fd fd{retry([&] { return ::open(directory.c_str(), flags, mode); })};
    if (fd && ::access(proc_path(fd.number()).c_str(), F_OK) != 0) return {};
    return fd;
}

/// Whom the old file was for, the new one is for: where the group cannot be the same, it is
/// nobody's.
void keep_access(int fd, const struct stat& old) noexcept
{
    constexpr auto same_owner = static_cast<uid_t>(-1);
    mode_t mode = old.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO);
    if (::fchown(fd, old.st_uid, old.st_gid) != 0 && ::fchown(fd, same_owner, old.st_gid) != 0)
        mode &= ~static_cast<mode_t>(S_IRWXG);
    ::fchmod(fd, mode);
}

[[noreturn]] void throw_exists(const std::string& path)
{
    throw Error{Exit::cantcreat, "'" + path + "' exists already", "choose another name, or use -f"};
}

[[noreturn]] void throw_secret_exists(const std::string& path)
{
    throw Error{Exit::cantcreat, "'" + path + "' exists already and is never overwritten",
                "choose another name"};
}

} // namespace

bool is_standard_output(const std::string& path) noexcept
{
    return path == "-" || path == "/dev/stdout";
}

std::string directory_of(const std::string& path)
{
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

Output Output::open(const std::string& path, Existing existing, Access access)
{
    if (is_standard_output(path)) {
        enlarge_pipe(STDOUT_FILENO);
        return {Fd{STDOUT_FILENO}, "standard output"};
    }
    if (path == "/dev/stderr") return {Fd{STDERR_FILENO}, "standard error"};
    struct stat status = {};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    if (!exists || S_ISREG(status.st_mode)) return create(path, existing, access);
    if (S_ISDIR(status.st_mode)) throw Error{Exit::cantcreat, "'" + path + "' is a directory"};
    if (S_ISBLK(status.st_mode)) { // has content, as a file has
        if (access == Access::secret) throw_secret_exists(path);
        if (existing == Existing::refuse) throw_exists(path);
    }

    Fd fd{retry([&] { return ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY); })};
    if (!fd) throw_errno(Exit::cantcreat, "open", path);
    enlarge_pipe(fd.number());
    return {std::move(fd), path};
}

Output Output::create(const std::string& path, Existing existing, Access access)
{
    struct stat old = {};
    const bool exists = ::lstat(path.c_str(), &old) == 0;
    if (exists && access == Access::secret) throw_secret_exists(path);
    if (exists && existing == Existing::refuse) throw_exists(path);
    const bool is_replacing = exists && S_ISREG(old.st_mode); // of a link it is not the target

    mode_t mode = access == Access::secret ? secret_mode : usual_mode;
    if (is_replacing) mode &= old.st_mode;
    Output output{open_unnamed(directory_of(path), mode), path};
    output.is_file_ = true;
    output.existing_ = access == Access::secret ? Existing::refuse : existing;
    if (!output.fd_) output.open_temporary(mode);
    if (is_replacing) keep_access(output.fd_.number(), old);
    return output;
}

/// Where there are no unnamed files.
void Output::open_temporary(unsigned mode)
{
    const std::string temporary = temporary_name();
    ::unlink(temporary.c_str()); // of a run that was killed
    temporary_ = CleanUp{temporary, CleanUp::Kind::file};
    constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    fd_ = Fd{retry([&] { return ::open(temporary.c_str(), flags, mode); })};
    if (fd_) return;
    temporary_.keep(); // not ours
    throw_errno(Exit::cantcreat, "create", name_);
}

/// One name for one output, so that a run after a killed one finds and removes what was left.
std::string Output::temporary_name() const
{
    constexpr std::size_t base_size_max = 200; // bytes: of 255, which the file system allows
    const std::size_t at = name_.find_last_of('/') + 1; // 0 where there is none
    std::string base = name_.substr(at);
    if (base.size() > base_size_max) {
        const std::string rest = std::to_string(std::hash<std::string>{}(base));
        base.resize(base_size_max);
        base += rest;
    }
    return name_.substr(0, at) + "." + base + ".cairn-tmp";
}

void Output::link_to(const std::string& path)
{
    const std::string from = temporary_ ? temporary_name() : proc_path(fd_.number());
    // A rename, because a process killed between link and unlink would leave two names. It also
    // works on file systems without links, such as that of a memory stick.
    if (temporary_ &&
        ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
        temporary_.keep();
        return;
    }
    if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0) {
        temporary_ = CleanUp{}; // removes it now
        return;
    }
    if (errno == EEXIST) throw_exists(path);
    throw_errno(Exit::cantcreat, "create", path);
}

/// A hint: what it cannot do, sync() does.
void Output::start_writeback(std::uint64_t offset, std::uint64_t size) const noexcept
{
    if (is_file_)
        ::sync_file_range(fd_.number(), static_cast<off64_t>(offset), static_cast<off64_t>(size),
                          SYNC_FILE_RANGE_WRITE);
}

Output Output::open_binary(const std::optional<std::string>& path, Existing existing)
{
    Output output = open(path.value_or("-"), existing);
    if (output.is_terminal() && !path)
        throw Error{Exit::usage, "refusing to write binary data to a terminal",
                    "use -o FILE, redirect it, or force it with -o -"};
    return output;
}

void Output::write(ByteView data)
{
    write_all(fd_.number(), data, name_);
    written_ += data.size();
    if (written_ - handed_over_ < writeback_size) return;
    start_writeback(handed_over_, written_ - handed_over_);
    handed_over_ = written_;
}

void Output::write_at(std::uint64_t offset, ByteView data)
{
    pwrite_all(fd_.number(), data, offset, name_);
    if (data.size() >= writeback_size / 16) start_writeback(offset, data.size());
}

void Output::sync()
{
    if (!is_file_) return;
    if (retry([&] { return ::fsync(fd_.number()); }) != 0) throw_errno(Exit::ioerr, "sync", name_);
}

void Output::sync(std::span<Output* const> outputs)
{
    constexpr std::size_t few = 16; // are not worth threads
    const std::size_t threads = outputs.size() > few ? 8 : 1;
    for (const Output* const output : outputs) output->start_writeback(0, 0); // all of it
    in_parallel(outputs.size(), threads, [&](std::size_t i) { outputs[i]->sync(); });
}

void Output::publish()
{
    if (!is_file_) return;
    if (existing_ == Existing::refuse) {
        link_to(name_);
        return;
    }
    const std::string temporary = temporary_name();
    if (!temporary_) {
        ::unlink(temporary.c_str());                      // of a run that was killed
        CleanUp clean_up{temporary, CleanUp::Kind::file}; // first, for lack of memory
        link_to(temporary);
        temporary_ = std::move(clean_up);
    }
    if (::rename(temporary.c_str(), name_.c_str()) != 0)
        throw_errno(Exit::cantcreat, "replace", name_);
    temporary_.keep();
}

void Output::commit()
{
    sync();
    publish();
    if (is_file_) sync_directory(directory_of(name_));
}

bool Output::is_terminal() const noexcept
{
    return cairn::is_terminal(fd_.number());
}

void sync_directory(const std::string& path)
{
    const Fd fd{retry([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); })};
    if (!fd) throw_errno(Exit::ioerr, "open", path);
    if (retry([&] { return ::fsync(fd.number()); }) != 0) throw_errno(Exit::ioerr, "sync", path);
}

Fd unnamed_file(const std::string& directory)
{
    Fd fd = open_unnamed(directory, secret_mode);
    if (fd) return fd;
    std::string path = directory + "/.cairn-XXXXXX";
    fd = Fd{::mkostemp(path.data(), O_CLOEXEC)};
    if (!fd) throw_errno(Exit::cantcreat, "create a temporary file in", directory);
    ::unlink(path.c_str());
    return fd;
}

} // namespace cairn
