// SPDX-License-Identifier: PostgreSQL
#include "pg/printed_sql_reader.hpp"

#include "pg/classify.hpp"
#include "pg/parse_node.hpp"
#include "pg/scopes.hpp"
#include "pg/script_place.hpp"
#include "pg/script_statements.hpp"

#include <cstring>
#include <string_view>

extern "C" {
#include "catalog/namespace.h"
#include "utils/builtins.h"
}

namespace pgmigrate::pg
{

namespace
{

using Kind = files::PrintedStatement::Kind;

constexpr const char *version_column = "version_num";

struct Facts {
    const StatementFacts *statement;
    Kind kind = Kind::other;
    const char *table = "";
    const char *from = "";
    const char *to = "";
};

// Everything up to facts_of() runs inside call(), in the memory of the parse tree.
const char *name_of(const RangeVar *relation)
{
    return quote_qualified_identifier(relation->schemaname, relation->relname);
}

// The value of a string literal, or null.
const char *text_of(const Node *node)
{
    const auto *constant = as<A_Const>(node, T_A_Const);
    return constant == nullptr || constant->isnull || nodeTag(&constant->val) != T_String ? nullptr
                                                                                          : constant->val.sval.sval;
}

// The value in `version_num = '...'`, or null.
const char *wanted_version(const Node *condition)
{
    const auto *comparison = as<A_Expr>(condition, T_A_Expr);
    if (comparison == nullptr || comparison->kind != AEXPR_OP || list_length(comparison->name) != 1 ||
        std::strcmp(strVal(linitial(comparison->name)), "=") != 0)
        return nullptr;
    const auto *column = as<ColumnRef>(comparison->lexpr, T_ColumnRef);
    if (column == nullptr)
        return nullptr;
    const auto *last = static_cast<const Node *>(llast(column->fields));
    return nodeTag(last) == T_String && std::strcmp(strVal(last), version_column) == 0 ? text_of(comparison->rexpr)
                                                                                       : nullptr;
}

// The column and the only one of a list of ResTarget.
const ResTarget *only_version_column(const List *targets)
{
    if (list_length(targets) != 1)
        return nullptr;
    const auto *target = static_cast<const ResTarget *>(linitial(targets));
    return target->name != nullptr && std::strcmp(target->name, version_column) == 0 ? target : nullptr;
}

void read_insert(const InsertStmt &statement, Facts &facts)
{
    facts.kind = Kind::uses_table;
    facts.table = name_of(statement.relation);
    const auto *select = as<SelectStmt>(statement.selectStmt, T_SelectStmt);
    if (only_version_column(statement.cols) == nullptr || statement.onConflictClause != nullptr ||
        statement.withClause != nullptr || select == nullptr || list_length(select->valuesLists) != 1)
        return;
    const auto *row = static_cast<const List *>(linitial(select->valuesLists));
    const char *value = list_length(row) == 1 ? text_of(static_cast<const Node *>(linitial(row))) : nullptr;
    if (value == nullptr)
        return;
    facts.kind = Kind::adds_version;
    facts.to = value;
}

void read_update(const UpdateStmt &statement, Facts &facts)
{
    facts.kind = Kind::uses_table;
    facts.table = name_of(statement.relation);
    const ResTarget *target = only_version_column(statement.targetList);
    if (target == nullptr || statement.fromClause != NIL || statement.withClause != nullptr)
        return;
    const char *to = text_of(target->val);
    const char *from = wanted_version(statement.whereClause);
    if (to == nullptr || from == nullptr)
        return;
    facts.kind = Kind::moves_version;
    facts.to = to;
    facts.from = from;
}

void read_delete(const DeleteStmt &statement, Facts &facts)
{
    facts.kind = Kind::uses_table;
    facts.table = name_of(statement.relation);
    const char *from = wanted_version(statement.whereClause);
    if (from == nullptr || statement.usingClause != NIL || statement.withClause != nullptr)
        return;
    facts.kind = Kind::removes_version;
    facts.from = from;
}

void read_create(const CreateStmt &statement, Facts &facts)
{
    facts.table = name_of(statement.relation);
    facts.kind = Kind::uses_table;
    const ListCell *cell = nullptr;
    foreach (cell, statement.tableElts) {
        const auto *column = as<ColumnDef>(lfirst(cell), T_ColumnDef);
        if (column != nullptr && std::strcmp(column->colname, version_column) == 0)
            facts.kind = Kind::creates_versions;
    }
}

void read_drop(const DropStmt &statement, Facts &facts)
{
    if (statement.removeType != OBJECT_TABLE || list_length(statement.objects) != 1)
        return;
    facts.kind = Kind::drops_table;
    facts.table = name_of(makeRangeVarFromNameList(static_cast<List *>(linitial(statement.objects))));
}

const Facts *facts_of(const RawStmt *raw)
{
    auto *facts = static_cast<Facts *>(palloc(sizeof(Facts)));
    *facts = Facts{describe_statement(raw)};
    const Node *node = raw->stmt;
    if (const auto *insert = as<InsertStmt>(node, T_InsertStmt))
        read_insert(*insert, *facts);
    else if (const auto *update = as<UpdateStmt>(node, T_UpdateStmt))
        read_update(*update, *facts);
    else if (const auto *remove = as<DeleteStmt>(node, T_DeleteStmt))
        read_delete(*remove, *facts);
    else if (const auto *create = as<CreateStmt>(node, T_CreateStmt))
        read_create(*create, *facts);
    else if (const auto *drop = as<DropStmt>(node, T_DropStmt))
        read_drop(*drop, *facts);
    else if (const auto *alter = as<AlterTableStmt>(node, T_AlterTableStmt)) {
        facts->kind = Kind::uses_table;
        facts->table = name_of(alter->relation);
    } else if (facts->statement->forbidden == Forbidden::begin)
        facts->kind = Kind::begin;
    else if (facts->statement->forbidden == Forbidden::commit)
        facts->kind = Kind::commit;
    return facts;
}

class PrintedSink final : public StatementSink
{
  public:
    PrintedSink(const std::string &printed, const std::string &name) : text_(printed), name_(name) {}

