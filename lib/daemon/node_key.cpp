#include "daemon/node_key.hpp"

#include "base/error.hpp"
#include "format/identity.hpp"
#include "os/directory.hpp"
#include "os/input.hpp"
#include "os/output.hpp"

namespace cairn {

Ed25519KeyPair load_or_make_key(const std::string& directory, const std::string& name,
                                Entropy& entropy)
{
    const std::string path = directory + '/' + name;
    if (!exists(path)) {
        const Identity fresh = Identity::generate(entropy);
        Output output = Output::open(path, Output::Existing::refuse, Output::Access::secret);
        output.write(fresh.to_file().bytes());
        output.commit();
        return fresh.signing().clone();
    }
    Secret text{identity_file_size_max};
    text.shrink(read_secret_file(path, text.bytes()));
    try {
        return Identity::parse(text.bytes()).signing().clone();
    } catch (const Error& error) {
        throw Error{error.code(), "'" + path + "': " + error.what(), error.hint()};
    }
}

} // namespace cairn
