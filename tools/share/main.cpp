// cairn-share: hand on a link, sealed to one reader or without its key. See cairn-share(1).

#include "base/error.hpp"
#include "cli/cli.hpp"
#include "format/sealed.hpp"
#include "keyring/link_operand.hpp"
#include "os/random.hpp"

using namespace cairn;

namespace {

struct Options {
    std::optional<std::string> link;
    std::optional<std::string> recipient;
    bool locator = false;
};

void show_locator(const Link& link, Console& console)
{
    const std::string locator = to_locator_text(link);
    if (console.json())
        console.result(Json::object().set("locator", locator));
    else
        console.print(locator + '\n');
}

void show_grant(const Link& link, const Recipient& recipient, Console& console)
{
    SystemEntropy entropy;
    const std::string grant = seal_grant(to_link_text(link), recipient, entropy);
    if (console.json())
        console.result(Json::object().set("locator", to_locator_text(link)).set("grant", grant));
    else
        console.print(grant);
}

Exit share(const Options& options, const LinkOperands& links, Console& console)
{
    if (options.locator == options.recipient.has_value())
        throw Error{Exit::usage, "share it with whom?", "use --to RECIPIENT, or --locator"};
    std::optional<Recipient> recipient;
    if (options.recipient) recipient = parse_recipient(*options.recipient);
    const Link link = links.read(options.link, console);
    if (recipient)
        show_grant(link, *recipient, console);
    else
        show_locator(link, console);
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    const LinkOperands links{argc, argv};
    Options options;
    Cli cli{"share", "Hand on a link, sealed to one reader or without its key"};
    cli.usage("(--to RECIPIENT | --locator) [LINK]");
    cli.formats("link 1, age v1");
    cli.operand("LINK", options.link, "'-' for standard input, @FILE, fd:N, or the link itself");
    cli.option("-t,--to", "RECIPIENT", options.recipient,
               "Print a grant that only age1..., cairn1..., did:key:... or an SSH key opens");
    cli.flag("-l,--locator", options.locator, "Print the link without its key");
    cli.example("cairn-share --to $(cat address) @link > grant",
                "for one reader, who decrypts it to the link");
    cli.example("cairn-share --locator - < link", "enough to verify and repair, not to read");
    return cli.run(argc, argv, [&](Console& console) { return share(options, links, console); });
}
