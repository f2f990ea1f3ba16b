#include "stream/age_batch.hpp"

#include "base/error.hpp"
#include "os/directory.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/pipeline.hpp"

#include <algorithm>
#include <optional>

namespace cairn {
namespace {

constexpr std::size_t spare_descriptors = 64; // for inputs, standard streams and libraries
constexpr std::size_t group_size_max = 2048;  // files held open until one sync

std::string target_of(const std::string& path, const std::string& directory)
{
    const std::size_t slash = path.find_last_of('/');
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    if (name.empty() || name == "." || name == "..")
        throw Error{Exit::usage, "'" + path + "' does not name a file"};
    return directory + '/' + name + ".age";
}

std::vector<std::string> targets_of(const std::vector<std::string>& paths,
                                    const std::string& directory)
{
    std::vector<std::string> targets;
    targets.reserve(paths.size());
    for (const std::string& path : paths) targets.push_back(target_of(path, directory));
    std::vector<std::string> sorted = targets;
    std::ranges::sort(sorted);
    const auto twice = std::ranges::adjacent_find(sorted);
    if (twice != sorted.end())
        throw Error{Exit::usage, "two files would both become '" + *twice + "'"};
    return targets;
}

/// One file of a group: its output, still without a name, or why there is none.
struct Job {
    const std::string* path;
    const std::string* target;
    std::optional<Output> output;
    std::optional<BatchFailure> failure;
};

void encrypt_one(Job& job, const std::vector<Recipient>& recipients, Entropy& entropy,
                 const BatchOptions& options, const Done& done)
{
    try {
        Input input = Input::open(*job.path);
        const auto existing =
            options.replace ? Output::Existing::replace : Output::Existing::refuse;
        job.output = Output::open(*job.target, existing);
        encrypt_stream([&](MutableByteView buffer) { return input.read(buffer); },
                       [&](ByteView bytes) { job.output->write(bytes); }, recipients, entropy,
                       {.is_armored = options.is_armored, .size_hint = input.size(), .done = done});
    } catch (const Error& error) {
        job.output.reset();
        job.failure = BatchFailure{*job.path, error.code(), error.what()};
    }
}

void sync(std::vector<Job>& jobs)
{
    std::vector<Output*> outputs;
    for (Job& job : jobs)
        if (job.output) outputs.push_back(&*job.output);
    Output::sync(outputs);
}

/// Gives names to the outputs of a group, all of whose data is durable.
void publish(std::vector<Job>& jobs)
{
    for (Job& job : jobs) {
        if (!job.output) continue;
        try {
            job.output->publish();
        } catch (const Error& error) {
            job.failure = BatchFailure{*job.path, error.code(), error.what()};
        }
    }
}

} // namespace

std::vector<BatchFailure> encrypt_batch(const std::vector<std::string>& paths,
                                        const std::vector<Recipient>& recipients, Entropy& entropy,
                                        const BatchOptions& options, const Done& done)
{
    const std::vector<std::string> targets = targets_of(paths, options.directory);
    make_directory(options.directory);
    const std::size_t limit = raise_open_files_limit();
    const std::size_t group_size =
        std::clamp<std::size_t>(limit, spare_descriptors + 1, group_size_max + spare_descriptors) -
        spare_descriptors;

    std::vector<BatchFailure> failures;
    for (std::size_t begin = 0; begin < paths.size(); begin += group_size) {
        std::vector<Job> jobs;
        for (std::size_t i = begin; i < std::min(begin + group_size, paths.size()); ++i)
            jobs.push_back({&paths[i], &targets[i], std::nullopt, std::nullopt});
        Pipeline{
            .read = [&](unsigned, std::uint64_t item) { return item < jobs.size(); },
            .compute =
                [&](unsigned, std::uint64_t item) {
                    encrypt_one(jobs[item], recipients, entropy, options, done);
                },
            .write = [](unsigned, std::uint64_t) {},
        }
            .run(options.workers);
        sync(jobs);
        publish(jobs);
        for (const Job& job : jobs)
            if (job.failure) failures.push_back(*job.failure);
    }
    sync_directory(options.directory);
    return failures;
}

std::vector<std::string> parse_file_list(ByteView list, bool is_nul)
{
    std::vector<std::string> paths;
    std::string_view text = as_text(list);
    while (!text.empty()) {
        const std::size_t end = text.find(is_nul ? '\0' : '\n');
        if (end == 0) throw Error{Exit::data, "the list of files has an empty name"};
        paths.emplace_back(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return paths;
}

} // namespace cairn
