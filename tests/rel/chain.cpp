// Makes a chain for the harnesses: rel_chain COUNT, in the directory where it runs. The genesis is
// "genesis.json", the blocks are "blocks" as a stream.

#include "base/number.hpp"
#include "chain/testing.hpp"
#include "os/output.hpp"

using namespace cairn;

namespace {

void save(const std::string& name, ByteView bytes)
{
    Output output = Output::open(name, Output::Existing::replace);
    output.write(bytes);
    output.commit();
}

} // namespace

int main(int argc, char** argv)
{
    const auto count = parse_number(argc == 2 ? argv[1] : "");
    if (!count) return static_cast<int>(Exit::usage);
    SoloChain chain;
    Bytes stream;
    for (std::uint64_t i = 0; i < *count; ++i) {
        const Bytes block = to_bytes(chain.add_some(i).block);
        const Bytes head = frame_head(block);
        stream.insert(stream.end(), head.begin(), head.end());
        stream.insert(stream.end(), block.begin(), block.end());
    }
    const std::string genesis = to_json(chain.genesis()).dump() + '\n';
    save("genesis.json", as_bytes(genesis));
    save("blocks", stream);
    return 0;
}