    const void *extract(const RawStmt *statement) const override { return facts_of(statement); }

    void statement(const StatementSpan &span, const void *extracted) override
    {
        const auto &facts = *static_cast<const Facts *>(extracted);
        files::PrintedStatement &added = statements.emplace_back();
        added.offset = span.offset;
        added.length = span.length;
        added.end = span.semicolon == no_offset ? span.offset + span.length : span.semicolon + 1;
        added.kind = facts.kind;
        added.table = facts.table;
        added.from = facts.from;
        added.to = facts.to;
        const std::string_view command = facts.statement->command;
        added.decides_itself = command == "CALL" || command == "DO";
        added.stands_alone =
            !facts.statement->transactional || facts.statement->adds_enum_value || span.marks.any() != no_offset;
        added.changes_session = command == "SET" || command == "RESET";
    }

    [[noreturn]] void explain(PgError &error, std::size_t offset) const override
    {
        throw core::Error(core::sqlstate::invalid_file,
                          name_ + ", line " + std::to_string(place_of(text_, offset).line) + ": " + error.what())
            .detail(describe_place(text_, offset, name_, excerpt_of_line(text_, offset)))
            .hint(hint_for(line_at(offset)));
    }

    void directive(const Directive &) const override {}
    void misplaced_directive(std::size_t) const override {}

    std::vector<files::PrintedStatement> statements;

  private:
    std::string_view line_at(std::size_t offset) const
    {
        const std::size_t before = offset == 0 ? std::string::npos : text_.rfind('\n', offset - 1);
        const std::size_t start = before == std::string::npos ? 0 : before + 1;
        return std::string_view(text_).substr(start, text_.find('\n', offset) - start);
    }

    std::string hint_for(std::string_view line) const
    {
        if (text_.find("\nTraceback (most recent call last):") != std::string::npos ||
            text_.find("\nFAILED: ") != std::string::npos || text_.starts_with("FAILED: "))
            return "Alembic has failed, and its error is in the text: run it again when it is mended.";
        if (text_.find('\n') == std::string::npos && (text_.starts_with('/') || text_.ends_with(".sql")))
            return "Pass the text itself, not the name of a file: \\set upgrades `cat file.sql` and :'upgrades' in "
                   "psql.";
        if (line.find(" -> ") != std::string_view::npos && !line.starts_with("--"))
            return "The history must be the output of \"alembic history --verbose\".";
        return "The text must be what Alembic prints, and nothing else; lines of its log only in the format of "
               "alembic.ini.";
    }

    const std::string &text_;
    const std::string &name_;
};

} // namespace

std::vector<files::PrintedStatement> ServerPrintedSqlReader::statements(const std::string &printed,
                                                                        const std::string &name)
{
    PrintedSink sink(printed, name);
    Subtransaction attempt; // the caller can go on with what is no SQL
    read_statements(printed, sink);
    attempt.commit();
    return std::move(sink.statements);
}

} // namespace pgmigrate::pg
