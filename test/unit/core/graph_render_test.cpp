// SPDX-License-Identifier: PostgreSQL
#include "core/error.hpp"
#include "core/graph_render.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pgmigrate::core
{
namespace
{

using ::testing::ElementsAre;

using Edges = std::set<std::pair<std::string, std::string>>; // child, parent

RevisionGraph build(std::vector<RevisionInput> revisions)
{
    NoInterrupts interrupts;
    std::sort(revisions.begin(), revisions.end(),
              [](const RevisionInput &a, const RevisionInput &b) { return a.id < b.id; });
    return RevisionGraph::build(std::move(revisions), interrupts);
}

RenderInfo no_notes(const RevisionGraph &graph)
{
    RenderInfo info;
    info.revisions.resize(graph.size());
    return info;
}

std::vector<std::string> text_of(const RevisionGraph &graph, const RenderInfo &info)
{
    NoInterrupts interrupts;
    return render_text(graph, info, interrupts);
}

std::vector<std::string> text_of(std::vector<RevisionInput> revisions)
{
    const RevisionGraph graph = build(std::move(revisions));
    return text_of(graph, no_notes(graph));
}

Edges edges_of(const RevisionGraph &graph)
{
    Edges edges;
    for (Index revision = 0; revision < graph.size(); ++revision)
        for (const Index parent : graph.down(revision))
            edges.emplace(graph.id(revision), graph.id(parent));
    return edges;
}

// Reads the picture as a person does: follows each lane from line to line. Knows nothing of the graph.
class PictureReader
{
  public:
    void read(const std::string &line)
    {
        const size_t text = line.find_first_not_of("|/\\* ");
        if (line.find('*') < text)
            read_revision(line);
        else
            read_lanes(line);
    }

    Edges edges;
    std::vector<std::string> order;
    std::vector<std::string> faults;

  private:
    using Sources = std::set<std::string>;
    using Columns = std::map<size_t, Sources>;

    static char at(const std::string &line, size_t position) { return position < line.size() ? line[position] : ' '; }

    static void join(Columns &lanes, Columns &arrived)
    {
        for (auto &[column, sources] : arrived)
            lanes[column].merge(sources);
        arrived.clear();
    }

    void read_revision(const std::string &line)
    {
        join(lanes_, from_left_);
        join(lanes_, from_right_);
        size_t columns = 0, star = 0;
        while (at(line, 2 * columns) == '|' || at(line, 2 * columns) == '*') {
            if (at(line, 2 * columns) == '*')
                star = columns;
            else if (lanes_[columns].empty())
                faults.push_back("a lane from nowhere: " + line);
            ++columns;
        }
        const std::string text = line.substr(2 * columns);
        const std::string id = text.substr(0, text.find_first_of(" ,"));
        for (const std::string &child : lanes_[star])
            edges.emplace(child, id);
        lanes_[star] = {id};
        lanes_.erase(lanes_.lower_bound(columns), lanes_.end());
        order.push_back(id);
    }

    void read_lanes(const std::string &line)
    {
        Columns lanes, left, right;
        const size_t columns = line.size() / 2 + 2;
        for (size_t column = 0; column < columns; ++column) {
            const bool to_left = column > 0 && at(line, 2 * column - 1) == '/';
            const bool to_right = at(line, 2 * column + 1) == '\\';
            Sources &mine = lanes_[column];
            Sources &from_right = from_right_[column];
            Sources &from_left = from_left_[column];
            if (at(line, 2 * column) == '|') {
                if (to_left)
                    left[column - 1] = from_right.empty() ? mine : std::exchange(from_right, {});
                if (to_right)
                    right[column + 1] = from_left.empty() ? mine : std::exchange(from_left, {});
                mine.merge(from_right);
                mine.merge(from_left);
                if (mine.empty())
                    faults.push_back("a lane from nowhere: " + line);
                lanes[column] = mine;
                continue;
            }
            mine.merge(from_right);
            mine.merge(from_left);
            if ((to_left || to_right) && mine.empty())
                faults.push_back("a slash from nowhere: " + line);
            if (to_left)
                left[column - 1] = mine;
            if (to_right)
                right[column + 1] = mine;
        }
        lanes_ = std::move(lanes);
        from_right_ = std::move(left);
        from_left_ = std::move(right);
    }

    Columns lanes_;      // the revisions that each column comes from
    Columns from_right_; // what the line above brought by '/'
    Columns from_left_;  // and by '\'
};

void expect_drawn(const RevisionGraph &graph)
{
    PictureReader reader;
    const std::vector<std::string> lines = text_of(graph, no_notes(graph));
    for (const std::string &line : lines) {
        reader.read(line);
        EXPECT_FALSE(line.ends_with(' ')) << line;
    }
    std::string picture;
    if (lines.size() < 100)
        for (const std::string &line : lines)
            picture += line + "\n";
    EXPECT_TRUE(reader.edges == edges_of(graph)) << picture;
    EXPECT_THAT(reader.faults, ElementsAre()) << picture;
    EXPECT_EQ(reader.order.size(), graph.size());
    std::map<std::string, size_t> place;
    for (size_t i = 0; i < reader.order.size(); ++i)
        place[reader.order[i]] = i;
    for (Index revision = 0; revision < graph.size(); ++revision)
        for (const Index other : graph.normalized_down(revision))
            EXPECT_LT(place[graph.id(revision)], place[graph.id(other)]);
}

std::string number(size_t value)
{
    const std::string digits = std::to_string(value);
    return "r" + std::string(6 - digits.size(), '0') + digits;
}

TEST(GraphRenderText, NothingForNoRevisions)
{
    EXPECT_THAT(text_of({}), ElementsAre());
}

TEST(GraphRenderText, LineIsOneLane)
{
    EXPECT_THAT(text_of({{"a", {}, {}, {}}, {"b", {"a"}, {}, {}}, {"c", {"b"}, {}, {}}}),
                ElementsAre("* c (head)", "* b", "* a"));
}

TEST(GraphRenderText, DiamondAndLabels)
{
    EXPECT_THAT(
        text_of({{"a", {}, {}, {}}, {"b", {"a"}, {}, {"left"}}, {"c", {"a"}, {}, {}}, {"d", {"b", "c"}, {}, {}}}),
        ElementsAre("* d (left) (head) (mergepoint)", //
                    "|\\",                            //
                    "| * c",                          //
                    "* | b (left)",                   //
                    "|/",                             //
                    "* a (branchpoint)"));
}

TEST(GraphRenderText, OctopusMerge)
{
    EXPECT_THAT(text_of({{"a", {}, {}, {}},
                         {"b", {"a"}, {}, {}},
                         {"c", {"a"}, {}, {}},
                         {"d", {"a"}, {}, {}},
                         {"e", {"b", "c", "d"}, {}, {}}}),
                ElementsAre("* e (head) (mergepoint)", //
                            "|\\",                     //
                            "|\\ \\",                  //
                            "| | * d",                 //
                            "| * | c",                 //
                            "| |/",                    //
                            "* | b",                   //
                            "|/",                      //
                            "* a (branchpoint)"));
}

TEST(GraphRenderText, SecondRootIsNotBelowTheFirst)
{
    EXPECT_THAT(text_of({{"a", {}, {}, {}}, {"b", {}, {}, {}}}), ElementsAre("* a (head)", "", "* b (head)"));
}

TEST(GraphRenderText, BranchesEndAtTheirPoint)
{
    EXPECT_THAT(text_of({{"a", {}, {}, {}}, {"b", {"a"}, {}, {}}, {"c", {"a"}, {}, {}}, {"d", {"a"}, {}, {}}}),
                ElementsAre("* b (head)",   //
                            "| * c (head)", //
                            "|/",           //
                            "| * d (head)", //
                            "|/",           //
                            "* a (branchpoint)"));
}

TEST(GraphRenderText, MergeOfLanesToTheLeft)
{
    EXPECT_THAT(text_of({{"a", {}, {}, {}},
                         {"b", {}, {}, {}},
                         {"x", {"a"}, {}, {}},
                         {"y", {"b"}, {}, {}},
                         {"z", {"a", "b"}, {}, {}}}),
                ElementsAre("* x (head)",                  //
                            "| * y (head)",                //
                            "| | * z (head) (mergepoint)", //
                            "| |/|",                       //
                            "|/|/",                        //
                            "| * b (branchpoint)",         //
                            "* a (branchpoint)"));
}

TEST(GraphRenderText, MarksAndMessages)
{
    const RevisionGraph graph = build({{"a", {}, {}, {}}, {"b", {}, {"a"}, {}}, {"c", {"gone"}, {"b", "lost"}, {}}});
    RenderInfo info = no_notes(graph);
    info.revisions[0] = {"first line  \nsecond line", true, true};
    info.revisions[1] = {"\nnothing in the first line", false, true};
    EXPECT_THAT(text_of(graph, info),
                ElementsAre("* c (head) (depends on b, lost) (missing parent gone) (missing dependency lost)", //
                            "",                                                                                //
                            "* b (effective head) (depends on a)",                                             //
                            "",                                                                                //
                            "* a (effective head) (current), first line"));
}

TEST(GraphRenderText, EveryEdgeOfRandomGraphsIsDrawn)
{
    std::mt19937 random(20261123);
    const auto below = [&random](size_t limit) { return random() % limit; };
    for (int round = 0; round < 3000; ++round) {
        const size_t size = 1 + below(round % 10 == 0 ? 60 : 14);
        std::vector<size_t> names(size);
        for (size_t i = 0; i < size; ++i)
            names[i] = i;
        std::shuffle(names.begin(), names.end(), random);
        const size_t reach = 1 + below(size);
        std::vector<RevisionInput> revisions;
        for (size_t i = 0; i < size; ++i) {
            RevisionInput revision{number(names[i]), {}, {}, {}};
            std::set<size_t> parents;
            for (size_t wanted = i == 0 || below(12) == 0 ? 0 : 1 + below(below(3) == 0 ? 6 : 2); wanted > 0; --wanted)
                parents.insert(i - 1 - below(std::min(reach, i)));
            for (const size_t parent : parents)
                revision.down.push_back(number(names[parent]));
            std::shuffle(revision.down.begin(), revision.down.end(), random);
            if (i > 0 && below(8) == 0)
                if (const size_t other = below(i); !parents.contains(other))
                    revision.depends_on.push_back(number(names[other]));
            revisions.push_back(std::move(revision));
        }
        expect_drawn(build(std::move(revisions)));
        if (HasFailure())
            return;
    }
}

TEST(GraphRenderText, ThousandDiamonds)
{
    std::vector<RevisionInput> revisions{{number(0), {}, {}, {}}};
    for (size_t i = 0; i < 3000; i += 3) {
        revisions.push_back({number(i + 1), {number(i)}, {}, {}});
        revisions.push_back({number(i + 2), {number(i)}, {}, {}});
        revisions.push_back({number(i + 3), {number(i + 1), number(i + 2)}, {}, {}});
    }
    const RevisionGraph graph = build(std::move(revisions));
    expect_drawn(graph);
    EXPECT_EQ(text_of(graph, no_notes(graph)).size(), 3001u + 2000u);
}

TEST(GraphRenderText, TenThousandInALine)
{
    std::vector<RevisionInput> revisions{{number(0), {}, {}, {}}};
    for (size_t i = 1; i < 10000; ++i)
        revisions.push_back({number(i), {number(i - 1)}, {}, {}});
    const RevisionGraph graph = build(std::move(revisions));
    expect_drawn(graph);
    EXPECT_EQ(text_of(graph, no_notes(graph)).size(), 10000u);
}

TEST(GraphRenderText, FourHundredBranchesAndTheirMerge)
{
    std::vector<RevisionInput> revisions{{number(0), {}, {}, {}}};
    RevisionInput merge{number(400), {}, {}, {}};
    for (size_t i = 1; i < 400; ++i) {
        revisions.push_back({number(i), {number(0)}, {}, {}});
        merge.down.push_back(number(i));
    }
    revisions.push_back(std::move(merge));
    expect_drawn(build(std::move(revisions)));
}

class StopAtOnce final : public InterruptCheck
{
  public:
    void check() override { throw Error("57014", "canceled"); }
};

TEST(GraphRender, CanBeInterrupted)
{
    const RevisionGraph graph = build({{"a", {}, {}, {}}});
    StopAtOnce interrupts;
    EXPECT_THROW(render_text(graph, no_notes(graph), interrupts), Error);
    EXPECT_THROW(render_dot(graph, no_notes(graph), interrupts), Error);
    EXPECT_THROW(render_mermaid(graph, no_notes(graph), interrupts), Error);
}

struct Fixture {
    RevisionGraph graph =
        build({{"a", {}, {}, {}}, {"b", {"a"}, {}, {"blue"}}, {"c", {"a", "gone"}, {"b", "lost"}, {}}});
    RenderInfo info = no_notes(graph);
    NoInterrupts interrupts;

    Fixture()
    {
        info.revisions[0] = {"say \"hi\" \\ to `all` #1 <b> & 50%; \nmore", false, true};
        info.revisions[1] = {"", true, true};
    }
};

std::string all_of(const std::vector<std::string> &lines)
{
    std::string text = "\n";
    for (const std::string &line : lines)
        text += line + "\n";
    return text;
}

TEST(GraphRenderDot, NodesAndEdges)
{
    Fixture f;
    EXPECT_EQ(all_of(render_dot(f.graph, f.info, f.interrupts)), R"text(
digraph migrations {
    rankdir=TB;
    node [shape=box];
    "c" [label="c", style="bold"];
    "b" [label="b (blue)", style="bold,filled", fillcolor=palegreen];
    "a" [label="a\nsay \"hi\" \\ to `all` #1 <b> & 50%;", style="solid,filled", fillcolor=gray92];
    "c" -> "a";
    "c" -> "b" [style=dashed];
    "gone" [label="gone (missing)", style=dotted];
    "c" -> "gone";
    "lost" [label="lost (missing)", style=dotted];
    "c" -> "lost" [style=dashed];
    "b" -> "a";
}
)text");
}

TEST(GraphRenderMermaid, NodesAndEdges)
{
    Fixture f;
    EXPECT_EQ(all_of(render_mermaid(f.graph, f.info, f.interrupts)), R"text(
flowchart BT
    r2["c"]
    r1["b (blue)"]
    r0["a<br/>say #34;hi#34; #92; to #96;all#96; #35;1 #60;b#62; #38; 50#37;#59;"]
    r0 --> r2
    r1 -.-> r2
    m0["gone (missing)"]
    m0 --> r2
    m1["lost (missing)"]
    m1 -.-> r2
    r0 --> r1
    classDef head stroke-width:3px
    classDef current fill:#98fb98
    classDef applied fill:#ebebeb
    class r2 head
    class r1 current
    class r1 head
    class r0 applied
)text");
}

} // namespace
} // namespace pgmigrate::core
