// SPDX-License-Identifier: PostgreSQL
#pragma once

// pg_migrate's own tables, read and written with the rights of their owner.

#include "core/plan.hpp"
#include "core/version_rows.hpp"
#include "executor/database.hpp"
#include "pg/scopes.hpp"
#include "pg/spi.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

extern "C" {
#include "utils/relcache.h"
}

namespace pgmigrate::pg
{

using Timestamp = std::int64_t;

// A row of migrate.revision.
struct StoredRevision {
    std::string revision;
    std::vector<std::string> down_revision;
    std::vector<std::string> depends_on;
    std::vector<std::string> branch_labels;
    std::string message;
    std::string checksum;
    std::optional<Timestamp> created_at;
    std::string created_by;
    std::optional<std::string> up;
    std::optional<std::string> down;
};

// A row of migrate.version.
struct VersionRow {
    std::string revision;
    std::optional<Timestamp> applied_at;
    std::string applied_by;
};

enum class RunOperation { upgrade, downgrade, stamp, script };
enum class RunOutcome { done, failed, cancelled, interrupted };

// How a statement or a run has failed.
struct Failure {
    std::string sqlstate;
    std::string message;
    std::string detail;
    std::string hint;
    std::string context;
};

// A row of migrate.run, as far as somebody who waits for it needs it.
struct StoredRun {
    std::int64_t run = 0;
    std::string state;
    std::string outcome;
    int pid = 0;
    std::string requested_by;
    Failure failure;
    Timestamp started_at = 0;
};

// A row of migrate.journal: a revision that has been begun and is not complete.
struct JournalEntry {
    std::optional<std::string> schema;
    std::string revision;
    std::string direction;
    std::int64_t run = 0;
    int done = 0;
    bool running = false; // statement done + 1
    std::vector<std::string> fingerprints;
    std::vector<Oid> objects_before;
    Timestamp started_at = 0;
    // Of the session, as the statements that are done have left it; none where that is not known.
    std::optional<executor::SettingValues> settings; // those that have been changed since the revision was begun
    std::vector<std::string> temporary;              // the names of its temporary objects
    std::optional<std::string> search_path;          // of the caller
    std::optional<std::string> origin;               // where objects_before are known: oids_are_of()
};

// What migrate.snapshot keeps of the schema.
struct KeptSnapshot {
    std::int64_t fingerprint = 0; // schema_fingerprint()
    std::string content;          // model::encode()
};

// A row of migrate.log that is to be written.
struct LogEntry {
    std::int64_t run = 0;
    std::string revision;
    std::string direction;
    std::optional<std::string> schema;
    std::optional<std::string> tag;
    std::optional<std::string> checksum;
    Timestamp started_at = 0;
    Timestamp finished_at = 0;
    int statements = 0;
    std::string note;
    std::optional<Failure> failure;
    std::optional<std::string> applied_by; // who, where it is not the caller
};

// Held for the length of one SQL call. The tables stay open, so that no statement of a script can drop or redefine them
// underneath: the server refuses that for a table in use. They are checked before each use for what an owner could have
// planted on them.
class Catalogue
{
  public:
    // Checks that the caller may execute the function that is running, finds the extension it belongs to, connects to
    // SPI.
    explicit Catalogue(FunctionCallInfo fcinfo);
    // The same in a background worker, on behalf of the `caller` of `function`; what is written names him and his
    // client.
    Catalogue(Oid function, const Identity &caller, const std::optional<std::string> &client_addr);
    // For a background worker that writes down how a run has ended, even if the caller has lost his rights meanwhile or
    // is gone: he had them, and the name, when it began.
    Catalogue(Oid function, const Identity &caller, const std::optional<std::string> &client_addr,
              const std::string &caller_name);
    Catalogue(const Catalogue &) = delete;
    Catalogue &operator=(const Catalogue &) = delete;
    ~Catalogue();

    Oid function() const { return function_; }
    Oid extension() const { return extension_; }
    Oid owner() const { return owner_; }
    Oid schema() const { return schema_; } // where the functions are
    const Identity &caller() const { return caller_; }
    const std::string &caller_name() const { return caller_name_; }

