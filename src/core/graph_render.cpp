// SPDX-License-Identifier: PostgreSQL
#include "core/graph_render.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace pgmigrate::core
{

namespace
{

constexpr Index nobody = static_cast<Index>(-1);

// Everything that must be below the revision: parents, then what it depends on, each once.
std::vector<Index> below(const RevisionGraph &graph, Index revision)
{
    std::vector<Index> result;
    const auto add = [&result](std::span<const Index> part) {
        for (const Index other : part)
            if (std::find(result.begin(), result.end(), other) == result.end())
                result.push_back(other);
    };
    add(graph.down(revision));
    add(graph.dependencies(revision));
    return result;
}

std::vector<Index> parents_of(const RevisionGraph &graph, Index revision)
{
    std::vector<Index> result;
    for (const Index parent : graph.down(revision))
        if (std::find(result.begin(), result.end(), parent) == result.end())
            result.push_back(parent);
    return result;
}

// Children before parents. A stack, not a queue: a branch is listed down to its branch point before the next one
// begins, the last parent of a merge first, which keeps the lane in use the rightmost one.
std::vector<Index> newest_first(const RevisionGraph &graph, InterruptCheck &interrupts)
{
    std::vector<std::size_t> above(graph.size(), 0);
    for (Index revision = 0; revision < graph.size(); ++revision)
        for (const Index other : below(graph, revision))
            ++above[other];
    std::vector<Index> ready;
    for (Index revision = 0; revision < graph.size(); ++revision)
        if (above[revision] == 0)
            ready.push_back(revision);
    std::sort(ready.begin(), ready.end(), [&graph](Index a, Index b) { return graph.id(a) > graph.id(b); });
    std::vector<Index> order;
    while (!ready.empty()) {
        interrupts.check();
        const Index revision = ready.back();
        ready.pop_back();
        order.push_back(revision);
        for (const Index other : below(graph, revision))
            if (--above[other] == 0)
                ready.push_back(other);
    }
    return order;
}

// The lanes of the text picture. Lane i stands in column 2i; between two lines it goes straight down ('|') or leaves to
// the column beside it ('/', '\' in the odd columns). Each lane leads to one parent that is not drawn yet, and no two
// lead to the same, so lanes join as early as possible.
//
// A picture can be read back without guessing, because:
// - a slash beside a '|' goes on from the slash diagonally above it, which so crosses the lane, or, if there is none,
//   leaves the lane of the revision just drawn (a fork);
// - a slash beside a blank takes along whatever was in that column;
// - a revision's forks are all drawn before any other lane moves.
class Lanes
{
  public:
    explicit Lanes(std::vector<std::string> &lines) : lines_(lines) {}

    // The line of `revision` without its text.
    std::string begin(Index revision)
    {
        const auto found = std::find(lanes_.begin(), lanes_.end(), revision);
        at_ = static_cast<std::size_t>(found - lanes_.begin());
        if (found == lanes_.end()) {
            // A new head right below a root would look like its parent.
            if (root_in_last_column_)
                print(row());
            lanes_.push_back(revision);
        }
        root_in_last_column_ = false;
        std::string line = row();
        line[2 * at_] = '*';
        return line;
    }

    // Draws the way from the revision just begun to its parents.
    void finish(const std::vector<Index> &parents)
    {
        std::vector<std::size_t> left, right; // columns of lanes to parents
        std::vector<Index> fresh;
        sort_out(parents, left, right, fresh);
        lanes_[at_] = nobody;
        std::size_t relocated = at_;
        if (!fresh.empty()) {
            lanes_[at_] = fresh.front();
            for (std::size_t i = 1; i < fresh.size(); ++i)
                right.push_back(lanes_.size() + i - 1);
        } else if (!right.empty()) {
            // The lane in the right comes here, so that lanes lean to the left.
            relocated = *std::min_element(right.begin(), right.end());
            lanes_[at_] = lanes_[relocated];
            std::erase(right, relocated);
        }
        const bool leaves = lanes_[at_] == nobody;
        draw_forks(std::move(left), std::move(right), leaves);
        if (fresh.size() > 1)
            lanes_.insert(lanes_.end(), fresh.begin() + 1, fresh.end());
        if (relocated != at_)
            draw_relocation(relocated);
    }

  private:
    void sort_out(const std::vector<Index> &parents, std::vector<std::size_t> &left, std::vector<std::size_t> &right,
                  std::vector<Index> &fresh) const
    {
        for (const Index parent : parents) {
            const auto lane =
                static_cast<std::size_t>(std::find(lanes_.begin(), lanes_.end(), parent) - lanes_.begin());
            if (lane == lanes_.size())
                fresh.push_back(parent);
            else
                (lane < at_ ? left : right).push_back(lane);
        }
    }

    std::string row() const
    {
        std::string line(2 * lanes_.size(), ' ');
        for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
            line[2 * lane] = '|';
        return line;
    }

    void print(std::string line)
    {
        line.erase(line.find_last_not_of(' ') + 1);
        lines_.push_back(std::move(line));
    }

    // Takes the lane out and draws in `line` how those to its right close up.
    void close_gap(std::size_t lane, std::string &line)
    {
        line[2 * lane] = ' ';
        for (std::size_t other = lane + 1; other < lanes_.size(); ++other) {
            line[2 * other - 1] = '/';
            line[2 * other] = ' ';
        }
        lanes_.erase(lanes_.begin() + static_cast<std::ptrdiff_t>(lane));
    }

    // From the revision's column to each of the columns, each a line later than the one before, so that none meets
    // another; the farthest first, for fewer lines. With `leaves`, the last one to the left takes the lane along; then
    // there is none to the right.
    void draw_forks(std::vector<std::size_t> left, std::vector<std::size_t> right, bool leaves)
    {
        std::sort(left.begin(), left.end());
        std::sort(right.begin(), right.end(), std::greater<>());
        if (leaves && left.empty())
            return draw_end();
        std::size_t lines = 0;
        for (std::size_t i = 0; i < left.size(); ++i)
            lines = std::max(lines, i + at_ - left[i]);
        for (std::size_t i = 0; i < right.size(); ++i)
            lines = std::max(lines, i + right[i] - at_);
        for (std::size_t step = 0; step < lines; ++step) {
            std::string line = row();
            if (!right.empty())
                line.resize(std::max(line.size(), 2 * (right.front() + 1)), ' ');
            draw_new_lanes(right, step, line);
            if (leaves && step + 1 == left.size())
                close_gap(at_, line);
            for (std::size_t i = 0; i < left.size() && i <= step; ++i)
                if (const std::size_t passed = step - i; at_ - left[i] > passed)
                    line[2 * (at_ - passed) - 1] = '/';
            for (std::size_t i = 0; i < right.size() && i <= step; ++i)
                if (const std::size_t passed = step - i; right[i] - at_ > passed)
                    line[2 * (at_ + passed) + 1] = '\\';
            print(std::move(line));
        }
    }

    // Columns beyond the lanes have a lane as soon as a fork has arrived there.
    void draw_new_lanes(const std::vector<std::size_t> &right, std::size_t step, std::string &line) const
    {
        for (std::size_t i = 0; i < right.size(); ++i)
            if (right[i] >= lanes_.size() && i + right[i] - at_ <= step)
                line[2 * right[i]] = '|';
    }

    void draw_end()
    {
        root_in_last_column_ = at_ + 1 == lanes_.size();
        if (root_in_last_column_) {
            lanes_.pop_back();
            return;
        }
        std::string line = row();
        close_gap(at_, line);
        print(std::move(line));
    }

    // The lane from the right joins the revision's own.
    void draw_relocation(std::size_t from)
    {
        std::string line = row();
        close_gap(from, line);
        for (std::size_t column = from; column > at_; --column) {
            line[2 * column - 1] = '/';
            print(std::move(line));
            line = row();
        }
    }

    std::vector<std::string> &lines_;
    std::vector<Index> lanes_; // the revision each leads to
    std::size_t at_ = 0;       // the lane of the revision just begun
    bool root_in_last_column_ = false;
};

std::string first_line(const std::string &message)
{
    std::string line = message.substr(0, message.find_first_of("\r\n"));
    line.erase(line.find_last_not_of(" \t") + 1);
    return line;
}

template <typename Names>
std::string join(const Names &names)
{
    std::string list;
    for (const std::string &name : names)
        list += (list.empty() ? "" : ", ") + name;
    return list;
}

std::vector<std::string> missing_of(const RevisionGraph &graph, Index revision, std::span<const std::string> declared)
{
    std::vector<std::string> result;
    for (const std::string &name : graph.missing(revision))
        if (std::find(declared.begin(), declared.end(), name) != declared.end())
            result.push_back(name);
    return result;
}

std::string marks(const RevisionGraph &graph, Index revision, const RevisionNote &note)
{
    std::string text;
    if (const std::vector<std::string> labels = graph.labels(revision); !labels.empty())
        text += " (" + join(labels) + ")";
    if (graph.is_real_head(revision))
        text += " (head)";
    else if (graph.is_head(revision))
        text += " (effective head)";
    if (note.is_current)
        text += " (current)";
    if (graph.is_branch_point(revision))
        text += " (branchpoint)";
    if (graph.is_merge_point(revision))
        text += " (mergepoint)";
    if (const auto names = graph.declared_dependencies(revision); !names.empty())
        text += " (depends on " + join(names) + ")";
    if (const auto names = missing_of(graph, revision, graph.declared_down(revision)); !names.empty())
        text += " (missing parent " + join(names) + ")";
    if (const auto names = missing_of(graph, revision, graph.declared_dependencies(revision)); !names.empty())
        text += " (missing dependency " + join(names) + ")";
    return text;
}

std::string dot_string(std::string_view text)
{
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string dot_node(const RevisionGraph &graph, Index revision, const RevisionNote &note)
{
    std::string text = graph.id(revision);
    if (const std::vector<std::string> labels = graph.labels(revision); !labels.empty())
        text += " (" + join(labels) + ")";
    std::string label = dot_string(text);
    if (const std::string message = first_line(note.message); !message.empty())
        // The line break is the only backslash that is not one of the text.
        label = label.substr(0, label.size() - 1) + "\\n" + dot_string(message).substr(1);
    std::string style = graph.is_head(revision) ? "bold" : "solid";
    std::string color;
    if (note.is_current || note.is_applied) {
        style += ",filled";
        color = std::string(", fillcolor=") + (note.is_current ? "palegreen" : "gray92");
    }
    return "    " + dot_string(graph.id(revision)) + " [label=" + label + ", style=\"" + style + "\"" + color + "];";
}

std::string mermaid_string(std::string_view text)
{
    // Characters that end the string, or that Mermaid takes for Markdown, HTML, a directive or one of these codes.
    static constexpr std::string_view special = "\"#&<>;`%\\";
    std::string quoted;
    for (const char c : text) {
        if (special.find(c) == std::string_view::npos)
            quoted += c;
        else
            quoted += "#" + std::to_string(static_cast<int>(c)) + ";";
    }
    return quoted;
}

std::string mermaid_label(const RevisionGraph &graph, Index revision, const RevisionNote &note)
{
    std::string text = graph.id(revision);
    if (const std::vector<std::string> labels = graph.labels(revision); !labels.empty())
        text += " (" + join(labels) + ")";
    std::string label = mermaid_string(text);
    if (const std::string message = first_line(note.message); !message.empty())
        label += "<br/>" + mermaid_string(message);
    return label;
}

std::string mermaid_classes(const RevisionGraph &graph, Index revision, const RevisionNote &note)
{
    std::string classes;
    if (note.is_current)
        classes = "current";
    else if (note.is_applied)
        classes = "applied";
    if (graph.is_head(revision))
        classes += classes.empty() ? "head" : ",head";
    return classes;
}

} // namespace

std::vector<std::string> render_text(const RevisionGraph &graph, const RenderInfo &info, InterruptCheck &interrupts)
{
    std::vector<std::string> lines;
    Lanes lanes(lines);
    for (const Index revision : newest_first(graph, interrupts)) {
        interrupts.check();
        const RevisionNote &note = info.revisions.at(revision);
        std::string line = lanes.begin(revision) + graph.id(revision) + marks(graph, revision, note);
        if (const std::string message = first_line(note.message); !message.empty())
            line += ", " + message;
        lines.push_back(std::move(line));
        lanes.finish(parents_of(graph, revision));
    }
    return lines;
}

std::vector<std::string> render_dot(const RevisionGraph &graph, const RenderInfo &info, InterruptCheck &interrupts)
{
    std::vector<std::string> lines{"digraph migrations {", "    rankdir=TB;", "    node [shape=box];"};
    const std::vector<Index> order = newest_first(graph, interrupts);
    for (const Index revision : order)
        lines.push_back(dot_node(graph, revision, info.revisions.at(revision)));
    const auto missing_node = [&lines](const std::string &name) {
        lines.push_back("    " + dot_string(name) + " [label=" + dot_string(name + " (missing)") + ", style=dotted];");
    };
    for (const Index revision : order) {
        interrupts.check();
        const auto edge = [&](const std::string &to, std::string_view attributes) {
            lines.push_back("    " + dot_string(graph.id(revision)) + " -> " + dot_string(to) +
                            std::string(attributes) + ";");
        };
        for (const Index parent : parents_of(graph, revision))
            edge(graph.id(parent), "");
        for (const Index dependency : graph.dependencies(revision))
            edge(graph.id(dependency), " [style=dashed]");
        for (const std::string &name : missing_of(graph, revision, graph.declared_down(revision))) {
            missing_node(name);
            edge(name, "");
        }
        for (const std::string &name : missing_of(graph, revision, graph.declared_dependencies(revision))) {
            missing_node(name);
            edge(name, " [style=dashed]");
        }
    }
    lines.emplace_back("}");
    return lines;
}

std::vector<std::string> render_mermaid(const RevisionGraph &graph, const RenderInfo &info, InterruptCheck &interrupts)
{
    std::vector<std::string> lines{"flowchart BT"};
    const std::vector<Index> order = newest_first(graph, interrupts);
    // Nodes are numbered: an id may be a word of Mermaid's, such as `end`.
    const auto node = [](Index revision) { return "r" + std::to_string(revision); };
    for (const Index revision : order)
        lines.push_back("    " + node(revision) + "[\"" + mermaid_label(graph, revision, info.revisions.at(revision)) +
                        "\"]");
    std::size_t missing = 0;
    const auto missing_node = [&lines, &missing](const std::string &name) {
        std::string number = "m" + std::to_string(missing++);
        lines.push_back("    " + number + "[\"" + mermaid_string(name + " (missing)") + "\"]");
        return number;
    };
    for (const Index revision : order) {
        interrupts.check();
        for (const Index parent : parents_of(graph, revision))
            lines.push_back("    " + node(parent) + " --> " + node(revision));
        for (const Index dependency : graph.dependencies(revision))
            lines.push_back("    " + node(dependency) + " -.-> " + node(revision));
        for (const std::string &name : missing_of(graph, revision, graph.declared_down(revision)))
            lines.push_back("    " + missing_node(name) + " --> " + node(revision));
        for (const std::string &name : missing_of(graph, revision, graph.declared_dependencies(revision)))
            lines.push_back("    " + missing_node(name) + " -.-> " + node(revision));
    }
    lines.emplace_back("    classDef head stroke-width:3px");
    lines.emplace_back("    classDef current fill:#98fb98");
    lines.emplace_back("    classDef applied fill:#ebebeb");
    for (const Index revision : order)
        if (const std::string classes = mermaid_classes(graph, revision, info.revisions.at(revision)); !classes.empty())
            for (std::size_t start = 0; start < classes.size();) {
                const std::size_t end = std::min(classes.find(',', start), classes.size());
                lines.push_back("    class " + node(revision) + " " + classes.substr(start, end - start));
                start = end + 1;
            }
    return lines;
}

} // namespace pgmigrate::core
