// SPDX-License-Identifier: PostgreSQL
#include "pg/catalogue.hpp"

#include "pg/graph_reader.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h" // getExtensionOfObject
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "rewrite/prs2lock.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr const char *schema_of_catalogue = "migrate";
constexpr std::array<const char *, 7> table_names = {"revision", "branch_label", "version", "run",
                                                     "journal",  "log",          "snapshot"};

// Switched off for a query that is planned while the table is empty and used while it grows: the plan would go on
// reading all of it.
constexpr const char *plan_by_index = "enable_seqscan";

constinit bool running_script = false;

constinit Query select_labels = {
    "SELECT branch_label, revision FROM ONLY migrate.branch_label ORDER BY branch_label", 0, {}, nullptr};
constinit Query select_version = {"SELECT revision, applied_at, applied_by FROM ONLY migrate.version"
                                  " WHERE schema_name IS NOT DISTINCT FROM $1 ORDER BY revision",
                                  1,
                                  {NAMEOID},
                                  nullptr};
constinit Query select_all_version_rows = {"SELECT DISTINCT revision FROM ONLY migrate.version", 0, {}, nullptr};
constinit Query select_revisions = {
    "SELECT r.revision, r.down_revision, r.depends_on, r.message, r.checksum, r.created_at, r.created_by"
    " FROM unnest($1) WITH ORDINALITY AS wanted (revision, position)"
    " JOIN ONLY migrate.revision AS r ON r.revision = wanted.revision COLLATE \"C\" ORDER BY wanted.position",
    1,
    {TEXTARRAYOID},
    nullptr};
constinit Query select_scripts = {
    "SELECT r.revision, r.down_revision, r.depends_on, r.message, r.checksum, r.created_at, r.created_by, r.up, "
    "coalesce(r.down, r.derived_down)"
    " FROM unnest($1) WITH ORDINALITY AS wanted (revision, position)"
    " JOIN ONLY migrate.revision AS r ON r.revision = wanted.revision COLLATE \"C\" ORDER BY wanted.position",
    1,
    {TEXTARRAYOID},
    nullptr};
constinit Query select_one = {
    "SELECT revision, down_revision, depends_on, message, checksum, created_at, created_by, up, down"
    " FROM ONLY migrate.revision WHERE revision = $1",
    1,
    {TEXTOID},
    nullptr};
constinit Query select_labels_of_one = {
    "SELECT branch_label FROM ONLY migrate.branch_label WHERE revision = $1 ORDER BY branch_label",
    1,
    {TEXTOID},
    nullptr};
constinit Query select_all_revisions = {
    "SELECT revision, down_revision, depends_on, message, checksum, created_at, created_by"
    " FROM ONLY migrate.revision ORDER BY revision",
    0,
    {},
    nullptr};

constinit Query select_references = {
    "SELECT 1 FROM ONLY migrate.revision WHERE down_revision && $1 OR depends_on && $1"
    " UNION ALL SELECT 1 FROM ONLY migrate.revision WHERE revision = ANY ($1) AND revision <> $2"
    " UNION ALL SELECT 1 FROM ONLY migrate.branch_label WHERE branch_label = ANY ($1) AND revision <> $2 LIMIT 1",
    2,
    {TEXTARRAYOID, TEXTOID},
    nullptr};

// In the order of bytes an id that begins with the name is the next one behind it.
constinit Query select_beginnings = {
    "SELECT name, next FROM (SELECT wanted.name,"
    " (SELECT r.revision FROM ONLY migrate.revision AS r WHERE r.revision > wanted.name ORDER BY r.revision LIMIT 1)"
    " FROM unnest($1) AS wanted (name)"
    " WHERE NOT EXISTS (SELECT FROM ONLY migrate.revision AS r WHERE r.revision = wanted.name)"
    " AND NOT EXISTS (SELECT FROM ONLY migrate.branch_label AS b WHERE b.branch_label = wanted.name)"
    ") AS beginnings (name, next) WHERE starts_with(next, name)",
    1,
    {TEXTARRAYOID},
    nullptr};

core::Error damaged(const std::string &what)
{
    return core::Error(core::sqlstate::catalogue_damaged, what)
        .hint("pg_migrate uses its tables only as CREATE EXTENSION made them.");
}

struct ExtensionFacts {
    Oid owner;
    Oid schema;
};

