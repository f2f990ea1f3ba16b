#include "format/signature.hpp"

#include "fuzz.hpp"

void cairn::fuzz(ByteView input)
{
    const auto file = accepted([&] { return parse_signature(as_text(input)); });
    if (!file) return;
    if (file->kind == SignatureKind::prehashed)
        require(to_text(*file) == as_text(input), "a signature is written as it was read");
    require(!is_signed(*file, SignerKey{}, input), "the key of zeros has signed nothing");
}
