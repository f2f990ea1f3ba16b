#include "cli/environment.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <cstdlib>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// Sets a variable for one test; a null value unsets it.
class Variable {
public:
    Variable(const char* name, const char* value) : name_{name}
    {
        if (const char* const before = std::getenv(name)) before_ = before;
        was_set_ = std::getenv(name) != nullptr;
        set(value);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { set(was_set_ ? before_.c_str() : nullptr); }

    void set(const char* value) const
    {
        if (value != nullptr)
            ::setenv(name_, value, 1);
        else
            ::unsetenv(name_);
    }

private:
    const char* name_;
    std::string before_;
    bool was_set_ = false;
};

} // namespace

TEST_CASE("a credential is a file in the directory that systemd names")
{
    const Variable directory{"CREDENTIALS_DIRECTORY", "/run/credentials/cairn.service"};
    CHECK(credential_path("credential:me.key") == "/run/credentials/cairn.service/me.key");
    CHECK(credential_path("credential:...") == "/run/credentials/cairn.service/...");
}

TEST_CASE("other texts stay as they are, without systemd too")
{
    const Variable directory{"CREDENTIALS_DIRECTORY", nullptr};
    for (const char* const text : {"", "me.key", "-", "fd:3", "credential", "Credential:me.key",
                                   " credential:me.key", "./credential:me.key"})
        CHECK(credential_path(text) == text);
}

TEST_CASE("names that lead out of the directory are refused")
{
    const Variable directory{"CREDENTIALS_DIRECTORY", "/run/credentials"};
    for (const char* const text : {"credential:", "credential:.", "credential:..",
                                   "credential:../x", "credential:/etc/passwd", "credential:a/b"}) {
        CAPTURE(text);
        CHECK(exit_of([&] { credential_path(text); }) == Exit::usage);
    }
}

TEST_CASE("without systemd there are no credentials")
{
    const Variable directory{"CREDENTIALS_DIRECTORY", nullptr};
    CHECK(exit_of([] { credential_path("credential:a"); }) == Exit::config);
    directory.set("");
    CHECK(exit_of([] { credential_path("credential:a"); }) == Exit::config);
}

TEST_CASE("temporary files go where TMPDIR says, or to /tmp")
{
    const Variable directory{"TMPDIR", "/var/tmp"};
    CHECK(temporary_directory() == "/var/tmp");
    directory.set("");
    CHECK(temporary_directory() == "/tmp");
    directory.set(nullptr);
    CHECK(temporary_directory() == "/tmp");
}

namespace {

/// An environment in which a user has a home directory and nothing else is set.
struct User {
    TestDirectory directory;
    Variable home{"HOME", directory.path().c_str()};
    Variable cairn_home{"CAIRN_HOME", nullptr};
    Variable state{"STATE_DIRECTORY", nullptr}, cache{"CACHE_DIRECTORY", nullptr},
        runtime{"RUNTIME_DIRECTORY", nullptr}, xdg_state{"XDG_STATE_HOME", nullptr},
        xdg_cache{"XDG_CACHE_HOME", nullptr}, xdg_runtime{"XDG_RUNTIME_DIR", nullptr};
};

} // namespace

TEST_CASE("without variables the directories are below HOME, and they are made")
{
    const User user;
    CHECK(state_directory() == user.directory / ".local/state/cairn");
    CHECK(cache_directory() == user.directory / ".cache/cairn");
    CHECK(runtime_directory() == user.directory / ".local/state/cairn/run");
    CHECK(is_directory(user.directory / ".local/state/cairn/run"));
    CHECK(is_directory(user.directory / ".cache/cairn"));
    CHECK(state_directory() == user.directory / ".local/state/cairn"); // it is there already
}

TEST_CASE("the variables of XDG and of systemd lead elsewhere, and CAIRN_HOME counts most")
{
    const User user;
    user.xdg_state.set((user.directory / "xdg").c_str());
    user.xdg_runtime.set((user.directory / "user").c_str());
    CHECK(state_directory() == user.directory / "xdg/cairn");
    CHECK(runtime_directory() == user.directory / "user/cairn");
    user.xdg_state.set("relative");
    CHECK(state_directory() == user.directory / ".local/state/cairn");

    user.state.set((user.directory / "service:/var/lib/other").c_str());
    user.runtime.set((user.directory / "sockets").c_str());
    CHECK(state_directory() == user.directory / "service");
    CHECK(runtime_directory() == user.directory / "sockets");

    user.cairn_home.set((user.directory / "one").c_str());
    CHECK(state_directory() == user.directory / "one/state");
    CHECK(cache_directory() == user.directory / "one/cache");
    CHECK(runtime_directory() == user.directory / "one/run");
}

TEST_CASE("directories that cannot be are refused")
{
    const User user;
    user.cairn_home.set("here");
    CHECK(exit_of([] { state_directory(); }) == Exit::config);
    user.cairn_home.set((user.directory / "file").c_str());
    put_file(user.directory / "file", "");
    CHECK(exit_of([] { state_directory(); }) == Exit::cantcreat);
    user.cairn_home.set("");
    user.home.set(nullptr);
    for (auto* const directory : {state_directory, cache_directory, runtime_directory})
        CHECK(exit_of([&] { directory(); }) == Exit::config);
}