ExtensionFacts facts_of_extension(Oid extension)
{
    return call([&] {
        ExtensionFacts facts = {InvalidOid, InvalidOid};
        ScanKeyData key;
        Relation relation = table_open(ExtensionRelationId, AccessShareLock);
        ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(extension));
        SysScanDesc scan = systable_beginscan(relation, ExtensionOidIndexId, true, nullptr, 1, &key);
        HeapTuple tuple = systable_getnext(scan);
        if (HeapTupleIsValid(tuple)) {
            facts.owner = reinterpret_cast<Form_pg_extension>(GETSTRUCT(tuple))->extowner;
            facts.schema = reinterpret_cast<Form_pg_extension>(GETSTRUCT(tuple))->extnamespace;
        }
        systable_endscan(scan);
        table_close(relation, AccessShareLock);
        return facts;
    });
}

// What is known of a relation before it is opened.
struct RelationFacts {
    Oid oid;
    Oid extension;
    Oid owner;
    char kind;
};

// Inside call().
Oid lookup_relation(const char *name)
{
    const Oid schema = get_namespace_oid(schema_of_catalogue, true);
    return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

Oid relation_oid(const char *name)
{
    return call([&] { return lookup_relation(name); });
}

RelationFacts look_up(const char *name)
{
    return call([&] {
        RelationFacts facts = {InvalidOid, InvalidOid, InvalidOid, '\0'};
        facts.oid = lookup_relation(name);
        if (!OidIsValid(facts.oid))
            return facts;
        facts.extension = getExtensionOfObject(RelationRelationId, facts.oid);
        HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(facts.oid));
        if (HeapTupleIsValid(tuple)) {
            facts.kind = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relkind;
            facts.owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
            ReleaseSysCache(tuple);
        }
        return facts;
    });
}

void check_facts(const RelationFacts &facts, const char *name, char kind, Oid extension, Oid owner)
{
    const std::string shown = std::string("migrate.") + name;
    if (!OidIsValid(facts.oid))
        throw damaged("relation \"" + shown + "\" of pg_migrate does not exist");
    if (facts.kind != kind || facts.extension != extension || facts.owner != owner)
        throw damaged("relation \"" + shown + "\" is not the one that pg_migrate created");
}

// The columns, for comparison.
std::string shape_of(Relation table)
{
    std::string shape;
    const TupleDesc columns = RelationGetDescr(table);
    for (int i = 0; i < columns->natts; ++i) {
        const Form_pg_attribute column = TupleDescAttr(columns, i);
        shape += std::string(NameStr(column->attname)) + ":" + std::to_string(column->atttypid) + " ";
    }
    return shape;
}

// Null, or what somebody has put on the table that would run when it is read or written.
const char *planted_on(Relation table)
{
    if (table->rd_rel->relrowsecurity || table->rd_rel->relforcerowsecurity)
        return "row security";
    if (table->rd_rules != nullptr)
        return "a rule";
    for (int i = 0; table->trigdesc != nullptr && i < table->trigdesc->numtriggers; ++i) {
        if (!table->trigdesc->triggers[i].tgisinternal)
            return "a trigger";
        // It would run at commit, where nothing keeps it from the rights of the session.
        if (table->trigdesc->triggers[i].tgdeferrable)
            return "a deferrable constraint";
    }
    return nullptr;
}

std::string role_name(Oid role)
{
    return std::string(call([&] { return GetUserNameFromId(role, false); }));
}

StoredRevision stored_revision(const Rows &rows, std::uint64_t row, bool with_scripts)
{
    StoredRevision revision;
    revision.revision = rows.text(row, 1);
    revision.down_revision = rows.text_array(row, 2);
    revision.depends_on = rows.text_array(row, 3);
    revision.message = rows.text(row, 4);
    revision.checksum = rows.text(row, 5);
    revision.created_at = rows.timestamptz(row, 6);
    revision.created_by = rows.text(row, 7);
    if (with_scripts) {
        revision.up = rows.optional_text(row, 8);
        revision.down = rows.optional_text(row, 9);
    }
    return revision;
}

} // namespace

Catalogue::Catalogue(FunctionCallInfo fcinfo) : function_(fcinfo->flinfo->fn_oid), caller_(Identity::current())
{
    check_rights();
    connect();
}

Catalogue::Catalogue(Oid function, const Identity &caller, const std::optional<std::string> &client_addr)
    : function_(function), caller_(caller), client_addr_(client_addr)
{
    check_rights();
    connect();
}

