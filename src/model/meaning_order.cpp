// SPDX-License-Identifier: PostgreSQL

// How expressions are understood: by the functions of a name, and by the casts, that there are when they are read.
// pg_depend has those that were found, not those that would have been.
#include "model/operation_table.hpp"

#include "model/text.hpp"

#include <unordered_set>

namespace pgmigrate::model
{

namespace
{

using Action = Operation::Action;

// What names the functions that it needs with their arguments, or takes those of its own types only.
constexpr Kinds calls_none{Kind::base_type,
                           Kind::range_type,
                           Kind::aggregate,
                           Kind::conversion,
                           Kind::operator_class,
                           Kind::operator_,
                           Kind::operator_family_member,
                           Kind::cast,
                           Kind::transform,
                           Kind::text_search_parser,
                           Kind::text_search_template};

class Order
{
  public:
    explicit Order(OperationTable &table)
        : table_(table), was_(table.fates.comparison.was), is_(table.fates.comparison.is)
    {
    }

    void run() &&
    {
        order_overloads();
        order_casts();
    }

  private:
    // As long as a function is there that is to be dropped, a call of another one of its name may be ambiguous.
    void order_overloads()
    {
        std::unordered_multimap<std::string, std::uint32_t> dropped;
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            if (routines.contains(was_[i].kind) && table_.drops[i] != Operation::none)
                dropped.emplace(cat(was_[i].schema, ".", was_[i].name), table_.drops[i]);
        if (dropped.empty())
            return;
        for (std::uint32_t i = 0; i < is_.size(); ++i) {
            if (table_.makes[i] == Operation::none || table_.operations[table_.makes[i]].action != Action::make ||
                calls_none.contains(is_[i].kind))
                continue;
            for (const Need &need : is_[i].needs)
                if (const Object &routine = is_[need.object]; routines.contains(routine.kind)) {
                    const auto [begin, end] = dropped.equal_range(cat(routine.schema, ".", routine.name));
                    for (auto each = begin; each != end; ++each)
                        table_.before(each->second, table_.makes[i]);
                }
        }
    }

    // The casts of a type are there before what has expressions with it.
    void order_casts()
    {
        std::vector<std::uint32_t> casts;
        std::unordered_set<std::uint32_t> first; // what one of them needs
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            if (is_[i].kind == Kind::cast && table_.makes[i] != Operation::none &&
                table_.operations[table_.makes[i]].action == Action::make) {
                casts.push_back(i);
                add_needs(i, first);
            }
        for (const std::uint32_t cast : casts)
            for (const Need &need : is_[cast].needs)
                for (const Need &dependent : is_.dependents_of(need.object))
                    before_expressions(cast, dependent.object, first);
    }

    void add_needs(std::uint32_t index, std::unordered_set<std::uint32_t> &all) const
    {
        if (all.insert(index).second)
            for (const Need &need : is_[index].needs)
                add_needs(need.object, all);
    }

    void before_expressions(std::uint32_t cast, std::uint32_t user, const std::unordered_set<std::uint32_t> &first)
    {
        constexpr Kinds expressions{Kind::default_value, Kind::constraint, Kind::domain, Kind::table};
        const Object &object = is_[user];
        const Object *parent = is_.parent_of(object);
        if (first.contains(user) || (parent != nullptr && first.contains(is_.index_of(*parent))))
            return;
        if (expressions.contains(object.kind) || (object.kind == Kind::column && object.has("generated")) ||
            (routines.contains(object.kind) && (object.has("body") || object.has("defaults"))))
            table_.before(table_.makes[cast], table_.makes[user]);
        if (object.kind == Kind::column || object.kind == Kind::domain)
            for (const Need &dependent : is_.dependents_of(user))
                if (is_[dependent.object].kind == Kind::default_value || is_[dependent.object].kind == Kind::constraint)
                    before_expressions(cast, dependent.object, first);
    }

    OperationTable &table_;
    const Snapshot &was_;
    const Snapshot &is_;
};

} // namespace

void order_by_meaning(OperationTable &table)
{
    Order(table).run();
}

} // namespace pgmigrate::model
