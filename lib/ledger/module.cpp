#include "ledger/module.hpp"

#include "ledger/coins.hpp"
#include "ledger/files.hpp"
#include "ledger/policy.hpp"
#include "ledger/registry.hpp"

namespace cairn {

std::span<const Module> modules()
{
    static const std::array all{coins_module(), registry_module(), files_module(), policy_module()};
    return all;
}

const Module* find_module(std::uint16_t number)
{
    const std::span<const Module> all = modules();
    const auto found = std::ranges::find(all, number, &Module::number);
    return found == all.end() ? nullptr : &*found;
}

} // namespace cairn
