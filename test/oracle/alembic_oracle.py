#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""Compares the core layer with the installed Alembic on random revision graphs.

    alembic_oracle.py PROGRAM [--calls N] [--seed S]

PROGRAM is core_oracle. Every call is made on both sides; lists, their order, version rows and error texts must agree.
Where Alembic crashes or is known to be wrong, our answer must be of the kind that DEFECTS says; how often each was met
is printed. Any other difference is printed with all that is needed to repeat it, and makes the exit status 1.
"""

import argparse
import collections
import json
import random
import re
import subprocess
import sys
import warnings

from alembic.runtime.migration import HeadMaintainer
from alembic.script.base import ScriptDirectory
from alembic.script.revision import Revision, RevisionError, RevisionMap
from alembic.util import CommandError

# What is not copied, and what we must answer instead.
DEFECTS = {
    "upgrade X+N past the end": "assertion; an error about too few revisions",
    "upgrade X-N to base or below": "assertion; nothing to do, or an error",
    "downgrade L@-N without exactly one row": "assertion; an error that says so",
    "history through a dependency only": "assertion; the list",
    "history walking to base": "assertion or error; the list that starts at the root, or an error",
    "history -N with several heads": "a head nearer to base than N, if it comes first, makes Alembic count from the end",
    "history -N counted from current": "Alembic counts from the heads",
    "history of nothing applied": "Alembic lists everything for an empty `current`",
    "history on a branch named by a revision": "assertion, or nothing listed; that revision's line",
    "unknown branch not noticed": "Alembic takes any text before @ where it does not need it; an error",
    "walk from heads past base": "Alembic returns None or a string among revisions; an error, or base",
    "L@-N with a revision as L": "Alembic knows labels only there; that revision's line",
    "stamp of several targets": "KeyError, or a row is lost; each target gets its row",
    "stamp of overlapping targets": "Alembic writes rows that no later upgrade accepts; refused",
    "offline range without a side": "assertion; an error",
    "offline range from several heads": "an error; all heads are the start",
    "merge of what is implied": "KeyError; the rows are the maximal revisions",
    "rows under redundant edges": "KeyError, or an ancestor's row is left; the rows are the maximal revisions",
    "hidden cycle": "not found; found",
}

RELATIVE = re.compile(r"(?:(.+?)@)?(\w+)?((?:\+|-)\d+)")


class Module:
    @staticmethod
    def upgrade():
        pass

    @staticmethod
    def downgrade():
        pass


class Script(Revision):
    module = Module
    doc = ""


def keep_declared_order(self, revisions, map_):
    """As _normalize_depends_on, but dependencies stay in the order in which they are declared."""
    for revision in revisions:
        inherited = set()
        for ancestor in self._get_ancestor_nodes([revision], include_dependencies=False, map_=map_):
            if ancestor is not revision:
                inherited.update(ancestor._resolved_dependencies)
        revision._normalized_resolved_dependencies = tuple(
            d for d in dict.fromkeys(revision._resolved_dependencies) if d not in inherited
        )


RevisionMap._normalize_depends_on = keep_declared_order


def random_graph(rng):
    """Revisions in a shuffled load order, and labels; parents and dependencies only of earlier ones."""
    count = rng.randint(1, rng.choice([4, 10, 20, 40]))
    ids, revisions, names = [], [], set()
    while len(ids) < count:
        digits = "0123456789abcdef" if rng.random() < 0.6 else "ab"
        text = "".join(rng.choice(digits) for _ in range(rng.randint(4, 12)))
        if text not in names:
            names.add(text)
            ids.append(text)
    p_base, p_merge, p_dep, p_label, window = (
        rng.choice([0.0, 0.1, 0.3]),
        rng.choice([0.0, 0.2, 0.5]),
        rng.choice([0.0, 0.0, 0.2, 0.5]),
        rng.choice([0.0, 0.1, 0.4]),
        rng.choice([1, 3, 8, 40]),
    )
    labels = []
    for i, revision in enumerate(ids):
        down, deps, own = [], [], []
        before = ids[max(0, i - window):i]
        if before and rng.random() >= p_base:
            parents = 1 if rng.random() >= p_merge else rng.randint(2, 3)
            down = rng.sample(before, min(parents, len(before)))
        if i and rng.random() < p_dep:
            for _ in range(rng.randint(1, 3)):
                dep = rng.choice(labels)[0] if labels and rng.random() < 0.2 else rng.choice(ids[:i])
                if dep not in deps:
                    deps.append(dep)
        if rng.random() < p_label:
            label = rng.choice(["lab%d" % i, "branch%d" % i, revision[:4], revision[:3], rng.choice(ids)[:5]])
            if label not in names:
                names.add(label)
                own.append(label)
                labels.append((label, revision))
        revisions.append([revision, down, deps, own])
    rng.shuffle(revisions)
    return revisions


def add_back_edge(rng, revisions):
    revision = rng.choice(revisions)
    other = rng.choice(revisions)[0]
    names = revision[rng.choice([1, 2])]
    if other not in names:
        names.append(other)


class Alembic:
    """The parts of Alembic that the commands use, on a graph instead of a directory."""

    def __init__(self, revisions):
        self.directory = ScriptDirectory.__new__(ScriptDirectory)
        scripts = [
            Script(i, tuple(down), dependencies=tuple(deps) or None, branch_labels=tuple(own) or None)
            for i, down, deps, own in revisions
        ]
        self.map = RevisionMap(lambda: scripts)
        self.directory.revision_map = self.map
        self.map._revision_map

    def rows_of(self, steps, rows):
        class Implementation:
            @staticmethod
            def _exec(_):
                return None

        class Column:
            def __eq__(self, _):
                return True

        class Table:
            c = type("C", (), {"version_num": Column()})

            def __getattr__(self, _):
                return lambda *a, **k: self

        context = type("Context", (), {"impl": Implementation, "_version": Table(), "as_sql": True})
        maintainer = HeadMaintainer(context, rows)
        after = []
        for step in steps:
            maintainer.update_to_step(step)
            after.append(sorted(maintainer.heads))
        return after

    def plan(self, direction, target, rows):
        if ":" in target:
            raise CommandError("Range revision not allowed")
        plan = self.directory._upgrade_revs if direction == "upgrade" else self.directory._downgrade_revs
        steps = plan(target, tuple(rows))
        try:
            after = self.rows_of(steps, rows)
        except (KeyError, AssertionError):
            after = None
        return [s.revision.revision for s in steps], after

    def call(self, call, target, rows):
        if call in ("upgrade", "downgrade"):
            return self.plan(call, target, rows)
        if call.startswith("offline_"):
            start, end = target.split(":")
            if start == "base":
                return self.plan(call[8:], end, [])
            return self.plan(call[8:], end, [self.directory.get_revision(start).revision])
        if call == "history":
            base, head = target.split(":")
            if head == "current":
                head = tuple(rows)
            elif base == "current":
                base = tuple(rows)
            try:
                return [r.revision for r in self.directory.walk_revisions(base=base or "base", head=head or "heads")]
            except CommandError as error:
                # The revisions of `current` are printed as a Python tuple there.
                raise CommandError(error.args[0].replace(str(tuple(rows)), "current")) from error
        if call == "revisions":
            return [r.revision for r in self.directory.get_revisions(target)]
        targets = tuple(target.split(",")) if target else None
        steps = self.directory._stamp_revs(targets, tuple(rows))
        try:
            after = self.rows_of(steps, rows)
        except (KeyError, AssertionError):
            after = None
        result = [[list(s.from_), s.to_[0] if s.to_ else ""] for s in steps]
        return result, after[-1] if after else (sorted(rows) if after == [] else None)

    def below(self, revision):
        return {r.revision for r in self.map._get_ancestor_nodes([self.map._revision_map[revision]])}

    def redundant_edges(self):
        for revision in set(r for r in self.map._revision_map.values() if r):
            parents = revision._normalized_down_revisions
            if any(a != b and a in self.below(b) for a in parents for b in parents):
                return True
        return False


class Generator:
    def __init__(self, rng, revisions, alembic):
        self.rng = rng
        self.ids = [r[0] for r in revisions]
        self.labels = [label for r in revisions for label in r[3]]
        self.alembic = alembic

    def rows(self):
        rng = self.rng
        if rng.random() < 0.2:
            return []
        chosen = set()
        for revision in rng.sample(self.ids, min(len(self.ids), rng.randint(1, 4))):
            chosen |= self.alembic.below(revision)
        rows = [r for r in sorted(chosen) if not any(o != r and r in self.alembic.below(o) for o in chosen)]
        rng.shuffle(rows)
        return rows

    def name(self):
        rng = self.rng
        kind = rng.random()
        if kind < 0.6:
            return rng.choice(self.ids)
        if kind < 0.8 and self.labels:
            return rng.choice(self.labels)
        if kind < 0.93:
            whole = rng.choice(self.ids + self.labels)
            return whole[: rng.randint(1, len(whole))]
        return rng.choice(["nothing", "zzzz", "ab", "a"])

    def symbol(self):
        return self.rng.choice(["head", "heads", "base"]) if self.rng.random() < 0.35 else self.name()

    def steps(self):
        return self.rng.choice("+-") + self.rng.choice(["0", "1", "1", "1", "2", "2", "3", "4", "02", "17"])

    def target(self, relative=0.4):
        rng = self.rng
        text = self.symbol()
        if rng.random() < relative:
            text = (self.symbol() if rng.random() < 0.5 else "") + self.steps()
            if rng.random() < 0.03:
                text += "xyz"
        if rng.random() < 0.35:
            text = self.name() + "@" + text
        return text

    def call(self):
        rng = self.rng
        call = rng.choice(
            ["upgrade"] * 6 + ["downgrade"] * 6 + ["history"] * 4 + ["stamp"] * 3
            + ["revisions", "offline_upgrade", "offline_downgrade"]
        )
        if call == "stamp":
            some = [self.target(0.03) for _ in range(1 if rng.random() < 0.8 else rng.randint(2, 3))]
            return call, "" if rng.random() < 0.03 else ",".join(some)
        if call == "history":
            base = rng.choice(["", "", "base", "current", self.target(0.0), "-%d" % rng.randint(1, 5), self.target(0.3)])
            head = rng.choice(["", "head", "heads", "current", self.target(0.3), self.target(0.3)])
            return call, base + ":" + head
        if call.startswith("offline_"):
            start = self.rng.choice(["", "base", self.symbol(), self.symbol(), self.name()])
            return call, start + ":" + self.target()
        return call, self.target()


def without_set_order(message):
    """Several overlapping revisions come out of a Python set."""
    head, found, tail = message.partition(" overlaps with other requested revisions ")
    return head + found + ", ".join(sorted(tail.split(", "))) if found else message


class Comparison:
    def __init__(self, program, arguments):
        self.arguments = arguments
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.counts = collections.Counter()
        self.defects = collections.Counter()
        self.differences = 0

    def ours(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("core_oracle ended; the last request was " + json.dumps(request))
        return json.loads(line)

    def theirs(self, alembic, call, target, rows):
        try:
            return {"ok": alembic.call(call, target, rows)}
        except (CommandError, RevisionError) as error:
            return {"error": error.args[0]}
        except (AssertionError, KeyError, AttributeError, TypeError, ValueError) as error:
            return {"crash": type(error).__name__}

    def report(self, what, **context):
        self.differences += 1
        if self.differences <= 20:
            print("DIFFERENCE", what)
            for key, value in context.items():
                print("   ", key + ":", json.dumps(value))

    def compare(self, alembic, revisions, call, target, rows):
        theirs = self.theirs(alembic, call, target, rows)
        ours = self.ours({"call": call, "target": target, "rows": rows})
        kind = self.verdict(alembic, call, target, rows, theirs, ours)
        if kind.startswith("same"):
            self.counts[(call, kind)] += 1
        elif kind in DEFECTS:
            self.defects[kind] += 1
        else:
            self.report(kind, seed=self.seed, graph=revisions, call=call, target=target, rows=rows, alembic=theirs,
                        ours=ours)

    def verdict(self, alembic, call, target, rows, theirs, ours):
        defect = self.defect(alembic, call, target, rows, theirs, ours)
        if "crash" in theirs:
            return defect or "crash of Alembic that is not explained"
        if "error" in theirs:
            if "error" in ours and without_set_order(ours["error"]) == without_set_order(theirs["error"]):
                return "same error"
            return defect or "error"
        if "error" in ours:
            return defect or "ours is an error"
        if call in ("history", "revisions"):
            same = ours["ok"] == theirs["ok"]
            return ("same list" if ours["ok"] else "same, both empty") if same else defect or "list"
        if call == "stamp":
            return self.stamp_verdict(theirs, ours, defect)
        steps, after = theirs["ok"]
        if [s[0] for s in ours["ok"]] != steps:
            return defect or "steps"
        if after != [s[1] for s in ours["ok"]]:
            if not alembic.redundant_edges():
                return self.implied_merge(alembic, after) or "rows"
            self.defects["rows under redundant edges"] += 1
        return "same list" if steps else "same, both empty"

    @staticmethod
    def implied_merge(alembic, after):
        """A parent that another parent's dependency implies is a redundant edge only if one looks at dependencies."""
        return "merge of what is implied" if after is None else None

    @staticmethod
    def stamp_verdict(theirs, ours, defect):
        steps, after = theirs["ok"]
        if steps == ours["ok"] and after == ours["rows"]:
            return "same list" if steps else "same, both empty"
        return defect or "stamp"

    def defect(self, alembic, call, target, rows, theirs, ours):
        """The entry of DEFECTS that would excuse a difference between the two answers, if there is one."""
        message = ours.get("error", "")
        located = re.fullmatch("Can't locate revision identified by '(.*)'", message)
        if located and located.group(1) + "@" in target:
            return "unknown branch not noticed"
        if call.startswith("offline_"):
            start, target = target.split(":")
            if not start:
                return "offline range without a side" if "is not of the form" in message else None
            if start.endswith("heads") and theirs.get("error", "").startswith("Multiple head"):
                return "offline range from several heads"
            if start.endswith("base") and "crash" in theirs:
                return "offline range without a side"
            call = call[8:]
        relative = RELATIVE.match(target)
        label, symbol, steps = relative.groups() if relative else (None, None, None)
        if call == "upgrade" and relative and symbol and "crash" in theirs:
            past = message == "Relative revision %s didn't produce %d migrations" % (steps, abs(int(steps)))
            if int(steps) > 0:
                return "upgrade X+N past the end" if past else None
            return "upgrade X-N to base or below" if past or ours.get("ok") == [] else None
        if call == "downgrade" and relative and label and not symbol and "crash" in theirs:
            said = message.startswith("Ambiguous downgrade from") or message.startswith("Relative revision")
            return "downgrade L@-N without exactly one row" if said else None
        if call == "history":
            return self.history_defect(alembic, target, rows, theirs, ours)
        if call == "stamp":
            return self.stamp_defect(alembic, target, theirs, ours)
        if call in ("revisions",) or call == "upgrade":
            return self.walk_defect(alembic, target, theirs, ours)
        return None

    @staticmethod
    def walk_defect(alembic, target, theirs, ours):
        label, _, symbol = target.rpartition("@")
        if not re.fullmatch(r"-0*[1-9]\d*", symbol):
            return None
        if label and label not in alembic.map._revision_map:
            return "L@-N with a revision as L"
        if label and alembic.map._revision_map[label].revision == label:
            return "L@-N with a revision as L"
        if "crash" in theirs:
            return "walk from heads past base"
        return None

    def history_defect(self, alembic, target, rows, theirs, ours):
        base, head = target.split(":")
        if (head == "current" or base == "current") and base == head:
            return "history -N counted from current"
        if head == "current" and not rows:
            return "history of nothing applied"
        label, at, symbol = base.rpartition("@")
        back = re.fullmatch(r"-0*[1-9]\d*", symbol)
        if back and head == "current":
            return "history -N counted from current"
        if label and not (label in alembic.map._revision_map and alembic.map._revision_map[label].revision != label):
            return "history on a branch named by a revision"
        if back and "ok" not in theirs:
            return "history walking to base"
        if back and len(alembic.map._real_heads) > 1:
            return "history -N with several heads"
        if "crash" in theirs and RELATIVE.match(head):
            return "history walking to base"
        if theirs.get("crash") == "AssertionError" and "ok" in ours:
            return "history through a dependency only"
        return None

    @staticmethod
    def stamp_defect(alembic, target, theirs, ours):
        back = any(re.fullmatch(r"-0*[1-9]\d*", t.rpartition("@")[2]) for t in target.split(","))
        several = "," in target or target.endswith("heads") or back
        if " overlaps with other" in ours.get("error", "") and several:
            return "stamp of overlapping targets"
        if back and ("crash" in theirs or ours.get("error", "").startswith("Relative revision")):
            return "walk from heads past base"
        owner = alembic.map._revision_map.get(target.partition("@")[0])
        if back and (owner is None or owner.revision == target.partition("@")[0]):
            return "L@-N with a revision as L"
        if several and "ok" in ours:
            return "stamp of several targets"
        return None

    def build(self, revisions):
        """Both sides build the graph; returns Alembic's, or nothing when they agree that it is broken."""
        ours = self.ours({"graph": revisions})
        try:
            alembic = Alembic(revisions)
        except RevisionError as error:
            if ours.get("error") == error.args[0]:
                self.counts[("build", "same error")] += 1
            else:
                self.report("build", seed=self.seed, graph=revisions, alembic=error.args[0], ours=ours)
            return None
        if "error" not in ours:
            return alembic
        if "ycle is detected" in ours["error"]:
            self.defects["hidden cycle"] += 1
        else:
            self.report("build", seed=self.seed, graph=revisions, alembic="builds", ours=ours)
        return None

    def run(self):
        made = 0
        graphs = 0
        while made < self.arguments.calls:
            self.seed = "%d/%d" % (self.arguments.seed, graphs)
            rng = random.Random(self.seed)
            graphs += 1
            revisions = random_graph(rng)
            if rng.random() < 0.05:
                add_back_edge(rng, revisions)
            alembic = self.build(revisions)
            if alembic is None:
                continue
            generator = Generator(rng, revisions, alembic)
            for _ in range(20):
                rows = generator.rows()
                call, target = generator.call()
                self.compare(alembic, revisions, call, target, rows)
                made += 1
        return made, graphs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--calls", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    comparison = Comparison(arguments.program, arguments)
    made, graphs = comparison.run()
    print("seed %d: %d calls on %d graphs" % (arguments.seed, made, graphs))
    for (call, kind), count in sorted(comparison.counts.items()):
        print("%8d  %s: %s" % (count, call, kind))
    print("differences that are Alembic's defects:")
    for kind, count in sorted(comparison.defects.items()):
        print("%8d  %s (%s)" % (count, kind, DEFECTS[kind]))
    print("%8d  other differences" % comparison.differences)
    return 1 if comparison.differences else 0


if __name__ == "__main__":
    sys.exit(main())
