// SPDX-License-Identifier: PostgreSQL
#include "pg/sql_reader.hpp"

#include "pg/parse_node.hpp"
#include "pg/script_place.hpp"
#include "pg/script_statements.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include "mb/pg_wchar.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

struct Argument {
    const char *name; // null for a positional one
    bool is_constant;
    const char *value; // null for NULL
};

struct Call {
    bool is_call; // SELECT migrate_revision(...) and nothing else
    const Argument *arguments;
    int count;
};

// Inside call(), like all up to read_call().
bool read_constant(const Node *node, const char *&value)
{
    while (const auto *cast = as<TypeCast>(node, T_TypeCast))
        node = cast->arg;
    if (const auto *constant = as<A_Const>(node, T_A_Const)) {
        value = nullptr;
        if (constant->isnull)
            return true;
        if (nodeTag(&constant->val) == T_String)
            value = constant->val.sval.sval;
        else if (nodeTag(&constant->val) == T_Boolean)
            value = constant->val.boolval.boolval ? "true" : "false";
        return value != nullptr;
    }
    const auto *operation = as<A_Expr>(node, T_A_Expr);
    if (operation == nullptr || operation->kind != AEXPR_OP || list_length(operation->name) != 1 ||
        std::strcmp(strVal(linitial(operation->name)), "||") != 0 || operation->lexpr == nullptr)
        return false;
    check_stack_depth();
    const char *left = nullptr;
    const char *right = nullptr;
    if (!read_constant(operation->lexpr, left) || !read_constant(operation->rexpr, right))
        return false;
    value = left == nullptr || right == nullptr ? nullptr : psprintf("%s%s", left, right);
    return true;
}

// The function call of a SELECT that has nothing but one, or null.
const FuncCall *only_call(const SelectStmt &select)
{
    if (select.op != SETOP_NONE || list_length(select.targetList) != 1 || select.distinctClause != NIL ||
        select.intoClause != nullptr || select.fromClause != NIL || select.whereClause != nullptr ||
        select.groupClause != NIL || select.havingClause != nullptr || select.windowClause != NIL ||
        select.valuesLists != NIL || select.sortClause != NIL || select.limitOffset != nullptr ||
        select.limitCount != nullptr || select.lockingClause != NIL || select.withClause != nullptr)
        return nullptr;
    const auto *target = static_cast<const ResTarget *>(linitial(select.targetList));
    const auto *function = as<FuncCall>(target->val, T_FuncCall);
    if (function == nullptr || std::strcmp(strVal(llast(function->funcname)), "migrate_revision") != 0 ||
        list_length(function->funcname) > 2 || function->agg_order != NIL || function->agg_filter != nullptr ||
        function->over != nullptr || function->agg_within_group || function->agg_star || function->agg_distinct ||
        function->func_variadic)
        return nullptr;
    return function;
}

const Call *read_call(const RawStmt *statement)
{
    auto *call = static_cast<Call *>(palloc0(sizeof(Call)));
    const auto *select = as<SelectStmt>(statement->stmt, T_SelectStmt);
    const FuncCall *function = select == nullptr ? nullptr : only_call(*select);
    if (function == nullptr)
        return call;
    const int count = list_length(function->args);
    auto *arguments = static_cast<Argument *>(palloc0(sizeof(Argument) * (static_cast<std::size_t>(count) + 1)));
    for (int index = 0; index < count; ++index) {
        const auto *node = static_cast<const Node *>(list_nth(function->args, index));
        if (const auto *named = as<NamedArgExpr>(node, T_NamedArgExpr)) {
            arguments[index].name = named->name;
            node = reinterpret_cast<const Node *>(named->arg);
        }
        arguments[index].is_constant = read_constant(node, arguments[index].value);
    }
    *call = {true, arguments, count};
    return call;
}

class FileSink final : public StatementSink
{
  public:
    FileSink(const std::string &path, const std::string &content) : path_(path), content_(content) {}

