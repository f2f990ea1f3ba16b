#include "relaying/impairment.hpp"

#include "base/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("impairments are assignments, for both directions or for one")
{
    const Impairments all = parse_impairments(
        "loss=0.01,up.delay=50ms,down.delay=1s,jitter=10ms,rate=1MiB,slice=1,stall=64KiB:2s,"
        "close=10,reset=4KiB,corrupt=1e-6,blackhole,refuse=0.5,seed=7");
    for (const Impairment& each : {all.up, all.down}) {
        CHECK(each.loss == 0.01);
        CHECK(each.corrupt == 1e-6);
        CHECK(each.jitter_ms == 10);
        CHECK(each.rate == 1U << 20U);
        CHECK(each.slice == 1);
        CHECK(each.stall == Impairment::Stall{64 * 1024, 2'000});
        CHECK(each.close == 10);
        CHECK(each.reset == 4096);
        CHECK(each.blackhole);
    }
    CHECK(all.up.delay_ms == 50);
    CHECK(all.down.delay_ms == 1'000);
    CHECK(all.refuse == 0.5);
    CHECK(all.seed == 7);
}

TEST_CASE("a later assignment for one direction changes that one")
{
    const Impairments all = parse_impairments("delay=1s,up.delay=2s");
    CHECK(all.up.delay_ms == 2'000);
    CHECK(all.down.delay_ms == 1'000);
}

TEST_CASE("files have lines and comments")
{
    CHECK(parse_impairments("# nothing\n\n") == Impairments{});
    CHECK(parse_impairments("") == Impairments{});
    const Impairments all = parse_impairments("loss=1 # always, delay=3s\n\tstall=0\r\nseed=2,\n");
    CHECK(all.up.loss == 1);
    CHECK(all.up.delay_ms == 0);
    CHECK(all.down.stall == Impairment::Stall{0, std::nullopt});
    CHECK(all.seed == 2);
}

TEST_CASE("what is not an impairment is refused")
{
    for (const char* const text : {"x",
                                   "=",
                                   "loss",
                                   "loss=",
                                   "loss=1.1",
                                   "loss=-0.1",
                                   "loss=nan",
                                   "loss=0x1",
                                   "loss=1%",
                                   "loss=0.1x",
                                   " loss=+1",
                                   "delay=1",
                                   "delay=2d",
                                   "delay=-1s",
                                   "rate=0",
                                   "rate=-1",
                                   "slice=0",
                                   "rate=1PB2",
                                   "stall=1:",
                                   "stall=:1s",
                                   "stall=1:1",
                                   "stall",
                                   "close=",
                                   "reset=x",
                                   "blackhole=1",
                                   "seed=-1",
                                   "seed=",
                                   "seed=1.5",
                                   "up.seed=1",
                                   "up.refuse=1",
                                   "up=1",
                                   "up.=1",
                                   "up.up.loss=1",
                                   "LOSS=1",
                                   "loss=1,loss=1",
                                   "loss = 1",
                                   "loss=1;delay=1s",
                                   "reset=18446744073709551615",
                                   "refuse=2"}) {
        CAPTURE(text);
        CHECK(exit_of([&] { parse_impairments(text); }) == Exit::usage);
    }
}
