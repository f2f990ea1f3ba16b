#pragma once

#include "audit/signed_key.hpp"

#include <string>

namespace cairn {

/// The audit key in a file: an audit key's, or a prover key's, which has it too. "-" is standard
/// input. Throws Error{noinput}, and Error{data} when it is malformed or not signed by its owner.
SignedAuditKey read_audit_key(const std::string& path);

/// The prover key in a file; as read_audit_key.
SignedProverKey read_prover_key(const std::string& path);

} // namespace cairn
