#include "os/sandbox.hpp"

#include "os/output.hpp"
#include "os/testing.hpp"

#include <thread>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace cairn;

namespace {

/// The exit status of a child that runs `body`; the sandbox of a test must not confine the others.
int status_of_child(auto&& body)
{
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

TEST_CASE("outside of a sandbox nothing is denied that it denies")
{
    for (const SandboxProbe& probe : probe_sandbox()) {
        const std::string what = probe.what;
        CAPTURE(what);
        if (what != "listen") CHECK(!probe.is_denied); // a port below 1024
    }
    remove_file("/tmp/cairn-sandbox-probe");
}

TEST_CASE("a confined process can work below its directory and nowhere else")
{
    const TestDirectory directory;
    put_file(directory / "other", "x");
    const int status = status_of_child([&] {
        if (confine_files({.writable = {directory.path()}, .readable = {}, .ports = {}}) == 0)
            return 77;
        if (!confine_calls()) return 77;
        Output output = Output::open(directory / "new");
        output.write(as_bytes("bytes"));
        output.commit();
        int denied = 0;
        std::thread{[&] {
            for (const SandboxProbe& probe : probe_sandbox()) denied += probe.is_denied ? 0 : 1;
        }}.join();
        for (const SandboxProbe& probe : probe_sandbox()) denied += probe.is_denied ? 0 : 1;
        return denied;
    });
    if (status == 77) {
        MESSAGE("skipped: this kernel or build has no sandbox");
        return;
    }
    CHECK(status == 0);
    CHECK(file_text(directory / "new") == "bytes");
}
