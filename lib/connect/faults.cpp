#include "connect/faults.hpp"

namespace cairn {

void tell_faults(const std::vector<ProviderFault>& faults, const Connection& connection,
                 Console& console)
{
    for (const ProviderFault& fault : faults) {
        const std::string text = connection.name_of(fault.provider) + ": " + fault.what;
        if (fault.is_lie)
            console.warning(text);
        else
            console.info(text);
    }
}

Json to_json(const std::vector<ProviderFault>& faults, const Connection& connection)
{
    Json list = Json::array();
    for (const ProviderFault& fault : faults)
        list.push(Json::object()
                      .set("provider", connection.name_of(fault.provider))
                      .set("fault", fault.what)
                      .set("count", fault.count));
    return list;
}

} // namespace cairn
