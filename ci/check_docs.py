#!/usr/bin/env python3
"""The manual shows what the tests run, and leaves nothing out. Prints every violation; fails if there is one."""

import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANUAL = sorted((ROOT / "docs").glob("*.md")) + [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")]
# In these, and in the pages from-*.md, every SQL statement and every answer of the server is one that the tests produce.
EXECUTED = {"tutorial.md", "README.md"}
# Here these are pieces of the programs of test/drivers, in their languages.
DRIVERS = {"drivers.md"}
LANGUAGES = {".py": ("python", "sql"), ".sh": ("bash",), ".java": ("java",), ".js": ("javascript",), ".c": ("c",), ".ini": ("ini",)}
violations = []


def complain(path, text):
    violations.append(f"{path.relative_to(ROOT)}: {text}")


def lines_of(path):
    return [line.rstrip() for line in path.read_text(encoding="utf-8").split("\n")]


def contains(lines, block):
    count = len(block)
    return any(lines[i : i + count] == block for i in range(len(lines) - count + 1))


def contains_dedented(lines, block):
    """As a piece of a program is shown, which may stand in a class there."""
    count = len(block)
    return any(textwrap.dedent("\n".join(lines[i : i + count])).split("\n") == block for i in range(len(lines) - count + 1))


def blocks_of(lines):
    """Yields (line number, marker, language, block) of the fenced blocks; those in a list are indented."""
    marker, start, language, indent = None, None, "", ""
    for number, line in enumerate(lines, 1):
        if start is not None:
            if line == indent + "```":
                yield start, marker, language, [text.removeprefix(indent) for text in lines[start : number - 1]]
                marker, start = None, None
        elif match := re.fullmatch(r"( *)```(.*)", line):
            start, (indent, language) = number, match.groups()
        elif match := re.fullmatch(r" *<!-- (example|output): ([\w/.-]+) -->", line):
            marker = match.groups()
        elif line:
            marker = None


def check_blocks(path):
    shown = set()
    for number, marker, language, block in blocks_of(lines_of(path)):
        where = f"line {number}"
        if marker is None:
            if path.name in DRIVERS or (path.name in EXECUTED or path.name.startswith("from-")) and language in ("sql", "python", "text", ""):
                complain(path, f"{where}: a block of code or output that names no example")
            continue
        kind, name = marker
        shown.add(name)
        # A name with a folder is that of a file, which a TAP test runs or compares; one without is of an example of pg_regress.
        if name.startswith("drivers/"):
            source = ROOT / "test" / name
        elif "/" in name:
            source = ROOT / "examples" / name
        else:
            source = ROOT / ("examples/sql" if kind == "example" else "examples/expected") / (name + (".sql" if kind == "example" else ".out"))
        if (kind == "example") != (language in LANGUAGES.get(source.suffix, ("sql", "python"))):
            complain(path, f"{where}: marked {kind}, but its language is {language or 'none'}")
        if not source.exists():
            complain(path, f"{where}: there is no {source.relative_to(ROOT)}")
        elif not (contains_dedented if name.startswith("drivers/") else contains)(lines_of(source), block):
            complain(path, f"{where}: not as in {source.relative_to(ROOT)}")
    return shown


def anchor(heading):
    text = re.sub(r"[^\w\- ]", "", heading.lower().replace("`", ""))
    return text.strip().replace(" ", "-")


def check_links(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.exists():
            complain(path, f"link to {target}: no such file")
        elif fragment and file.suffix == ".md":
            headings = [anchor(line.lstrip("#").strip()) for line in lines_of(file) if re.match(r"#+ ", line)]
            if fragment not in headings:
                complain(path, f"link to {target}: no such heading")


def section(text, heading):
    """The text below a heading, up to the next heading of the same or a higher level."""
    match = re.search(rf"^(#+) `?{re.escape(heading)}`?.*$", text, flags=re.M)
    if not match:
        return None
    rest = text[match.end() :]
    following = re.search(rf"^#{{1,{len(match[1])}}} ", rest, flags=re.M)
    return rest[: following.start()] if following else rest


def words(declaration):
    """The names in `a text, b text[] DEFAULT NULL, ...`."""
    return [part.split()[0] for part in declaration.split(",") if part.split()]


def check_reference(install):
    path = ROOT / "docs/reference.md"
    text = path.read_text(encoding="utf-8")

    def expect(heading, names, what):
        body = section(text, heading)
        if body is None:
            complain(path, f"no heading for {heading}")
            return
        for name in names:
            if f"`{name}`" not in body:
                complain(path, f"{heading}: nothing about the {what} {name}")

    functions = re.findall(r"CREATE FUNCTION @extschema@\.(\w+)\((.*?)\)\s*RETURNS (TABLE \((.*?)\)|\w+)", install, flags=re.S)
    if not functions:
        complain(path, "found no function in install/")
    for name, parameters, _, columns in functions:
        expect(f"{name}(", words(parameters), "parameter")
        # The columns of the functions that list revisions are described once.
        if "is_branch_point" not in columns:
            expect(f"{name}(", words(columns), "column")
    for table, body in re.findall(r"CREATE TABLE (migrate\.\w+) \((.*?)\n\);", install, flags=re.S):
        columns = [line.split()[0] for line in body.strip().split("\n") if re.match(r"    [a-z_]+ [a-z]", line) or re.match(r"[a-z_]+ [a-z]", line)]
        expect(table, columns, "column")
    for view, columns in re.findall(r"CREATE VIEW (migrate\.\w+) \((.*?)\)", install, flags=re.S):
        expect(view, [name.strip() for name in columns.split(",")], "column")
    for column in ("revision down_revision depends_on branch_labels message is_head is_branch_point is_merge_point "
                   "is_current is_applied created_at created_by").split():
        expect("Columns that describe a revision", [column], "column")
    settings = re.findall(r'"(pg_migrate\.\w+)"', (ROOT / "src/pg/settings.cpp").read_text(encoding="utf-8"))
    for setting in settings:
        expect(setting, [], "")


def check_errors():
    path = ROOT / "docs/errors.md"
    documented = set(re.findall(r"^\| `([0-9A-Z]{5})` ", path.read_text(encoding="utf-8"), flags=re.M))
    named = {}
    for match in re.finditer(r'(\w+) = "([0-9A-Z]{5})";', (ROOT / "src/core/error.hpp").read_text(encoding="utf-8")):
        named[match[1]] = match[2]
    used = {}
    for source in sorted((ROOT / "src").rglob("*.cpp")):
        text = source.read_text(encoding="utf-8")
        for name in re.findall(r"sqlstate::(\w+)", text):
            if name in named:
                used[named[name]] = source
        for code in re.findall(r'Error\([^"()]*"([0-9A-Z]{5})"', text) + re.findall(r'(?:\? |: )"((?=[A-Z]*[0-9])[0-9A-Z]{5})"', text):
            used[code] = source
        # Errors of the server to which advice is added.
        for code in re.findall(r'(?:code|sqlstate\(\)) == "([0-9A-Z]{5})"', text):
            used[code] = source
    for source in (*(ROOT / "src/core").rglob("*.cpp"),):
        for name in re.findall(r"\bsqlstate::(\w+)", source.read_text(encoding="utf-8")):
            if name in named:
                used[named[name]] = source
    for code, source in sorted(used.items()):
        if code not in documented:
            complain(path, f"no row for {code}, which {source.relative_to(ROOT)} uses")
    for code in sorted(documented):
        if code.startswith("MG") and code not in used:
            complain(path, f"{code} is raised nowhere")


def main():
    shown = set()
    for path in MANUAL:
        shown |= check_blocks(path)
        check_links(path)
    for example in sorted((ROOT / "examples/sql").glob("*.sql")):
        if example.stem not in shown:
            complain(example, "shown nowhere in the manual")
        if not (ROOT / "examples/expected" / (example.stem + ".out")).exists():
            complain(example, "has no expected output")
    for example in sorted((ROOT / "examples/sqlalchemy").glob("*.*")):
        if f"sqlalchemy/{example.name}" not in shown:
            complain(example, "shown nowhere in the manual")
    for program in sorted((ROOT / "test/drivers").glob("[wW]ith*.*")):
        if f"drivers/{program.name}" not in shown:
            complain(program, "shown nowhere in the manual")
    check_reference("\n".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "install").glob("*.sql"))))
    check_errors()
    for violation in violations:
        print(violation)
    if not violations:
        print("docs: the manual shows what the tests run")
    sys.exit(1 if violations else 0)


main()
