// Compares this crate with the type definitions of the npm package `stripe`: its typed objects with each major that
// `package.json` installs, and its event types with the newest. Prints each difference, and fails if there is one.
//
//     node compare_definitions.mjs [CRATE]    compares the crate in this folder, or else this one
//     node compare_definitions.mjs --new      also prints the fields of Stripe's objects that this crate does not read
//     node compare_definitions.mjs --types    only compares event types, and prints new ones as text to paste
//
// A field must exist in a major, and have the JSON type that this crate reads in each major that has it. Fields that only
// older API versions have are in `older_fields.mjs`.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readDefinitions } from "./type_definitions.mjs";
import { readDeclarations, readEventTypes } from "./rust_declarations.mjs";
import { OLDER } from "./older_fields.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const crateDir = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? join(here, "../..");
const packages = readdirSync(join(here, "node_modules")).filter((name) => /^stripe(-\d+)?$/.test(name));
const majors = packages.map((name) => {
    const version = JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8")).version;
    return { name, version, definitions: readDefinitions(join(here, "node_modules", name)) };
});
const newest = majors.find(({ name }) => name === "stripe");

/** The definitions of structs that are not declared with the value of `object` of one definition. */
const DEFINITIONS = {
    "account::ExternalAccount": ["BankAccount", "Card"],
    "sources::CustomerSource": ["Source", "Card", "BankAccount"],
    "billing::AlertTriggered": ["Billing.AlertTriggered", "Billing.Alert"],
    "subscription::PreviousSubscription": ["Subscription"],
    "source::SourceObject": ["Source", "Card"],
    "payment_intent::Attempt": ["Charge"],
    "price::Price": ["Price", "Plan"],
    "dispute::BalanceTransaction": ["BalanceTransaction"],
    // Any object with an id.
    "expandable::OtherObject": ["Customer"],
    "expandable::WithId": ["Customer"],
    "meter_error_report::MeterErrorReport": ["V2.Core.V1BillingMeterErrorReportTriggeredEvent.Data"],
};

/** Types whose decoding is written by hand: a link, or an object. */
const BY_HAND = new Set(["charge DisputeOfCharge", "charge Source", "invoice Source", "payment_intent Source"]);

if (process.argv.includes("--types")) {
    printNewTypes();
    // `exit` would cut off what the reader of a pipe has not taken yet.
    await new Promise((resolve) => process.stdout.write("", resolve));
    process.exit();
}

const { structs, enums, imports } = readDeclarations(crateDir);
const differences = [];
/** For each field, the JSON types that it has in the majors: `matches` or a description of the difference. */
const found = new Map();
const unread = new Set();

for (const major of majors) {
    const seen = new Set();
    for (const [path, struct] of structs) {
        const names = DEFINITIONS[path] ?? namesOfObject(major.definitions, struct.object);
        if (names.length > 0) compare(major, path, names, seen);
    }
}

for (const [path, struct] of structs) {
    for (const { json } of struct.fields) {
        const field = `${path}.${json}`;
        const results = found.get(field);
        if (!results) {
            if (!OLDER.has(field)) differences.push(`${field} is in no definition`);
        } else {
            for (const [version, difference] of results) {
                if (difference) differences.push(`${field} in ${version}: ${difference}`);
            }
        }
    }
}
for (const field of OLDER) {
    const [path, json] = field.split(".");
    if (found.has(field)) differences.push(`${field} is in OLDER, and in ${[...found.get(field).keys()]}`);
    if (!structs.get(path)?.fields.some((one) => one.json === json)) differences.push(`${field} is in OLDER, but not read`);
}

const ours = readEventTypes(crateDir);
const theirs = eventTypes();
for (const name of theirs) if (!ours.has(name)) differences.push(`the event type ${name} is not ours`);
for (const name of ours) if (!theirs.has(name)) differences.push(`the event type ${name} is not Stripe's`);

if (process.argv.includes("--new")) for (const field of [...unread].sort()) console.log(`not read: ${field}`);
for (const difference of differences) console.log(difference);
const fields = [...structs.values()].reduce((sum, struct) => sum + struct.fields.length, 0);
console.log(
    `${structs.size} structs, ${fields} fields and ${ours.size} names of event types compared with stripe ` +
        `${majors.map(({ version }) => version).join(", ")}: ${differences.length} differences`,
);
// A comparison of nothing must not pass.
if (differences.length > 0 || found.size < 1500 || theirs.size < 600 || majors.length < 6) process.exitCode = 1;

