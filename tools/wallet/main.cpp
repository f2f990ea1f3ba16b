// cairn-wallet: what an account has, and sending from it. See cairn-wallet(1).

#include "cli/cli.hpp"
#include "offline.hpp"
#include "spending.hpp"
#include "viewing.hpp"

using namespace cairn;

int main(int argc, char** argv)
{
    WalletOptions options;
    Cli cli{"wallet", "See what an account has, and send from it"};
    cli.environment();
    cli.formats("transaction 1, genesis 1");
    options.declare(cli);
    Viewing viewing{options};
    Spending spending{options};
    Offline offline{options};
    viewing.declare(cli);
    spending.declare(cli);
    offline.declare(cli);
    cli.example("cairn-wallet balance --dir chain -i me.key", "what is there, and what comes");
    cli.example("cairn-wallet send --dir chain -i me.key --yes $(cat address) 1.5",
                "does not ask; without --yes it does");
    return cli.run(argc, argv, [&](Console& console) {
        if (viewing.is_chosen()) return viewing.run(console);
        if (spending.is_chosen()) return spending.run(console);
        return offline.run(console);
    });
}