    // Reading. `snapshot`: null for what the calling transaction sees.
    core::RevisionGraph read_graph(core::InterruptCheck &interrupts, Snapshot snapshot = nullptr);
    std::vector<VersionRow> read_version(const std::optional<std::string> &schema, Snapshot snapshot = nullptr);
    // All version lines, for what must hold in each of them.
    std::vector<std::string> read_all_version_rows(Snapshot snapshot = nullptr);
    // In the order of `ids`; the scripts only on demand, with a derived down script where there is no other.
    std::vector<StoredRevision> read_revisions(const std::vector<std::string> &ids, bool with_scripts,
                                               Snapshot snapshot = nullptr);
    // Everything but the scripts, in the byte order of the ids.
    std::vector<StoredRevision> read_all_revisions(Snapshot snapshot = nullptr);
    std::optional<StoredRevision> find_revision(const std::string &id, Snapshot snapshot = nullptr);
    // True when nothing that is registered can be in conflict with the revision: nothing refers to it by its id or
    // labels, and none of its names is taken by another revision. (Then it cannot close a cycle either.)
    bool stands_alone(const StoredRevision &revision, Snapshot snapshot = nullptr);
    // Those of the names that nothing has, and that are the beginning of an id: each with the first such id.
    std::vector<std::pair<std::string, std::string>> find_beginnings(const std::vector<std::string> &names);

    // Writing. The caller's level and the rules are checked before.
    void insert_revision(const StoredRevision &revision);
    void update_revision(const StoredRevision &revision);
    void delete_revision(const std::string &id);
    // A down script that pg_migrate has computed.
    void set_derived_down(const std::string &id, const std::string &script);
    std::int64_t begin_run(RunOperation operation, const std::string &target, const std::optional<std::string> &schema,
                           const std::optional<std::string> &tag, bool queued = false);
    void set_run_running(std::int64_t run);
    void set_run_pid(std::int64_t run, int pid);
    void finish_run(std::int64_t run, RunOutcome outcome = RunOutcome::done,
                    const std::optional<Failure> &failure = std::nullopt);
    std::optional<StoredRun> find_run(std::int64_t run, Snapshot snapshot = nullptr);
    // The newest that the process has begun.
    std::int64_t run_of_process(int pid);
    // The runs of the line that are not finished.
    std::vector<StoredRun> unfinished_runs(const std::optional<std::string> &schema);
    std::optional<JournalEntry> read_journal(const std::optional<std::string> &schema, Snapshot snapshot = nullptr);
    // In any version line.
    bool is_begun(const std::string &revision, Snapshot snapshot = nullptr);
    void write_journal(const JournalEntry &entry);
    // True if there was an entry.
    bool clear_journal(const std::optional<std::string> &schema);
    // What the log says of the run: a result per revision that is done, in order.
    struct LoggedStep {
        std::string revision;
        std::string direction;
        std::int64_t statements = 0;
        Timestamp duration = 0;
    };
    std::vector<LoggedStep> logged_steps(std::int64_t run);
    void write_version_changes(const std::vector<core::RowChange> &changes, const std::optional<std::string> &schema,
                               std::int64_t run);
    void log(const LogEntry &entry);
    // The schema as the last run of the line left it, in the form of model::encode().
    void write_snapshot(const std::optional<std::string> &schema, std::int64_t run, const KeptSnapshot &snapshot);
    void forget_snapshot(const std::optional<std::string> &schema);
    std::optional<KeptSnapshot> read_snapshot(const std::optional<std::string> &schema);
    // That have, or had, a version line of their own.
    std::vector<std::string> schemas_of_lines();

  private:
    enum Table {
        revision_table,
        branch_label_table,
        version_table,
        run_table,
        journal_table,
        log_table,
        snapshot_table,
        table_count
    };

    void connect();
    // Also keeps the name of the caller.
    void check_rights();
    void find_extension();
    void open_tables();
    void check_tables() const;
    void check_unchanged() const;
    // Not in a database that has not been updated since 0.1.
    bool journal_tells_session() const;
    void check_sequence() const;
    void write_labels(const StoredRevision &revision);
    void read_labels(std::vector<StoredRevision> &revisions, Snapshot snapshot);
    void change_one(Query &query, Values &values, const char *verb, const std::string &revision);

    Oid function_;
    Identity caller_;
    std::string caller_name_;
    std::optional<std::string> client_addr_; // where the process has no client of its own
    Oid extension_ = InvalidOid;
    Oid owner_ = InvalidOid;
    Oid schema_ = InvalidOid;
    Relation tables_[table_count] = {};
    std::string shapes_[table_count]; // as they were opened
    std::optional<SpiConnection> spi_;
};

// True while a script of this session is running.
bool script_is_running();
void set_script_running(bool running);

// Throws unless `function` may change something now: not on a standby, not in a read-only transaction, not from within
// a script.
void require_writable(const char *function);

} // namespace pgmigrate::pg