/** The definitions of the objects with this value of `object`. */
function namesOfObject(definitions, object) {
    if (!object) return [];
    return [...definitions]
        .filter(([name, { fields }]) => !/Deleted/.test(name) && literals(fields?.get("object")?.type)?.includes(object))
        .map(([name]) => name);
}

function literals(type) {
    const all = type && alternatives(type);
    return all?.every((one) => /^'[^']*'$/.test(one)) ? all.map((one) => one.slice(1, -1)) : null;
}

/** Compares a struct with definitions, of which an object has one. */
function compare(major, path, names, seen) {
    const key = `${path} ${names}`;
    if (seen.has(key)) return;
    seen.add(key);
    const declared = structs.get(path);
    const read = new Set(declared.fields.map(({ json }) => json));
    for (const name of names) {
        const defined = fieldsOf(major.definitions, name);
        for (const json of defined.keys()) {
            if (major === newest && !read.has(json)) unread.add(`${path}.${json}`);
        }
    }
    for (const { json, form } of declared.fields) {
        for (const name of names) {
            const defined = fieldsOf(major.definitions, name).get(json);
            if (!defined) continue;
            const results = found.get(`${path}.${json}`) ?? new Map();
            found.set(`${path}.${json}`, results);
            const difference = matches(major, declared.module, form, name, alternatives(defined.type), seen);
            if (difference || !results.has(major.version)) results.set(major.version, difference);
        }
    }
}

function fieldsOf(definitions, name) {
    const definition = definitions.get(name);
    const fields = new Map();
    for (const base of definition?.extended ?? []) {
        const resolved = resolve(definitions, name, base);
        if (resolved) for (const [json, field] of fieldsOf(definitions, resolved)) fields.set(json, field);
    }
    for (const [json, field] of definition?.fields ?? []) fields.set(json, field);
    return fields;
}

/** The alternatives of a union without `null`. */
function alternatives(type) {
    const parts = [];
    let depth = 0;
    let part = "";
    for (const char of `${type}|`) {
        if ("<{([".includes(char)) depth++;
        if (">})]".includes(char)) depth--;
        if (char === "|" && depth === 0) {
            parts.push(part.trim());
            part = "";
        } else part += char;
    }
    return parts.filter((one) => one !== "" && !["null", "undefined", "OtherString"].includes(one));
}

/** The definition that `reference` names within `scope`. */
function resolve(definitions, scope, reference) {
    const name = reference.replace(/^Stripe\./, "").replace(/^_/, "");
    const scopes = scope.split(".");
    for (let i = scopes.length; i >= 0; i--) {
        const candidate = [...scopes.slice(0, i), name].join(".");
        if (definitions.has(candidate)) return candidate;
    }
    return null;
}

/** Follows aliases. The result is a list of [JSON type, name of the definition, if it is an object]. */
function expand(definitions, scope, types) {
    return types.flatMap((type) => {
        if (/^'[^']*'$/.test(type) || ["string", "Decimal", "Date"].includes(type)) return [["string"]];
        if (type === "number") return [["number"]];
        if (["boolean", "void", "true", "false"].includes(type)) return [["boolean"]];
        const element = /^(?:Stripe\.)?(?:Array|ApiList)<(.*)>$/.exec(type);
        if (element) return [[/ApiList</.test(type) ? "list" : "array", element[1]]];
        if (/^\{ \[key: string\]/.test(type) || /^(Stripe\.)?Metadata$/.test(type)) return [["map", /: (.*?);? \}$/.exec(type)?.[1]]];
        const name = resolve(definitions, scope, type);
        const alias = name && definitions.get(name).alias;
        if (alias) return expand(definitions, name, alternatives(alias));
        return [["object", name ?? type]];
    });
}

