#include "os/input.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "os/detail/retry.hpp"
#include "os/directory.hpp"
#include "os/errno.hpp"
#include "os/terminal.hpp"

#include <algorithm>
#include <array>
#include <climits>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cairn {
namespace {

const char* const standard_input = "standard input";

Fd open_file(const std::string& path)
{
    Fd fd{detail::retry([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY); })};
    if (!fd) throw_errno(Exit::noinput, "open", path);
    return fd;
}

/// The descriptor that "-" or "fd:N" names; none for other texts.
std::optional<int> named_descriptor(const std::string& path)
{
    if (path == "-") return STDIN_FILENO;
    if (!path.starts_with("fd:")) return std::nullopt;
    const auto number = parse_number(std::string_view{path}.substr(3));
    if (!number || *number > INT_MAX)
        throw Error{Exit::usage, "'" + path + "' does not name a descriptor"};
    return static_cast<int>(*number);
}

void refuse_unsafe_mode(int fd, const std::string& path, SecretReaders readers)
{
    struct stat status = {};
    if (::fstat(fd, &status) != 0) throw_errno(Exit::noinput, "look at", path);
    const mode_t allowed = readers == SecretReaders::group ? S_IRGRP : 0;
    if (S_ISREG(status.st_mode) && (status.st_mode & (S_IRWXG | S_IRWXO) & ~allowed) != 0)
        throw Error{Exit::noperm, "'" + path + "' can be read or changed by others than its owner",
                    "chmod 600 " + shell_quote(path)};
}

} // namespace

Input::Input(Fd fd, std::string name) : fd_{std::move(fd)}, name_{std::move(name)}
{
    struct stat status = {};
    if (::fstat(fd_.number(), &status) != 0) throw_errno(Exit::noinput, "look at", name_);
    if (S_ISDIR(status.st_mode)) throw Error{Exit::noinput, "'" + name_ + "' is a directory"};
    if (S_ISREG(status.st_mode)) size_ = static_cast<std::uint64_t>(status.st_size);
    enlarge_pipe(fd_.number());
    ::posix_fadvise(fd_.number(), 0, 0, POSIX_FADV_SEQUENTIAL);
}

Input Input::open(const std::string& path)
{
    if (path == "-") return {Fd{STDIN_FILENO}, standard_input};
    return {open_file(path), path};
}

Input Input::open_regular(const std::string& path)
{
    constexpr int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    Fd fd{detail::retry([&] { return ::open(path.c_str(), flags); })};
    if (!fd) throw_errno(Exit::noinput, "open", path);
    Input input{std::move(fd), path};
    if (!input.size_) throw Error{Exit::noinput, "'" + path + "' is not a regular file"};
    return input;
}

Input Input::open_operand(const std::optional<std::string>& path)
{
    if (!path && is_terminal(STDIN_FILENO))
        throw Error{Exit::usage, "no input: standard input is a terminal",
                    "name a file, pipe the data in, or type it after '-'"};
    return open(path.value_or("-"));
}

std::optional<FileState> Input::state() const
{
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    constexpr mode_t permissions = 07777;
    struct stat status = {};
    if (::fstat(fd_.number(), &status) != 0) throw_errno(Exit::ioerr, "look at", name_);
    if (!S_ISREG(status.st_mode)) return std::nullopt;
    const std::int64_t modified_ns =
        std::int64_t{status.st_mtim.tv_sec} * ns_per_s + status.st_mtim.tv_nsec;
    return FileState{.device = status.st_dev,
                     .inode = status.st_ino,
                     .size = static_cast<std::uint64_t>(status.st_size),
                     .modified_ns =
                         static_cast<std::uint64_t>(std::max<std::int64_t>(0, modified_ns)),
                     .mode = status.st_mode & permissions};
}

Bytes read_small_file(const std::string& path, std::size_t size_max)
{
    constexpr std::size_t step = 64 * 1024; // bytes
    Input input = Input::open(path);
    Bytes content;
    for (std::size_t filled = 0;; filled = content.size()) {
        content.resize(filled + std::min(step, size_max + 1 - filled));
        const std::size_t got = input.read(MutableByteView{content}.subspan(filled));
        const bool is_at_end = filled + got < content.size();
        content.resize(filled + got);
        if (content.size() > size_max)
            throw Error{Exit::data,
                        "'" + path + "' is larger than " + std::to_string(size_max) + " bytes"};
        if (is_at_end) return content;
    }
}

std::optional<Bytes> read_if_there(const std::string& path, std::size_t size_max)
{
    if (path != "-" && !exists(path)) return std::nullopt;
    return read_small_file(path, size_max);
}

std::size_t read_secret_file(const std::string& path, MutableByteView buffer, SecretReaders readers)
{
    const auto descriptor = named_descriptor(path);
    const Fd file = descriptor ? Fd{} : open_file(path);
    const int fd = descriptor.value_or(file.number());
    if (!descriptor && readers != SecretReaders::anyone) refuse_unsafe_mode(fd, path, readers);
    const std::size_t size = read_full(fd, buffer, path);
    std::array<std::byte, 1> more{};
    if (size == buffer.size() && read_full(fd, more, path) != 0)
        throw Error{Exit::data, "'" + path + "' is larger than a file of its kind can be"};
    return size;
}

} // namespace cairn
