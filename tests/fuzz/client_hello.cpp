#include "fuzz.hpp"
#include "net/tls.hpp"

namespace cairn {

void fuzz(ByteView input)
{
    const ClientHello verdict = find_client_hello(input);
    require(verdict != ClientHello::complete || input.size() > 100, "a ClientHello has a size");
    require(verdict != ClientHello::incomplete || input.size() < client_hello_size_max,
            "so many bytes are not waited for");
    if (!is_sampled(input, 16)) return;
    // More bytes complete it or tell that it is none; they never take a verdict back.
    ClientHello last = ClientHello::incomplete;
    for (std::size_t size = 0; size <= input.size(); ++size) {
        const ClientHello now = find_client_hello(front(input, size));
        require(last == ClientHello::incomplete || now == last, "a verdict stands");
        last = now;
    }
    require(last == verdict, "the verdict depends on the bytes alone");
}

} // namespace cairn
