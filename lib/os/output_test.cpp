#include "os/output.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace cairn;

namespace {

using Existing = Output::Existing;
using Access = Output::Access;
using Names = std::vector<std::string>;

mode_t mode_of(int fd)
{
    struct stat status = {};
    if (::fstat(fd, &status) != 0) std::abort();
    return status.st_mode & 07777U;
}

/// Sets the umask for one test.
struct Umask {
    explicit Umask(mode_t mask) : before{::umask(mask)} {}
    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;
    ~Umask() { ::umask(before); }

    mode_t before;
};

} // namespace

TEST_CASE("a file appears under its name when it is published, whole")
{
    const TestDirectory directory;
    Output output = Output::open(directory / "a");
    CHECK(output.is_file());
    CHECK_FALSE(output.is_terminal());
    output.write(as_bytes("one two"));
    output.write_at(4, as_bytes("six"));
    CHECK(list_directory(directory.path()).empty());

    output.commit();
    CHECK(file_text(directory / "a") == "one six");
    CHECK(list_directory(directory.path()) == Names{"a"});
}

TEST_CASE("nothing stays of a file that is not published")
{
    const TestDirectory directory;
    for (const Existing existing : {Existing::refuse, Existing::replace}) {
        Output output = Output::open(directory / "a", existing);
        output.write(as_bytes("half"));
        output.sync();
    }
    CHECK(list_directory(directory.path()).empty());
}

TEST_CASE("a file that exists is refused, whenever it came, and stays as it was")
{
    const TestDirectory directory;
    put_file(directory / "a", "old");
    CHECK(exit_of([&] { Output::open(directory / "a"); }) == Exit::cantcreat);

    Output output = Output::open(directory / "b");
    output.write(as_bytes("new"));
    put_file(directory / "b", "of another");
    CHECK(exit_of([&] { output.commit(); }) == Exit::cantcreat);
    CHECK(file_text(directory / "a") == "old");
    CHECK(file_text(directory / "b") == "of another");
    CHECK(list_directory(directory.path()) == Names{"a", "b"});
}

TEST_CASE("a file that may be replaced keeps its content until the new one is published")
{
    const TestDirectory directory;
    put_file(directory / "a", "old");
    put_file(directory / ".a.cairn-tmp", "of a run that was killed");
    {
        Output output = Output::open(directory / "a", Existing::replace);
        output.write(as_bytes("never finished"));
    }
    CHECK(file_text(directory / "a") == "old");

    Output output = Output::open(directory / "a", Existing::replace);
    output.write(as_bytes("new"));
    CHECK(file_text(directory / "a") == "old");
    output.commit();
    CHECK(file_text(directory / "a") == "new");
    CHECK(list_directory(directory.path()) == Names{"a"});
}

TEST_CASE("replacing creates a file that is not there")
{
    const TestDirectory directory;
    Output output = Output::open(directory / "a", Existing::replace);
    output.write(as_bytes("new"));
    output.commit();
    CHECK(file_text(directory / "a") == "new");
}

TEST_CASE("the longest names can be replaced too")
{
    const TestDirectory directory;
    const std::string name(255, 'x');
    put_file(directory / name, "old");
    Output output = Output::open(directory / name, Existing::replace);
    output.write(as_bytes("new"));
    output.commit();
    CHECK(file_text(directory / name) == "new");
    CHECK(list_directory(directory.path()) == Names{name});
}

TEST_CASE("a link is replaced itself, not what it points to")
{
    const TestDirectory directory;
    put_file(directory / "target", "old");
    REQUIRE(::symlink("target", (directory / "link").c_str()) == 0);
    REQUIRE(::symlink("nowhere", (directory / "dangling").c_str()) == 0);
    for (const char* const name : {"link", "dangling"}) {
        CAPTURE(name);
        CHECK(exit_of([&] { Output::open(directory / name); }) == Exit::cantcreat);
        Output output = Output::open(directory / name, Existing::replace);
        output.write(as_bytes("new"));
        output.commit();
        CHECK(file_text(directory / name) == "new");
    }
    CHECK(file_text(directory / "target") == "old");
    CHECK(list_directory(directory.path()) == Names{"dangling", "link", "target"});
}

