#include "cli/environment.hpp"

#include "base/testing.hpp"

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
