#include "inspect/inspect.hpp"

#include "fuzz.hpp"
#include "os/fd.hpp"

#include <sys/mman.h>

// What inspect shows is one line of printable text, whatever the input. It reads files, so the
// input becomes one, and it takes a MiB of memory: only some inputs are tried.

void cairn::fuzz(ByteView input)
{
    const bool is_costly = as_text(input).find("# cairn-seed: ") != std::string_view::npos;
    if (!is_sampled(input, is_costly ? 64 : 4)) return;
    const Fd file{::memfd_create("input", MFD_CLOEXEC)};
    pwrite_all(file.number(), input, 0, "input");
    Input opened = Input::open("/proc/self/fd/" + std::to_string(file.number()));
    (void)accepted([&] {
        inspect(opened, [](const Json& shown) {
            const std::string text = shown.dump();
            require(text.starts_with("{\"kind\":"), "an object has a kind");
            for (const char c : text) require(c < 0 || c >= ' ', "what is shown has no controls");
        });
        return true;
    });
}