TEST_CASE("a secret file is its owner's alone from the first moment")
{
    const TestDirectory directory;
    const Umask none{0};
    Output output = Output::open(directory / "key", Existing::refuse, Access::secret);
    CHECK(mode_of(output.descriptor()) == 0600);
    output.commit();
    CHECK(mode_of(output.descriptor()) == 0600);

    Output usual = Output::open(directory / "usual");
    CHECK(mode_of(usual.descriptor()) == 0666);
}

TEST_CASE("files that are not secret obey the umask")
{
    const TestDirectory directory;
    const Umask group_only{027};
    for (const Existing existing : {Existing::refuse, Existing::replace}) {
        Output output = Output::open(directory / "a", existing);
        output.commit();
        CHECK(mode_of(output.descriptor()) == 0640);
    }
}

TEST_CASE("a file that replaces another is for those whom that was for")
{
    const TestDirectory directory;
    const Umask usual{022};
    for (const mode_t mode : {0600U, 0640U, 0666U, 0755U, 0400U}) {
        CAPTURE(mode);
        put_file(directory / "a", "old");
        REQUIRE(::chmod((directory / "a").c_str(), mode) == 0);
        Output output = Output::open(directory / "a", Existing::replace);
        CHECK(mode_of(output.descriptor()) == mode);
        output.write(as_bytes("new"));
        output.commit();
        CHECK(mode_of(output.descriptor()) == mode);
        CHECK(file_text(directory / "a") == "new");
        REQUIRE(::unlink((directory / "a").c_str()) == 0);
    }
}

TEST_CASE("of a file that is replaced no special bits stay, and of a link no mode")
{
    const TestDirectory directory;
    const Umask usual{022};
    put_file(directory / "a", "old");
    REQUIRE(::chmod((directory / "a").c_str(), 06750) == 0);
    CHECK(mode_of(Output::open(directory / "a", Existing::replace).descriptor()) == 0750);
    REQUIRE(::symlink("a", (directory / "link").c_str()) == 0);
    CHECK(mode_of(Output::open(directory / "link", Existing::replace).descriptor()) == 0644);
}

TEST_CASE("a secret never replaces a file, even when told to")
{
    const TestDirectory directory;
    put_file(directory / "a", "old");
    REQUIRE(::symlink("nowhere", (directory / "dangling").c_str()) == 0);
    for (const char* const name : {"a", "dangling"})
        CHECK(exit_of([&] { Output::open(directory / name, Existing::replace, Access::secret); }) ==
              Exit::cantcreat);

    Output output = Output::open(directory / "b", Existing::replace, Access::secret);
    put_file(directory / "b", "of another");
    CHECK(exit_of([&] { output.publish(); }) == Exit::cantcreat);
    CHECK(file_text(directory / "a") == "old");
    CHECK(file_text(directory / "b") == "of another");
}

TEST_CASE("what cannot be a file is refused before anything is written")
{
    const TestDirectory directory;
    put_file(directory / "file", "");
    for (const std::string& path :
         {directory.path(), directory / "no/a", directory / "file/a", directory / "new/"})
        for (const Existing existing : {Existing::refuse, Existing::replace}) {
            CAPTURE(path);
            CHECK(exit_of([&] { Output::open(path, existing); }) == Exit::cantcreat);
        }
}

TEST_CASE("devices get bytes at once and keep their names")
{
    Output null = Output::open("/dev/null", Existing::replace);
    CHECK_FALSE(null.is_file());
    null.write(as_bytes("gone"));
    null.commit();

    Output full = Output::open("/dev/full");
    CHECK(exit_of([&] { full.write(as_bytes("x")); }) == Exit::ioerr);
}

