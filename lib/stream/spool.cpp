#include "stream/spool.hpp"

#include "os/output.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {

namespace {
constexpr const char* file_name = "a temporary file";
}

void Spool::append(ByteView bytes)
{
    if (!file_ && memory_.size() + bytes.size() > memory_max) {
        file_ = unnamed_file(directory_);
        write_all(file_.number(), memory_, file_name);
        memory_ = Bytes{};
    }
    if (file_)
        write_all(file_.number(), bytes, file_name);
    else
        memory_.insert(memory_.end(), bytes.begin(), bytes.end());
    size_ += bytes.size();
}

void Spool::read_at(std::uint64_t offset, MutableByteView out) const
{
    assert(offset + out.size() <= size_);
    if (!file_) {
        std::ranges::copy(ByteView{memory_}.subspan(offset, out.size()), out.begin());
        return;
    }
    [[maybe_unused]] const std::size_t got = pread_full(file_.number(), out, offset, file_name);
    assert(got == out.size());
}

} // namespace cairn
