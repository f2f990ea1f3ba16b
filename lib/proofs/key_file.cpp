#include "proofs/key_file.hpp"

#include "base/error.hpp"
#include "format/record.hpp"
#include "os/input.hpp"

namespace cairn {
namespace {

void require_signed(const SignedAuditKey& key, const std::string& path)
{
    if (!is_signed(key))
        throw Error{Exit::data, "the key in '" + path + "' is not signed by its owner"};
}

} // namespace

SignedAuditKey read_audit_key(const std::string& path)
{
    const Bytes bytes = read_small_file(path, prover_key_size_max);
    SignedAuditKey key = record_type(bytes) == RecordType::prover_key
                             ? parse_prover_key(bytes).audit
                             : parse_audit_key_text(as_text(bytes));
    require_signed(key, path);
    return key;
}

SignedProverKey read_prover_key(const std::string& path)
{
    SignedProverKey key = parse_prover_key(read_small_file(path, prover_key_size_max));
    require_signed(key.audit, path);
    return key;
}

} // namespace cairn
