#pragma once

#include "json/json.hpp"
#include "plots/check.hpp"
#include "plots/plan.hpp"
#include "plots/speed.hpp"

#include <string>

// Plots, plans and reports as JSON, cairn-plot(1).

namespace cairn {

/// Form, owner, range and layout.
[[nodiscard]] Json to_json(const PlotSpec& spec);

[[nodiscard]] Json to_json(const PlannedPlot& plot);

/// The same in a line for people.
[[nodiscard]] std::string to_text(const PlannedPlot& plot);

[[nodiscard]] Json to_json(const PlotReport& report);

[[nodiscard]] Json to_json(const DiskSpeed& speed, const Disk& disk);

} // namespace cairn
