#pragma once

#include "base/bytes.hpp"
#include "base/entropy.hpp"
#include "base/testing.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

// For *_test.cpp files only.

namespace cairn {

/// A file of the test data.
inline std::string test_data(const std::string& name)
{
    const std::string path = std::string{CAIRN_TEST_DATA "/"} + name;
    std::FILE* const file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) {
        std::fprintf(stderr, "no test data '%s'\n", path.c_str());
        std::abort();
    }
    std::string text;
    for (int c = 0; (c = std::fgetc(file)) != EOF;) text += static_cast<char>(c);
    std::fclose(file);
    return text;
}

/// Bytes that are as good as random and the same in each run.
class FixedEntropy final : public Entropy {
public:
    explicit FixedEntropy(std::uint64_t seed = 1) : seed_{seed} {}

    void fill(MutableByteView bytes) override
    {
        const Bytes fresh = noise(bytes.size(), seed_++);
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = fresh[i];
    }

private:
    std::uint64_t seed_;
};

} // namespace cairn
