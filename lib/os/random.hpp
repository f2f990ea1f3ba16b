#pragma once

#include "base/entropy.hpp"

namespace cairn {

/// The kernel's random source. Safe to use from several threads. Throws Error{oserr}.
class SystemEntropy final : public Entropy {
public:
    void fill(MutableByteView bytes) override;
};

} // namespace cairn
