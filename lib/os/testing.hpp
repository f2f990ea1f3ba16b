#pragma once

#include "base/bytes.hpp"
#include "os/directory.hpp"
#include "os/fd.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

// For *_test.cpp files only.

namespace cairn {

/// A new directory, removed with all that is in it.
class TestDirectory {
public:
    TestDirectory()
    {
        if (::mkdtemp(path_.data()) == nullptr) std::abort();
    }
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;
    ~TestDirectory() { remove_tree(path_); }

    [[nodiscard]] const std::string& path() const { return path_; }

    /// The path of a name in the directory.
    std::string operator/(const std::string& name) const { return path_ + '/' + name; }

private:
    static void remove_tree(const std::string& path)
    {
        if (std::remove(path.c_str()) == 0 || !is_directory(path)) return;
        for (const std::string& name : list_directory(path)) remove_tree(path + '/' + name);
        std::remove(path.c_str());
    }

    std::string path_ = "/tmp/cairn-test-XXXXXX";
};

/// Writes a file without the code under test.
inline void put_file(const std::string& path, std::string_view text)
{
    std::FILE* const file = std::fopen(path.c_str(), "wb");
    if (file == nullptr || std::fwrite(text.data(), 1, text.size(), file) != text.size() ||
        std::fclose(file) != 0)
        std::abort();
}

/// Reads a file without the code under test; "(none)" where there is none.
inline std::string file_text(const std::string& path)
{
    std::FILE* const file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) return "(none)";
    std::string text;
    for (int c = 0; (c = std::fgetc(file)) != EOF;) text += static_cast<char>(c);
    std::fclose(file);
    return text;
}

} // namespace cairn
