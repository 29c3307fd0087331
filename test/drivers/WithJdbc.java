// SPDX-License-Identifier: PostgreSQL
// The tutorial's workflow through JDBC.

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

public class WithJdbc {

    static Connection connect(String url, Properties properties) throws SQLException {
        Connection connection = DriverManager.getConnection(url, properties); // jdbc:postgresql://host:port/database
        connection.setAutoCommit(true); // the default of JDBC, but not of most pools and frameworks
        return connection;
    }

    static void register(Connection connection, Path directory) throws SQLException, IOException {
        TreeSet<Path> files = new TreeSet<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.sql")) {
            found.forEach(files::add);
        }
        for (Path file : files) {
            try (Statement statement = connection.createStatement()) { // no PreparedStatement: a ? is a ?
                statement.setEscapeProcessing(false); // and a {fn …} is none of JDBC
                statement.execute(Files.readString(file));
            }
        }
    }

    static List<String> upgrade(Connection connection, String target) throws SQLException {
        List<String> revisions = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT revision FROM migrate_upgrade(?)")) {
            statement.setString(1, target);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) revisions.add(rows.getString("revision"));
            } finally {
                for (SQLWarning notice = statement.getWarnings(); notice != null; notice = notice.getNextWarning())
                    say(notice.getMessage());
            }
        }
        return revisions;
    }

    static void show(SQLException exception) {
        System.out.println(exception.getSQLState() + " " + exception.getMessage());
        if (exception instanceof PSQLException error && error.getServerErrorMessage() != null) {
            ServerErrorMessage server = error.getServerErrorMessage();
            System.out.println(server.getDetail() + "\n" + server.getHint() + "\n" + server.getWhere());
        }
    }

    // What follows are the tests.

    static final boolean POOLED = "1".equals(System.getenv("DRIVERS_POOLED"));
    static final String INITIAL = "Running upgrade  -> 1975ea83b712, initial schema";
    static final String NOTES = "Running upgrade 1975ea83b712 -> 27c6a30d7c24, add review_notes to extractions";
    static final String INDEX = "Running upgrade 27c6a30d7c24 -> 3a7fd0561820, 100 % of them by status: faster?";
    static final String REGISTER =
        "SELECT migrate_revision(revision => ?, down_revision => ?, message => ?, up => ?, down => ?)";
    static final String[] BY_STATUS = {"3a7fd0561820", "27c6a30d7c24", "100 % of them by status: faster?",
        "-- %s, %(up)s, ?, :up, $1, {fn now()}\nCREATE INDEX CONCURRENTLY by_status ON extractions (status)",
        "DROP INDEX CONCURRENTLY by_status"};
    static final String[] VERDICT = {"4b80e1672931", "3a7fd0561820", "extractions have a verdict",
        "ALTER TYPE verdict ADD VALUE IF NOT EXISTS 'bad';\n"
            + "ALTER TABLE extractions ADD COLUMN verdict verdict NOT NULL DEFAULT 'bad'",
        "ALTER TABLE extractions DROP COLUMN verdict"};
    static final String[] ONE_PER_CONTRACT = {"5c91f2783a42", "4b80e1672931", "one extraction per contract",
        "ALTER TABLE extractions ADD COLUMN reviewed_at timestamptz;\n"
            + "ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id)",
        "ALTER TABLE extractions DROP CONSTRAINT one_per_contract;\nALTER TABLE extractions DROP COLUMN reviewed_at"};
    static final String WRITING = "LOCK TABLE extractions IN ROW EXCLUSIVE MODE";
    static final String WAITS = "SELECT count(*) FROM migrate.progress"
        + " WHERE revision = '3a7fd0561820' AND starts_with(phase, 'waiting for writers')";
    static final String VALID_INDEX = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('by_status')";

    static int failed = 0;
    static final List<String> said = new ArrayList<>();

    static synchronized void say(String notice) {
        System.out.println(notice);
        said.add(notice);
    }

    static synchronized List<String> notices() {
        List<String> all = List.copyOf(said);
        said.clear();
        return all;
    }

    static void fact(String what, Object actual, Object expected) {
        if (Objects.equals(actual, expected)) {
            System.out.println("ok - " + what);
            return;
        }
        ++failed;
        System.out.println("not ok - " + what + "\n#      got: " + actual + "\n# expected: " + expected);
    }

    interface Action {
        void run() throws Exception;
    }

    // The exception that the action raises; null if it raises none.
    static SQLException raised(Action action) throws Exception {
        try {
            action.run();
            return null;
        } catch (SQLException exception) {
            return exception;
        }
    }

    static String state(SQLException exception) {
        return exception == null ? "no error" : exception.getSQLState();
    }

    static ServerErrorMessage server(SQLException exception) {
        return exception instanceof PSQLException error ? error.getServerErrorMessage() : null;
    }

    // An error's fields as psql shows them.
    static String shown(SQLException exception) {
        ServerErrorMessage server = server(exception);
        if (server == null) return String.valueOf(exception);
        StringBuilder text = new StringBuilder("ERROR:  " + server.getMessage() + "\n");
        if (server.getDetail() != null) text.append("DETAIL:  ").append(server.getDetail()).append("\n");
        if (server.getHint() != null) text.append("HINT:  ").append(server.getHint()).append("\n");
        if (server.getWhere() != null) text.append("CONTEXT:  ").append(server.getWhere()).append("\n");
        return text.toString();
    }

    static String environment(String name, String otherwise) {
        return Objects.requireNonNullElse(System.getenv(name), otherwise);
    }

    static Connection open(String... settings) throws SQLException {
        String host = environment("PGHOST", "localhost");
        String url = "jdbc:postgresql://" + (host.startsWith("/") ? "localhost" : host) + ":" + environment("PGPORT", "5432")
            + "/" + environment("PGDATABASE", "postgres");
        Properties properties = new Properties();
        properties.setProperty("user", environment("PGUSER", "postgres"));
        properties.setProperty("password", environment("PGPASSWORD", ""));
        // A pooler that knows nothing of prepared statements.
        if (POOLED) properties.setProperty("prepareThreshold", "0");
        for (int i = 0; i + 1 < settings.length; i += 2) properties.setProperty(settings[i], settings[i + 1]);
        return connect(url, properties);
    }

    static Connection openWithoutAutocommit(String... settings) throws SQLException {
        Connection connection = open(settings);
        connection.setAutoCommit(false);
        return connection;
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    // The first column, its values joined.
    static String column(Connection connection, String sql, Object... parameters) throws SQLException {
        List<String> values = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; ++i) statement.setObject(i + 1, parameters[i]);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) values.add(rows.getString(1));
            }
        }
        return String.join(",", values);
    }

    static String applied(Connection connection) throws SQLException {
        return column(connection, "SELECT revision FROM migrate_current()");
    }

    static boolean waitUntil(Callable<Boolean> condition) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.call()) {
            if (System.nanoTime() > until) return false;
            Thread.sleep(20);
        }
        return true;
    }

    // What becomes of an action in another thread: its SQLSTATE, or "done".
    static CompletableFuture<String> inBackground(Action action) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                SQLException exception = raised(action);
                return exception == null ? "done" : exception.getSQLState();
            } catch (Exception exception) {
                return exception.toString();
            }
        });
    }

    static String ended(CompletableFuture<String> action) throws InterruptedException, ExecutionException {
        try {
            return action.get(30, TimeUnit.SECONDS);
        } catch (TimeoutException exception) {
            return "still running";
        }
    }

    static void registering(Path directory) throws Exception {
        try (Connection connection = open()) {
            execute(connection, "CREATE EXTENSION pg_migrate");
            register(connection, directory);
            fact("files are registered as they are", column(connection, "SELECT revision FROM migrate_heads()"), "27c6a30d7c24");
            String kept = column(connection, "SELECT up FROM migrate_show('27c6')");
            fact("to the letter", Files.readString(directory.resolve("27c6a30d7c24_add_review_notes.sql")).contains(kept), true);
            fact("a revision by parameters", column(connection, REGISTER, (Object[]) BY_STATUS), "3a7fd0561820");
            fact("to the letter, too", column(connection, "SELECT message || up || down FROM migrate_show('head')"),
                BY_STATUS[2] + BY_STATUS[3] + BY_STATUS[4]);
            try (PreparedStatement statement = connection.prepareStatement(REGISTER)) {
                for (String[] revision : new String[][] {VERDICT, BY_STATUS}) {
                    for (int i = 0; i < revision.length; ++i) statement.setString(i + 1, revision[i]);
                    statement.addBatch();
                }
                statement.executeBatch();
            }
            fact("and in a batch", column(connection, "SELECT revision FROM migrate_heads()"), "4b80e1672931");
        }
    }

    // What has been run five times the driver has the server prepare; after five more it is planned for any parameters.
    static void preparing() throws Exception {
        try (Connection connection = open(); PreparedStatement again = connection.prepareStatement(REGISTER);
             PreparedStatement up = connection.prepareStatement("SELECT revision FROM migrate_upgrade(?)");
             PreparedStatement down = connection.prepareStatement("SELECT revision FROM migrate_downgrade(?)")) {
            for (int i = 0; i < BY_STATUS.length; ++i) again.setString(i + 1, BY_STATUS[i]);
            up.setString(1, "27c6a30d7c24");
            down.setString(1, "base");
            int rows = 0;
            for (int turn = 0; turn < 12; ++turn)
                for (PreparedStatement statement : List.of(again, up, down))
                    try (ResultSet result = statement.executeQuery()) {
                        while (result.next()) ++rows;
                    }
            fact("registered again, up and down, twelve times", rows, 12 * 5);
            fact("nothing is left", column(connection, "SELECT count(*) FROM migrate.revision") + applied(connection), "4");
            String prepared = "SELECT count(*) || '/' || count(*) FILTER (WHERE generic_plans > 0) FROM pg_prepared_statements"
                + " WHERE statement ~ 'migrate_(revision|upgrade|downgrade)'";
            if (POOLED) System.out.println("# left out behind a pooler, for it needs a session: prepared statements");
            else fact("they were prepared, and planned for any parameters", column(connection, prepared), "3/3");
        }
    }

    static void inATransaction() throws Exception {
        try (Connection connection = openWithoutAutocommit()) {
            notices();
            fact("a run belongs to the transaction", upgrade(connection, "27c6a30d7c24"), List.of("1975ea83b712", "27c6a30d7c24"));
            fact("and tells what it does", notices(), List.of(INITIAL, NOTES));
        }
        try (Connection connection = openWithoutAutocommit()) {
            fact("without commit nothing stays", applied(connection), "");
            upgrade(connection, "27c6a30d7c24");
            connection.commit();
            fact("with commit it does", applied(connection), "27c6a30d7c24");
            fact("history", column(connection, "SELECT revision || ' ' || is_applied FROM migrate_history()"),
                "4b80e1672931 false,3a7fd0561820 false,27c6a30d7c24 true,1975ea83b712 true");
        }
    }

    static void withoutAutocommit(String forgotten) throws Exception {
        try (Connection connection = openWithoutAutocommit()) {
            notices();
            SQLException exception = raised(() -> upgrade(connection, "3a7fd0561820"));
            fact("without autocommit", state(exception), "25001");
            fact("the error says what to do", shown(exception), forgotten);
            fact("its text, too", exception.getMessage().contains("Hint: Commit or roll back, then call it by itself"), true);
            fact("and is all that there is", notices(), List.of());
            connection.setAutoCommit(true); // ends the transaction, unlike with other drivers
            fact("nothing is lost", applied(connection), "27c6a30d7c24");
            fact("as the hint says, it works", upgrade(connection, "3a7fd0561820"), List.of("3a7fd0561820"));
            fact("with its notice", notices(), List.of(INDEX));
        }
        // The other way of the hint, in the transaction that is open anyway.
        try (Connection connection = openWithoutAutocommit()) {
            long run = Long.parseLong(column(connection, "SELECT migrate_start(?, ?)", "-1", "downgrade"));
            connection.commit();
            connection.setAutoCommit(true);
            fact("migrate_start() in a transaction, migrate_wait() with autocommit",
                column(connection, "SELECT migrate_wait(?, CAST(? AS interval))", run, "1 minute"), "done");
            fact("it has run", applied(connection), "27c6a30d7c24");
        }
    }

    static void savepoints() throws Exception {
        // The driver sets a savepoint before each statement of a transaction.
        try (Connection connection = openWithoutAutocommit("autosave", "always")) {
            SQLException exception = raised(() -> upgrade(connection, "3a7fd0561820"));
            fact("autosave is a subtransaction", shown(exception).contains("The call is in a subtransaction"), true);
            fact("after which the transaction goes on", upgrade(connection, "27c6a30d7c24"), List.of());
            String run = column(connection, "SELECT migrate_start('3a7fd0561820')");
            connection.commit();
            connection.setAutoCommit(true);
            fact("migrate_start() in one", column(connection, "SELECT migrate_wait(?)", Long.parseLong(run)), "done");
            column(connection, "SELECT migrate_downgrade('27c6a30d7c24')");
            fact("with autocommit it does not matter", upgrade(connection, "3a7fd0561820"), List.of("3a7fd0561820"));
        }
        try (Connection connection = openWithoutAutocommit()) {
            Savepoint savepoint = connection.setSavepoint();
            fact("a savepoint is one", state(raised(() -> column(connection, "SELECT migrate_downgrade('-1')"))), "25001");
            connection.rollback(savepoint);
            fact("back to it, the transaction goes on", applied(connection), "3a7fd0561820");
        }
    }

    // The statements of other connections, too, that the server has prepared before a migration.
    static void preparedBefore() throws Exception {
        for (String autosave : new String[] {"never", "conservative", "always"})
            try (Connection connection = openWithoutAutocommit("autosave", autosave, "prepareThreshold", POOLED ? "0" : "1");
                 PreparedStatement all = connection.prepareStatement("SELECT * FROM extractions")) {
                all.executeQuery().close();
                fact("a column goes", column(connection, "SELECT revision FROM migrate_downgrade('-1')"), "5c91f2783a42");
                String expected = autosave.equals("never") && !POOLED ? "0A000" : "no error";
                fact("a SELECT * of before, autosave=" + autosave, state(raised(() -> all.executeQuery().close())), expected);
                connection.rollback();
            }
    }

    static void severalInOneString() throws Exception {
        try (Connection connection = open(); Statement statement = connection.createStatement()) {
            SQLException exception = raised(() -> statement.execute("SELECT 1; SELECT migrate_downgrade('-1')"));
            fact("several statements of a string are a pipeline", state(exception), "25001");
            fact("the hint names JDBC", String.valueOf(server(exception).getHint()).startsWith(
                "Send it by itself, or first behind a Sync. JDBC makes a pipeline of the statements of one string"), true);
            statement.addBatch("SELECT 1");
            statement.addBatch("SELECT migrate_downgrade('-1')");
            fact("so is a batch", state(raised(statement::executeBatch)), "25001");
            fact("nothing has been run", applied(connection), "3a7fd0561820");
            try (Connection simple = open("preferQueryMode", "simple"); Statement text = simple.createStatement()) {
                exception = raised(() -> text.execute("SELECT 1; SELECT migrate_downgrade('-1')"));
                fact("sent as one query", server(exception).getHint().split("\\.")[0],
                    "Send the call in a query string of its own (with psql: in a -c of its own)");
                fact("by itself it works", column(simple, "SELECT revision FROM migrate_downgrade('-1')"), "3a7fd0561820");
            }
        }
    }

    static void failing() throws Exception {
        try (Connection connection = open()) {
            upgrade(connection, "head");
            execute(connection, "INSERT INTO contracts (title) VALUES ('rent');"
                + "INSERT INTO extractions (contract_id) VALUES (1), (1)");
            column(connection, REGISTER, (Object[]) ONE_PER_CONTRACT);
            notices();
            SQLException exception = raised(() -> upgrade(connection, "head"));
            show(exception);
            fact("a migration that fails", state(exception), "23505");
            fact("as the server said it", shown(exception), "ERROR:  could not create unique index \"one_per_contract\"\n"
                + "DETAIL:  Key (contract_id)=(1) is duplicated.\n"
                + "CONTEXT:  SQL statement \"ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id)\"\n"
                + "revision \"5c91f2783a42\", statement 2, line 2\n");
            fact("after its notice", notices(), List.of("Running upgrade 4b80e1672931 -> 5c91f2783a42, one extraction per contract"));
            fact("nothing of it stays", applied(connection), "4b80e1672931");
            exception = raised(() -> upgrade(connection, "xyz"));
            fact("SQLSTATE of its own", state(exception), "MG001");
            fact("with a hint", server(exception).getHint(), "migrate_history() lists the revisions that are known.");
            execute(connection, "DELETE FROM extractions WHERE id = 2");
            fact("the data are mended", upgrade(connection, "head"), List.of("5c91f2783a42"));
        }
    }

    static void cancelling() throws Exception {
        try (Connection connection = open(); Connection writer = openWithoutAutocommit(); Connection watcher = open()) {
            column(connection, "SELECT migrate_downgrade('27c6a30d7c24')");
            execute(writer, WRITING);
            try (PreparedStatement statement = connection.prepareStatement("SELECT migrate_upgrade('3a7fd0561820')")) {
                CompletableFuture<String> caller = inBackground(statement::executeQuery);
                fact("the index build waits", waitUntil(() -> column(watcher, WAITS).equals("1")), true);
                statement.cancel();
                fact("cancelled, the call ends", ended(caller), "57014");
                Callable<Boolean> idle = () -> column(watcher, "SELECT count(*) FROM migrate.progress").equals("0");
                fact("and its worker", waitUntil(idle), true);
                fact("what is half done is known", column(watcher, "SELECT revision || ' ' || done || ' ' || running FROM migrate.journal"),
                    "3a7fd0561820 0 1");
                statement.setQueryTimeout(1);
                fact("a query timeout of the driver", state(raised(statement::executeQuery)), "57014");
                fact("ends the worker as well", waitUntil(idle), true);
            }
            writer.rollback();
            fact("the next call goes on", upgrade(connection, "head"), List.of("3a7fd0561820", "4b80e1672931", "5c91f2783a42"));
            fact("and repairs", column(watcher, VALID_INDEX), "t");
        }
    }

    static void cursors() throws Exception {
        try (Connection connection = openWithoutAutocommit(); Statement statement = connection.createStatement()) {
            statement.setFetchSize(1);
            try (ResultSet rows = statement.executeQuery("SELECT revision FROM migrate_downgrade('3a7fd0561820')")) {
                rows.next();
                fact("a cursor of the server returns the rows", rows.getString(1), "5c91f2783a42");
            }
            connection.commit();
            fact("all is done when the first of them is there", applied(connection), "3a7fd0561820");
        }
        try (Connection connection = open(); Statement statement = connection.createStatement()) {
            statement.setFetchSize(1);
            List<String> revisions = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery("SELECT revision FROM migrate_downgrade('base')")) {
                while (rows.next()) revisions.add(rows.getString(1));
            }
            fact("a fetch size, with autocommit", revisions, List.of("3a7fd0561820", "27c6a30d7c24", "1975ea83b712"));
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path here = Path.of(arguments[0]);
        registering(here.resolve("migrations"));
        preparing();
        inATransaction();
        withoutAutocommit(Files.readString(here.resolve("forgotten.txt")));
        savepoints();
        severalInOneString();
        failing();
        preparedBefore();
        cancelling();
        cursors();
        System.out.println("finished");
        System.exit(failed == 0 ? 0 : 1);
    }
}
