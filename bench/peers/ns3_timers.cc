// 10,000 objects, each with a periodic timer of its own period, as bench/workloads/timers.ts has them.
// Argument: how many timers shall go off. Prints how many did, and the seconds that it took.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <ns3/nstime.h>
#include <ns3/simulator.h>

namespace {

constexpr std::uint64_t kNodes = 10'000;
std::uint64_t left = 0;

struct Ticker {
  ns3::Time period;
  std::uint64_t ticks = 0;

  void Tick() {
    ++ticks;
    ns3::Simulator::Schedule(period, &Ticker::Tick, this);
    if (--left == 0) ns3::Simulator::Stop();
  }
};

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t wanted = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 400'000;
  left = wanted;
  std::vector<Ticker> tickers(kNodes);
  for (std::uint64_t node = 0; node < kNodes; ++node) {
    Ticker& ticker = tickers[node];
    ticker.period = ns3::MicroSeconds(900'000 + (node * 7'919) % kNodes * 20);
    ns3::Simulator::Schedule(ticker.period, &Ticker::Tick, &ticker);
  }
  const auto began = std::chrono::steady_clock::now();
  ns3::Simulator::Run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  ns3::Simulator::Destroy();
  std::printf("{\"units\": %llu, \"seconds\": %.9f}\n", static_cast<unsigned long long>(wanted), took.count());
  return 0;
}
