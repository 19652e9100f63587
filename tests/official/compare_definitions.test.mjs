// The comparison finds what differs: `node --test compare_definitions.test.mjs`.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** Compares a copy of the crate in which a text of a file is replaced. */
function compareWith(file, text, replacement, ...options) {
    const copy = mkdtempSync(join(tmpdir(), "compare-definitions-"));
    try {
        cpSync(join(here, "../../src/event"), join(copy, "src/event"), { recursive: true });
        const path = join(copy, "src/event", file);
        const source = readFileSync(path, "utf8");
        assert.notEqual(source.replace(text, replacement), source, `${file} has no ${text}`);
        writeFileSync(path, source.replace(text, replacement));
        return spawnSync(process.execPath, [join(here, "compare_definitions.mjs"), copy, ...options], { encoding: "utf8" });
    } finally {
        rmSync(copy, { recursive: true });
    }
}

for (const [name, file, text, replacement, difference] of [
    ["a field that Stripe does not have", "object/payout.rs", "pub arrival_date:", "pub arrives_at:", "payout::Payout.arrives_at is in no definition"],
    ["a field of another type", "object/payout.rs", "pub automatic: bool", "pub automatic: Option<String>", "payout::Payout.automatic in 23.1.0: String for boolean"],
    ["a nested field of another type", "object/account.rs", "pub mcc: Option<String>", "pub mcc: Option<i64>", "account::BusinessProfile.mcc in 12.18.0"],
    ["an event type that is not ours", "event_type.rs", '"payout.paid"', '"payout.payed"', "the event type payout.paid is not ours"],
    ["an event type that is not Stripe's", "event_type.rs", '"payout.paid"', '"payout.payed"', "the event type payout.payed is not Stripe's"],
]) {
    test(`it finds ${name}`, () => {
        const { status, stdout, stderr } = compareWith(file, text, replacement);
        assert.equal(status, 1, stderr);
        assert.ok(stdout.includes(difference), stdout);
    });
}

test("it finds no difference in the crate", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(here, "compare_definitions.mjs")], { encoding: "utf8" });
    assert.equal(status, 0, stdout + stderr);
});

/** The lines of `event_type.rs` that list a type. */
const LINE = /^ {8}\w+ => "[^"]+"( \| "[^"]+")?,\n/gm;
const lines = readFileSync(join(here, "../../src/event/event_type.rs"), "utf8").match(LINE);

test("it prints each new event type as the line of the list", () => {
    const { status, stdout, stderr } = compareWith("event_type.rs", LINE, "", "--types");
    assert.equal(status, 0, stderr);
    assert.ok(lines.length > 380);
    assert.deepEqual(stdout.match(LINE), lines);
    assert.match(stdout, /^ {8}PayoutPaid {4}payout\.paid {4}Payout$/m);
});

test("it prints a new thin name with its snapshot name", () => {
    const { stdout } = compareWith("event_type.rs", ' | "v1.payout.paid"', "", "--types");
    assert.deepEqual(stdout.match(LINE), ['        PayoutPaid => "payout.paid" | "v1.payout.paid",\n']);
});

test("it prints an event type that Stripe no longer has", () => {
    const { stdout } = compareWith("event_type.rs", '"payout.paid"', '"payout.payed"', "--types");
    assert.match(stdout, /^no longer Stripe's: payout\.payed$/m);
});

test("it prints no event type if none is new", () => {
    const { status, stdout } = spawnSync(process.execPath, [join(here, "compare_definitions.mjs"), "--types"], { encoding: "utf8" });
    assert.equal(status, 0);
    assert.match(stdout, /^\d+ names of event types in stripe \S+, 0 of them new\n$/);
});
