#!/usr/bin/env python3
"""META.json holds to version 1 of PGXN's meta specification, and all that names a version names the same. Prints every violation; fails if there is one."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
RANGE = re.compile(r"\s*(==|!=|<=|>=|<|>)?\s*(0|%s)\s*" % SEMVER.pattern)
TERM = re.compile(r"[^\s/\\\x00-\x1f]{2,}")
TAG = re.compile(r"[^/\\\x00-\x1f]{1,255}")
# Which keys there may be, by the path that leads to them; those that there must be.
KEYS = {
    "": "name abstract description version maintainer license release_status provides prereqs resources no_index tags generated_by meta-spec",
    "meta-spec": "version url",
    "no_index": "file directory",
    "resources": "homepage bugtracker repository",
    "provides.*": "file version abstract docfile",
    "prereqs": "configure build test runtime develop",
    "prereqs.*": "requires recommends suggests conflicts",
}
REQUIRED = {"": "name abstract version maintainer license provides meta-spec", "meta-spec": "version", "provides.*": "file version"}
violations = []


def complain(text):
    violations.append(text)


def expect(condition, text):
    if not condition:
        complain(text)
    return condition


def no_key_twice(pairs):
    keys = [key for key, _ in pairs]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        complain(f"META.json: {key} stands there twice")
    return dict(pairs)


def check_keys(value, path):
    """Whether value is a map that has the keys that it must have and no others, but those that begin with x_."""
    shown = path or "META.json"
    if not expect(isinstance(value, dict), f"META.json: {shown} is not a map"):
        return {}
    pattern = path if path in KEYS else re.sub(r"[.][^.]+$", ".*", path)
    for key in value:
        expect(key in KEYS[pattern].split() or key.lower().startswith("x_"), f"META.json: {shown} has the unknown key {key}")
    for key in REQUIRED.get(pattern, "").split():
        expect(key in value, f"META.json: {shown} has no {key}")
    return value


def is_text(value, pattern=None):
    return isinstance(value, str) and value != "" and (pattern is None or pattern.fullmatch(value) is not None)


def is_texts(value, pattern=None):
    values = value if isinstance(value, list) else [value]
    return len(values) > 0 and all(is_text(each, pattern) for each in values)


def is_range(value):
    return value == 0 and not isinstance(value, bool) or isinstance(value, str) and all(RANGE.fullmatch(part) for part in value.split(","))


def check_specification(meta):
    check_keys(meta, "")
    for key in ("abstract", "description", "generated_by"):
        expect(key not in meta or is_text(meta[key]), f"META.json: {key} is not a text")
    expect(is_text(meta.get("name"), TERM), "META.json: name is not a term: two characters or more, without blanks and slashes")
    expect(is_text(meta.get("version"), SEMVER), "META.json: version is not a semantic version, such as 1.2.3")
    expect(is_texts(meta.get("maintainer")), "META.json: maintainer is not a text, nor a list of them")
    expect(meta.get("license") == "postgresql", "META.json: license is not that of LICENSE, postgresql")
    expect(meta.get("release_status", "stable") in ("stable", "testing", "unstable"), "META.json: release_status is not stable, testing or unstable")
    expect("tags" not in meta or is_texts(meta["tags"], TAG), "META.json: tags are not a list of texts of less than 256 characters")
    spec = check_keys(meta.get("meta-spec"), "meta-spec")
    expect(is_text(spec.get("version"), re.compile(r"1[.]0[.]\d+")), "META.json: version of meta-spec is not 1.0.x")
    for paths in check_keys(meta.get("no_index", {}), "no_index").values():
        for path in paths:
            expect((ROOT / path).exists(), f"META.json: no_index has {path}, which does not exist")
    for phase, relations in check_keys(meta.get("prereqs", {}), "prereqs").items():
        for relation, extensions in check_keys(relations, f"prereqs.{phase}").items():
            for extension, versions in extensions.items():
                expect(is_text(extension, TERM) and is_range(versions), f"META.json: prereqs.{phase}.{relation} has no range of versions for {extension}")


def control_file(name):
    """The settings of a control file."""
    text = (ROOT / f"{name}.control").read_text(encoding="utf-8")
    return {key: value.replace("''", "'") for key, value in re.findall(r"^(\w+) *= *'?((?:[^'\n]|'')*)'?", text, re.M)}


def check_extensions(meta, tracked):
    controls = sorted(Path(path).stem for path in tracked if re.fullmatch(r"[^/]+[.]control", path))
    provides = meta.get("provides")
    if not expect(isinstance(provides, dict), "META.json: provides is not a map"):
        return
    expect(sorted(provides) == controls, f"META.json: provides has {sorted(provides)}, and the tree has control files of {controls}")
    for name in sorted(set(provides) & set(controls)):
        entry = check_keys(provides[name], f"provides.{name}")
        for key in ("file", "docfile"):
            expect(key not in entry or entry[key] in tracked, f"META.json: {key} of {name} is {entry.get(key)}, which git does not have")
        control = control_file(name)
        expect(entry.get("abstract") == control.get("comment"), f"META.json: abstract of {name} is not the comment of {name}.control")
        expect(entry.get("version") == meta.get("version"), f"META.json: {name} has another version than the distribution")
        check_versions(name, str(meta.get("version")), control.get("default_version", ""), tracked)


def numbers(version):
    return tuple(int(part) for part in version.split("."))


def check_versions(name, version, sql_version, tracked):
    """The version that SQL knows is major.minor of the distribution's: see docs/versions.md."""
    if not expect(re.fullmatch(r"\d+[.]\d+", sql_version), f"{name}.control: default_version {sql_version} is not of the form major.minor"):
        return
    expect(version.split("-")[0].rpartition(".")[0] == sql_version, f"META.json: version {version}, and default_version of {name}.control is {sql_version}")

    # The upgrade scripts lead from every release to this one.
    leads_to, kept = {}, set()
    for path in tracked:
        if not path.startswith("install/upgrade/"):
            continue
        match = re.fullmatch(rf"install/upgrade/{name}--(\d+[.]\d+)(?:--(\d+[.]\d+))?[.]sql", path)
        if expect(match, f"{path}: not named {name}--from--to.sql or {name}--release.sql, with versions of the form major.minor"):
            start, end = match.groups()
            if end is None:
                kept.add(start)
                continue
            expect(numbers(start) < numbers(end) <= numbers(sql_version), f"{path}: does not lead to a later version, {sql_version} at most")
            leads_to.setdefault(start, set()).add(end)
    released = re.findall(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    for release in released:
        if not expect(SEMVER.fullmatch(release), f"CHANGELOG.md: {release} is not a semantic version"):
            continue
        old = release.split("-")[0].rpartition(".")[0]
        expect(old == sql_version or old in kept, f"install/upgrade/{name}--{old}.sql, what release {release} has installed, is not kept")
        reached, waiting = {old}, [old]
        while waiting:
            for end in leads_to.get(waiting.pop(), ()):
                if end not in reached:
                    reached.add(end)
                    waiting.append(end)
        expect(sql_version in reached, f"install/upgrade: no script leads from {old}, which was released, to {sql_version}")
    expect(not released or released[0] == version or "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
           f"CHANGELOG.md: the latest release is {released and released[0]}, and META.json says {version}")

    changelog = (ROOT / "debian/changelog").read_text(encoding="utf-8").split("\n")[0]
    match = re.match(r"pg-migrate \((\S+)-[^-)]+\) ", changelog)
    # What comes before a release is "0.2.0-rc1" to PGXN and "0.2.0~rc1" to Debian, so that it sorts before it.
    expect(match and match.group(1).replace("~", "-") == version, f"debian/changelog: begins with {changelog!r}, and META.json says {version}")


def check_servers(meta):
    """The oldest server is named in three places."""
    oldest = meta.get("prereqs", {}).get("runtime", {}).get("requires", {}).get("PostgreSQL", "")
    built = (ROOT / "debian/pgversions").read_text(encoding="utf-8").split()
    expect(built == [str(oldest).split(".")[0] + "+"], f"debian/pgversions: {built}, and META.json needs PostgreSQL {oldest}")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    expect(f"PostgreSQL {str(oldest).split('.')[0]} or newer" in readme, f"README.md: does not say that PostgreSQL {str(oldest).split('.')[0]} or newer is needed")


def main():
    tracked = set(subprocess.run(["git", "-C", ROOT, "-c", f"safe.directory={ROOT}", "ls-files"], check=True, capture_output=True, text=True).stdout.split("\n"))
    try:
        meta = json.loads((ROOT / "META.json").read_text(encoding="utf-8"), object_pairs_hook=no_key_twice)
    except ValueError as error:
        sys.exit(f"META.json: no JSON: {error}")
    check_specification(meta)
    check_extensions(meta, tracked)
    check_servers(meta)
    for violation in violations:
        print(violation)
    if not violations:
        print(f"META.json: {meta['name']} {meta['version']}, as PGXN specifies it, and as everything else says")
    sys.exit(bool(violations))


main()
