// SPDX-License-Identifier: PostgreSQL
#pragma once

// Builds small snapshots, with the needs that the catalogue would have recorded.

#include "core/interrupt.hpp"
#include "model/diff.hpp"
#include "model/text.hpp"

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgmigrate::model::test
{

// An object that is being described.
class Described
{
  public:
    explicit Described(Object object) : object_(std::move(object)) {}

    // `name` is a literal: attributes keep a view of it.
    Described &set(std::string_view name, std::string text = "true")
    {
        object_.attributes.set(name, std::move(text));
        return *this;
    }
    Described &list(std::string_view name, std::vector<std::string> items)
    {
        object_.attributes.set_list(name, std::move(items));
        return *this;
    }
    Described &needs(Kind kind, std::string identity, char type = 'n')
    {
        needs_.push_back({{kind, std::move(identity)}, type});
        return *this;
    }
    // Where it is in the catalogue: objects of the same address are the same object.
    Described &address(std::uint32_t object_id, std::int32_t sub_id = 0)
    {
        object_.address = {1259, object_id, sub_id};
        return *this;
    }

  private:
    friend class SnapshotBuilder;
    Object object_;
    std::vector<std::pair<Reference, char>> needs_;
};

class SnapshotBuilder
{
  public:
    explicit SnapshotBuilder(std::int32_t server_version = 150000) : session_{"alice", server_version, "dba"} {}

    Described &add(Kind kind, std::string identity, std::string schema, std::string name, std::string parent = {})
    {
        Object object;
        object.kind = kind;
        object.identity = std::move(identity);
        object.schema = std::move(schema);
        object.name = std::move(name);
        object.parent = std::move(parent);
        return objects_.emplace_back(std::move(object));
    }

    Described &schema(const std::string &name) { return add(Kind::schema, name, "", name); }

    // Something in the schema public.
    Described &in_public(Kind kind, const std::string &name) { return add(kind, cat("public.", name), "public", name); }
    Described &table(const std::string &name) { return in_public(Kind::table, name); }
    Described &view(const std::string &name, std::string query, std::vector<std::string> columns)
    {
        return in_public(Kind::view, name).set("definition", std::move(query)).list("columns", std::move(columns));
    }
    Described &function(const std::string &name, const std::string &arguments, std::string source)
    {
        return add(Kind::function, cat("public.", name, "(", arguments, ")"), "public", name)
            .set("arguments", arguments)
            .set("result", "integer")
            .set("language", "sql")
            .set("source", std::move(source));
    }

    // Parts of a relation in public.
    Described &part(Kind kind, const std::string &of, Kind kind_of_parent, std::string identity,
                    const std::string &name)
    {
        const std::string parent = cat("public.", of);
        return add(kind, std::move(identity), "public", name, parent).needs(kind_of_parent, parent, 'i');
    }
    Described &column(const std::string &of, const std::string &name, std::string type,
                      Kind kind_of_parent = Kind::table)
    {
        Described &column = part(Kind::column, of, kind_of_parent, cat("public.", of, ".", name), name);
        column.object_.position = ++columns_;
        return column.set("type", std::move(type));
    }
    Described &default_of(const std::string &of, const std::string &name, std::string expression)
    {
        const std::string column = cat("public.", of, ".", name);
        return add(Kind::default_value, column, "public", name, cat("public.", of))
            .set("expression", std::move(expression))
            .needs(Kind::column, column, 'a');
    }
    Described &constraint(const std::string &of, const std::string &name, std::string type, std::string definition)
    {
        return add(Kind::constraint, cat(name, " ON public.", of), "public", name, cat("public.", of))
            .set("type", std::move(type))
            .set("definition", std::move(definition))
            .needs(Kind::table, cat("public.", of), 'a');
    }
    Described &index(const std::string &of, const std::string &name, std::string definition)
    {
        return add(Kind::index, cat("public.", name), "public", name, cat("public.", of))
            .set("table", cat("public.", of))
            .set("definition", std::move(definition))
            .needs(Kind::table, cat("public.", of), 'a');
    }
    // A foreign key, which needs the other table's column.
    Described &foreign_key(const std::string &of, const std::string &to)
    {
        return constraint(of, cat(of, "_", to, "_fkey"), "f",
                          cat("FOREIGN KEY (", to, "_id) REFERENCES public.", to, "(id)"))
            .needs(Kind::column, cat("public.", to, ".id"));
    }

    Snapshot build() const
    {
        Snapshot snapshot;
        snapshot.session = session_;
        for (const Described &each : objects_)
            snapshot.add(each.object_);
        snapshot.finish();
        for (const Described &each : objects_) {
            std::vector<Need> needs;
            for (const auto &[reference, type] : each.needs_)
                needs.push_back({snapshot.index_of(*snapshot.find(reference)), type});
            snapshot.set_needs(snapshot.index_of(*snapshot.find(each.object_.kind, each.object_.identity)),
                               std::move(needs));
        }
        snapshot.finish();
        return snapshot;
    }

  private:
    Snapshot::Session session_;
    std::deque<Described> objects_;
    std::int32_t columns_ = 0;
};

inline Plan plan_of(const SnapshotBuilder &was, const SnapshotBuilder &is, Options options = {})
{
    core::NoInterrupts interrupts;
    return diff(was.build(), is.build(), options, interrupts);
}

// The statements, as they are run.
inline std::vector<std::string> sql_of(const Plan &plan)
{
    std::vector<std::string> all;
    for (const Statement &each : plan.statements)
        all.push_back(each.sql);
    return all;
}

inline std::vector<std::string> sql_of(const SnapshotBuilder &was, const SnapshotBuilder &is, Options options = {})
{
    return sql_of(plan_of(was, is, options));
}

} // namespace pgmigrate::model::test
