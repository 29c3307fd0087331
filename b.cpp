#include "core/interrupt.hpp"
#include "model/diff.hpp"
#include "model/snapshot.hpp"
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
using namespace pgmigrate;
static double now()
{
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}
struct Never : core::InterruptCheck {
    void check() override {}
};
int main()
{
    std::ifstream f("/tmp/mb/content.bin", std::ios::binary);
    std::string s((std::istreambuf_iterator<char>(f)), {});
    Never never;
    for (int i = 0; i < 15; i++) {
        double a = now();
        auto x = model::decode(s);
        double b = now();
        auto y = model::decode(s);
        double c = now();
        auto p = model::diff(x, y, {}, never);
        double d = now();
        auto e = model::encode(x);
        double g = now();
        std::printf("decode %.1f %.1f diff %.1f (%zu) encode %.1f %d\n", b - a, c - b, d - c, p.differences.size(),
                    g - d, e == s);
    }
}
