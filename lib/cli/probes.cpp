#include "cli/probes.hpp"

namespace cairn {

Exit show_probes(std::span<const SandboxProbe> probes, Console& console)
{
    bool is_tight = true;
    for (const SandboxProbe& probe : probes) {
        is_tight = is_tight && probe.is_denied;
        if (console.json())
            console.result(
                Json::object().set("probe", probe.what).set("is_denied", probe.is_denied));
        else
            console.print(std::string{probe.is_denied ? "denied: " : "NOT DENIED: "} + probe.what +
                          '\n');
    }
    return is_tight ? Exit::ok : Exit::no;
}

} // namespace cairn
