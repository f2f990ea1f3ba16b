#include "format/manifest.hpp"

#include "fuzz.hpp"

#include <algorithm>

void cairn::fuzz(ByteView input)
{
    const auto head = accepted([&] { return parse_manifest_head(input); });
    if (head) {
        require(is_same(to_bytes(*head), front(input, to_bytes(*head).size())),
                "a head is written as it was read");
        require(head->manifest_size() >= to_bytes(*head).size(), "sizes do not wrap around");
        require(head->shard_file_body_size() <= object_size_max + segment_size_max,
                "a shard is not larger than its object");
    }
    const auto manifest = accepted([&] { return parse_manifest(input); });
    if (!manifest) return;
    require(head.has_value(), "a manifest begins with its head");
    require(is_same(to_bytes(*manifest), input), "a manifest is written as it was read");
    require(manifest->roots.size() == head->segments() * head->profile.shards(),
            "each shard has a root");
}