Catalogue::Catalogue(Oid function, const Identity &caller, const std::optional<std::string> &client_addr,
                     const std::string &caller_name)
    : function_(function), caller_(caller), caller_name_(caller_name), client_addr_(client_addr)
{
    connect();
}

void Catalogue::connect()
{
    find_extension();
    open_tables();
    spi_.emplace();
}

Catalogue::~Catalogue()
{
    spi_.reset();
    call_noexcept([&] {
        for (Relation table : tables_)
            if (table != nullptr)
                table_close(table, NoLock);
    });
}

void Catalogue::check_rights()
{
    const Oid function = function_;
    const bool allowed = call([&] { return compat::may_execute(function, caller_.user); });
    if (!allowed)
        throw core::Error(core::sqlstate::insufficient_privilege, std::string("permission denied for function ") +
                                                                      call([&] { return get_func_name(function); }))
            .hint("migrate_grant(role, level) gives a role the level it needs.");
    caller_name_ = role_name(caller_.user);
}

void Catalogue::find_extension()
{
    const Oid function = function_;
    extension_ = call([&] { return getExtensionOfObject(ProcedureRelationId, function); });
    const ExtensionFacts facts = facts_of_extension(extension_);
    owner_ = facts.owner;
    schema_ = facts.schema;
    if (!OidIsValid(owner_))
        throw damaged("the function that was called does not belong to the extension pg_migrate");
}

void Catalogue::open_tables()
{
    for (std::size_t i = 0; i < table_names.size(); ++i) {
        const RelationFacts facts = look_up(table_names[i]);
        check_facts(facts, table_names[i], RELKIND_RELATION, extension_, owner_);
        tables_[i] = call([&] { return table_open(facts.oid, AccessShareLock); });
        shapes_[i] = shape_of(tables_[i]);
    }
    check_tables();
}

// A table that is in use can still be renamed or moved, and another one be put in its place.
void Catalogue::check_tables() const
{
    for (std::size_t i = 0; i < table_names.size(); ++i) {
        const std::string shown = std::string("\"migrate.") + table_names[i] + "\"";
        if (relation_oid(table_names[i]) != RelationGetRelid(tables_[i]))
            throw damaged("table " + shown + " is no longer where pg_migrate put it");
        if (tables_[i]->rd_rel->relowner != owner_)
            throw damaged("table " + shown + " no longer belongs to the owner of pg_migrate");
        if (const char *planted = planted_on(tables_[i]))
            throw damaged("table " + shown + " carries " + planted + " that pg_migrate did not put there");
    }
}

bool Catalogue::journal_tells_session() const
{
    const auto *found = std::find(table_names.begin(), table_names.end(), std::string_view("journal"));
    return shapes_[found - table_names.begin()].find(" settings:") != std::string::npos;
}

// Also what costs more than is spent on every access.
void Catalogue::check_unchanged() const
{
    check_tables();
    check_sequence();
    for (std::size_t i = 0; i < table_names.size(); ++i) {
        check_facts(look_up(table_names[i]), table_names[i], RELKIND_RELATION, extension_, owner_);
        if (shape_of(tables_[i]) != shapes_[i])
            throw damaged(std::string("the columns of table \"migrate.") + table_names[i] + "\" have been changed");
    }
}

void Catalogue::check_sequence() const
{
    check_facts(look_up("run_id"), "run_id", RELKIND_SEQUENCE, extension_, owner_);
}

core::RevisionGraph Catalogue::read_graph(core::InterruptCheck &interrupts, Snapshot snapshot)
{
    check_tables();
    std::vector<core::RevisionInput> revisions = read_revision_inputs(tables_[revision_table], snapshot, interrupts);
    const OwnerScope owner(owner_);
    Values none;
    const Rows labels = run(select_labels, none, snapshot);
    for (std::uint64_t row = 0; row < labels.size(); ++row) {
        const std::string revision = labels.text(row, 2);
        const auto found = std::lower_bound(revisions.begin(), revisions.end(), revision,
                                            [](const auto &input, const std::string &id) { return input.id < id; });
        if (found != revisions.end() && found->id == revision)
            found->labels.push_back(labels.text(row, 1));
    }
    return core::RevisionGraph::build(std::move(revisions), interrupts);
}

std::vector<VersionRow> Catalogue::read_version(const std::optional<std::string> &schema, Snapshot snapshot)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values parameters;
    parameters.name(schema);
    const Rows rows = run(select_version, parameters, snapshot);
    std::vector<VersionRow> version;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        version.push_back({rows.text(row, 1), rows.timestamptz(row, 2), rows.text(row, 3)});
    return version;
}