/** Null if `form`, a Rust type, reads this type, and else the difference. */
function matches(major, module, form, scope, types, seen) {
    const expanded = expand(major.definitions, scope, types);
    const all = (...jsonTypes) => (expanded.every(([type]) => jsonTypes.includes(type)) ? null : `${form} for ${types.join(" | ")}`);
    const inner = /^(Option|Vec|List|Box|Expandable|BTreeMap)<(?:String, )?(.*)>$/.exec(form);
    if (form === "String") return all("string");
    if (form === "i64" || form === "f64") return all("number");
    if (form === "bool") return all("boolean");
    if (form === "Metadata") return all("map");
    if (inner?.[1] === "Option" || inner?.[1] === "Box") return matches(major, module, inner[2], scope, types, seen);
    if (inner?.[1] === "Expandable") return all("string", "object");
    // A map of known keys is an object in the definitions.
    if (inner?.[1] === "BTreeMap") return all("map", "object");
    if (inner) {
        const difference = all(inner[1] === "List" ? "list" : "array");
        if (difference) return difference;
        return expanded.map(([, element]) => matches(major, module, inner[2], scope, alternatives(element), seen)).find(Boolean) ?? null;
    }
    if (BY_HAND.has(`${module} ${form}`)) return all("string", "object");
    const path = pathOf(module, form);
    if (enums.has(path)) return all("string");
    const difference = all("object");
    if (!difference) compare(major, path, expanded.map(([, name]) => name), seen);
    return difference;
}

/** The declaration that `name` means within `module`. */
function pathOf(module, name) {
    const own = `${module}::${name}`;
    if (structs.has(own) || enums.has(own)) return own;
    const path = imports.get(module)?.get(name) ?? imports.get("mod").get(name);
    if (!structs.has(path) && !enums.has(path)) throw new Error(`${module}: no declaration of ${name}`);
    return path;
}

/** Prints new event types as lines of the files that list them, and types that Stripe no longer has. */
function printNewTypes() {
    const theirs = eventTypes();
    const ours = readEventTypes(crateDir);
    const missing = [...theirs].filter((name) => !ours.has(name));
    // A thin type whose snapshot type exists is on the line of that type.
    const snapshotName = (name) => name.replace(/^v1\./, "");
    const names = [...new Set(missing.map((name) => (theirs.has(snapshotName(name)) ? snapshotName(name) : name)))].sort();
    if (names.length > 0) {
        console.log("src/event/event_type.rs, sorted by name; a line with a known name replaces that line:");
        for (const name of names) {
            const thinName = theirs.has(`v1.${name}`) ? ` | "v1.${name}"` : "";
            console.log(`        ${variantOf(name)} => "${name}"${thinName},`);
        }
        console.log("src/event/data.rs and src/test_util/samples/objects.txt, each below its object:");
        for (const name of names) console.log(`        ${variantOf(name)}    ${name}    ${objectOf(name) ?? "see Stripe's description"}`);
    }
    for (const name of [...ours].filter((name) => !theirs.has(name)).sort()) console.log(`no longer Stripe's: ${name}`);
    console.log(`${theirs.size} names of event types in stripe ${newest.version}, ${missing.length} of them new`);
}

/** The name of the variant: `v1.` is left out, and the name of a type of the API v2 begins with `V2`. */
function variantOf(name) {
    const words = name.replace(/^v1\./, "").split(/[^A-Za-z0-9]+/).filter(Boolean);
    return words.map((word) => word[0].toUpperCase() + word.slice(1)).join("");
}

/** The object of a snapshot event, as the definitions name it. */
function objectOf(eventType) {
    for (const [name, { fields }] of newest.definitions) {
        if (!literals(fields?.get("type")?.type)?.includes(eventType)) continue;
        const data = fields.get("data") && resolve(newest.definitions, name, fields.get("data").type);
        const object = data && newest.definitions.get(data).fields?.get("object");
        if (object) return object.type;
    }
    return null;
}

/** All types that Stripe lists: those of snapshot events, and those of thin events. */
function eventTypes() {
    const names = new Set(expandLiterals(newest.definitions.get("Event.Type").alias));
    for (const [name, { fields }] of newest.definitions) {
        if (name.startsWith("V2.Core.Events.") || /Event(Notification)?$/.test(name)) {
            for (const type of literals(fields?.get("type")?.type) ?? []) if (/^v[12]\./.test(type)) names.add(type);
        }
    }
    return names;
}

function expandLiterals(type) {
    return alternatives(type).map((one) => one.slice(1, -1));
}