TEST_CASE("a disk has content, as a file has")
{
    const TestDirectory directory;
    const std::string disk = directory / "disk";
    if (::mknod(disk.c_str(), S_IFBLK | 0600U, 0) != 0) return; // takes a privilege
    for (const Access access : {Access::usual, Access::secret}) {
        std::string message;
        try {
            Output::open(disk, Existing::refuse, access);
        } catch (const Error& error) {
            message = error.what();
        }
        CHECK(message.find("exists already") != message.npos);
    }
}

TEST_CASE("a named pipe gets bytes at once")
{
    const TestDirectory directory;
    REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
    const Fd reader{::open((directory / "pipe").c_str(), O_RDWR)};
    Output output = Output::open(directory / "pipe");
    CHECK_FALSE(output.is_file());
    output.write(as_bytes("now"));
    Bytes text(3);
    read_full(reader.number(), text, "pipe");
    CHECK(as_text(text) == "now");
    output.commit();
    CHECK(list_directory(directory.path()) == Names{"pipe"});
}

TEST_CASE("a minus sign is standard output")
{
    const Output output = Output::open("-");
    CHECK(output.descriptor() == STDOUT_FILENO);
    CHECK(output.name() == "standard output");
    CHECK_FALSE(output.is_file());
}

TEST_CASE("the links to standard streams are these, also when they lead to files")
{
    for (const Existing existing : {Existing::refuse, Existing::replace}) {
        const Output output = Output::open("/dev/stdout", existing);
        CHECK(output.descriptor() == STDOUT_FILENO);
        CHECK_FALSE(output.is_file());
        CHECK(Output::open("/dev/stderr", existing).descriptor() == STDERR_FILENO);
    }
    CHECK(is_standard_output("-"));
    CHECK(is_standard_output("/dev/stdout"));
    CHECK_FALSE(is_standard_output("/dev/stderr"));
    CHECK_FALSE(is_standard_output("./-"));
}

TEST_CASE("the directory of a path is what stands before its last slash")
{
    CHECK(directory_of("a") == ".");
    CHECK(directory_of("/a") == "/");
    CHECK(directory_of("a/b") == "a");
    CHECK(directory_of("/a/b/c") == "/a/b");
    CHECK(directory_of("") == ".");
}

TEST_CASE("many files are synced together, and the error of one is told")
{
    const TestDirectory directory;
    std::vector<Output> files;
    for (int i = 0; i < 40; ++i) {
        files.push_back(Output::open(directory / std::to_string(i)));
        files.back().write(as_bytes("some"));
    }
    std::vector<Output*> outputs;
    for (Output& file : files) outputs.push_back(&file);
    Output::sync(outputs);
    Output::sync({});
    const Fd null{::open("/dev/null", O_WRONLY)}; // cannot be synced
    REQUIRE(::dup2(null.number(), files[30].descriptor()) != -1);
    CHECK(exit_of([&] { Output::sync(outputs); }) == Exit::ioerr);
}

TEST_CASE("syncing what is not there is an error")
{
    const TestDirectory directory;
    sync_directory(directory.path());
    CHECK(exit_of([&] { sync_directory(directory / "no"); }) == Exit::ioerr);
}

TEST_CASE("a file without a name can be written and read, and is nowhere")
{
    const TestDirectory directory;
    const Fd file = unnamed_file(directory.path());
    CHECK(list_directory(directory.path()).empty());
    CHECK(mode_of(file.number()) == 0600);
    pwrite_all(file.number(), as_bytes("text"), 2, "file");
    Bytes text(6);
    CHECK(pread_full(file.number(), text, 0, "file") == 6);
    CHECK(as_text(text) == std::string_view{"\0\0text", 6});
    CHECK(exit_of([&] { unnamed_file(directory / "no"); }) == Exit::cantcreat);
}
