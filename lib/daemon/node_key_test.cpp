#include "daemon/node_key.hpp"

#include "base/testing.hpp"
#include "crypto/testing.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

using namespace cairn;

namespace {

unsigned mode_of(const std::string& path)
{
    struct stat status = {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
}

} // namespace

TEST_CASE("a key is made once, for its owner alone")
{
    const TestDirectory directory;
    FixedEntropy entropy;
    const auto first = load_or_make_key(directory.path(), "node.key", entropy).public_key();
    const auto other = load_or_make_key(directory.path(), "link.key", entropy).public_key();
    CHECK(first != other);
    CHECK(load_or_make_key(directory.path(), "node.key", entropy).public_key() == first);
    CHECK(mode_of(directory / "node.key") == 0600);

    ::chmod((directory / "node.key").c_str(), 0644);
    CHECK(exit_of([&] { load_or_make_key(directory.path(), "node.key", entropy); }) ==
          Exit::noperm);
    put_file(directory / "link.key", "no key");
    ::chmod((directory / "link.key").c_str(), 0600);
    CHECK(exit_of([&] { load_or_make_key(directory.path(), "link.key", entropy); }) == Exit::data);
}