std::vector<std::string> Catalogue::read_all_version_rows(Snapshot snapshot)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values none;
    const Rows rows = run(select_all_version_rows, none, snapshot);
    std::vector<std::string> ids;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        ids.push_back(rows.text(row, 1));
    return ids;
}

std::vector<StoredRevision> Catalogue::read_revisions(const std::vector<std::string> &ids, bool with_scripts,
                                                      Snapshot snapshot)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values parameters;
    parameters.text_array(ids);
    const Rows rows = run(with_scripts ? select_scripts : select_revisions, parameters, snapshot);
    std::vector<StoredRevision> revisions;
    revisions.reserve(rows.size());
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        revisions.push_back(stored_revision(rows, row, with_scripts));
    read_labels(revisions, snapshot);
    return revisions;
}

std::vector<StoredRevision> Catalogue::read_all_revisions(Snapshot snapshot)
{
    check_tables();
    const OwnerScope owner(owner_);
    Values none;
    const Rows rows = run(select_all_revisions, none, snapshot);
    std::vector<StoredRevision> revisions;
    revisions.reserve(rows.size());
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        revisions.push_back(stored_revision(rows, row, false));
    read_labels(revisions, snapshot);
    return revisions;
}

std::optional<StoredRevision> Catalogue::find_revision(const std::string &id, Snapshot snapshot)
{
    check_tables();
    const OwnerScope owner(owner_);
    const SettingScope by_index(plan_by_index, "off");
    Values parameters;
    parameters.text(id);
    const Rows rows = run(select_one, parameters, snapshot);
    if (rows.size() == 0)
        return std::nullopt;
    const bool with_scripts = true;
    StoredRevision found = stored_revision(rows, 0, with_scripts);
    const Rows labels = run(select_labels_of_one, parameters, snapshot);
    for (std::uint64_t row = 0; row < labels.size(); ++row)
        found.branch_labels.push_back(labels.text(row, 1));
    return found;
}

bool Catalogue::stands_alone(const StoredRevision &revision, Snapshot snapshot)
{
    check_tables();
    std::vector<std::string> taken = revision.branch_labels;
    if (std::find(taken.begin(), taken.end(), revision.revision) != taken.end())
        return false;
    taken.push_back(revision.revision);
    for (const std::string &name : taken)
        for (const auto *list : {&revision.down_revision, &revision.depends_on})
            if (std::find(list->begin(), list->end(), name) != list->end())
                return false;
    const OwnerScope owner(owner_);
    const SettingScope by_index(plan_by_index, "off");
    Values parameters;
    parameters.text_array(taken).text(revision.revision);
    return run(select_references, parameters, snapshot).size() == 0;
}

std::vector<std::pair<std::string, std::string>> Catalogue::find_beginnings(const std::vector<std::string> &names)
{
    std::vector<std::pair<std::string, std::string>> found;
    if (names.empty())
        return found;
    const OwnerScope owner(owner_);
    const SettingScope by_index(plan_by_index, "off");
    Values parameters;
    parameters.text_array(names);
    const Rows rows = run(select_beginnings, parameters);
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        found.emplace_back(rows.text(row, 1), rows.text(row, 2));
    return found;
}

// The caller has assumed the owner's rights.
void Catalogue::read_labels(std::vector<StoredRevision> &revisions, Snapshot snapshot)
{
    Values none;
    const Rows labels = run(select_labels, none, snapshot);
    if (labels.size() == 0)
        return;
    std::unordered_map<std::string_view, StoredRevision *> by_id;
    for (StoredRevision &revision : revisions)
        by_id.emplace(revision.revision, &revision);
    for (std::uint64_t row = 0; row < labels.size(); ++row) {
        const auto found = by_id.find(labels.text(row, 2));
        if (found != by_id.end())
            found->second->branch_labels.push_back(labels.text(row, 1));
    }
}

bool script_is_running()
{
    return running_script;
}

void set_script_running(bool running)
{
    running_script = running;
}

void require_writable(const char *function)
{
    if (running_script)
        throw core::Error(core::sqlstate::running_already,
                          std::string(function) + " cannot be called by a migration script")
            .detail("A script of this session is running.");
    call([&] {
        PreventCommandDuringRecovery(function);
        PreventCommandIfReadOnly(function);
    });
}

} // namespace pgmigrate::pg
