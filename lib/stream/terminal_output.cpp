#include "stream/terminal_output.hpp"

#include "base/error.hpp"
#include "os/terminal.hpp"

namespace cairn {

Sink to_terminal(Output& output)
{
    return [&output, text = TerminalText{}](ByteView bytes) mutable {
        if (!text.accepts(bytes))
            throw Error{Exit::usage, "refusing to write binary data to a terminal",
                        "use -o FILE, redirect it, or force it with -o -"};
        output.write(bytes);
    };
}

} // namespace cairn