    const void *extract(const RawStmt *statement) const override { return read_call(statement); }

    void statement(const StatementSpan &span, const void *extracted) override
    {
        const auto &call = *static_cast<const Call *>(extracted);
        if (!call.is_call)
            throw wrong(span, "not a call of migrate_revision")
                .hint("A migration file may hold nothing but SELECT migrate_revision(...) with constant arguments.");
        files::RevisionCall &revision = calls.emplace_back();
        revision.line = span.line;
        given_.fill(false);
        for (int index = 0; index < call.count; ++index)
            assign(span, call.arguments[index], static_cast<std::size_t>(index), revision);
        if (!given_[0])
            throw wrong(span, "the call of migrate_revision has no message");
    }

    // What the parser has against the file is the same kind of error as what we have.
    [[noreturn]] void explain(PgError &error, std::size_t offset) const override
    {
        const std::string message = error.what();
        throw core::Error(core::sqlstate::invalid_file, located(place_of(content_, offset).line) + message)
            .detail(describe_place(content_, offset, "\"" + path_ + "\"", excerpt_of_line(content_, offset)));
    }

    void directive(const Directive &) const override {}
    void misplaced_directive(std::size_t) const override {}

    std::vector<files::RevisionCall> calls;

  private:
    std::string located(int line) const { return "file \"" + path_ + "\", line " + std::to_string(line) + ": "; }

    core::Error wrong(const StatementSpan &span, const std::string &message) const
    {
        constexpr int shown = 80;
        return core::Error(core::sqlstate::invalid_file, located(span.line) + message)
            .detail("The statement is: " + excerpt(std::string_view(content_).substr(span.offset, span.length), shown));
    }

    std::size_t parameter_index(const StatementSpan &span, const Argument &argument, std::size_t position) const
    {
        constexpr auto &parameters = files::revision_parameters;
        if (argument.name == nullptr) {
            if (position >= parameters.size())
                throw wrong(span, "too many arguments for migrate_revision");
            return position;
        }
        const std::string_view name = argument.name;
        const auto *found = std::find_if(parameters.begin(), parameters.end(),
                                         [&](const files::RevisionParameter &known) { return known.name == name; });
        if (found == parameters.end())
            throw wrong(span, "migrate_revision has no parameter \"" + std::string(name) + "\"");
        return static_cast<std::size_t>(found - parameters.begin());
    }

    void assign(const StatementSpan &span, const Argument &argument, std::size_t position,
                files::RevisionCall &revision)
    {
        const std::size_t index = parameter_index(span, argument, position);
        const files::RevisionParameter &parameter = files::revision_parameters[index];
        const std::string name = "parameter \"" + std::string(parameter.name) + "\" of migrate_revision";
        if (given_[index])
            throw wrong(span, name + " is given twice");
        if (!argument.is_constant)
            throw wrong(span, name + " is not a constant");
        given_[index] = true;
        std::optional<std::string> &value = revision.*parameter.value;
        if (argument.value == nullptr)
            value.reset();
        else
            value = argument.value;
    }

    const std::string &path_;
    const std::string &content_;
    std::array<bool, files::revision_parameters.size()> given_{};
};

} // namespace

std::vector<files::RevisionCall> ServerSqlReader::revision_calls(const files::File &file)
{
    const bool marked = file.content().starts_with(byte_order_mark);
    const std::string content = file.content().substr(marked ? byte_order_mark.size() : 0);
    const bool valid = call([&] { return pg_verifymbstr(content.data(), static_cast<int>(content.size()), true); });
    if (!valid)
        throw core::Error(core::sqlstate::invalid_file, "file \"" + file.path +
                                                            "\" is not valid in the encoding of the database, " +
                                                            GetDatabaseEncodingName());
    FileSink sink(file.path, content);
    read_statements(content, sink);
    return std::move(sink.calls);
}

} // namespace pgmigrate::pg
