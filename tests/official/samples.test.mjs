// The samples of `test_util` have the fields and types of Stripe's newest definitions: `node --test samples.test.mjs`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readDefinitions } from "./type_definitions.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const definitions = readDefinitions(join(here, "node_modules/stripe"));
const samples = join(here, "../../src/test_util/samples");

/** Of a preview that is not sent yet, Stripe describes the id that it gets. */
const EXCEPTIONS = new Set(["invoice.upcoming/id"]);

/** Types that the package defines outside of its resources. */
const SHARED = new Set(["Address"]);

/** Checks an object, and returns its differences from a definition. */
function differencesOf(path, object, definition) {
    const fields = fieldsOf(definition);
    return Object.entries(object).flatMap(([name, value]) => {
        const at = `${path}/${name}`;
        if (EXCEPTIONS.has(at)) return [];
        return fields.has(name) ? differences(at, value, definition, fields.get(name).type) : [`${at} is not in ${definition}`];
    });
}

function differences(path, value, scope, type) {
    const types = expand(scope, type);
    const has = (...names) => types.some(({ name }) => names.includes(name));
    const difference = (is) => (is ? [] : [`${path}: ${JSON.stringify(value)} is not ${type}`]);
    if (value === null) return difference(has("null"));
    if (typeof value === "number") return difference(has("number"));
    if (typeof value === "boolean") return difference(has("boolean", String(value)));
    if (typeof value === "string") return difference(has("string", "Decimal", "Date", `'${value}'`));
    const elements = Array.isArray(value) ? value : value.object === "list" ? value.data : null;
    if (elements) {
        const list = types.map((one) => ({ ...one, element: /^(?:Stripe\.)?(?:Array|ApiList)<(.*)>$/.exec(one.name)?.[1] })).find(({ element }) => element);
        return list ? elements.flatMap((one, i) => differences(`${path}/${i}`, one, list.scope, list.element)) : difference(false);
    }
    if (types.some(({ name }) => /\[key: string\]|Metadata$/.test(name) || SHARED.has(name))) return [];
    const isOf = (name) => !value.object || !fieldsOf(name).has("object") || fieldsOf(name).get("object").type.includes(`'${value.object}'`);
    const definition = types.map(({ scope, name }) => resolve(scope, name)).find((name) => name && definitions.get(name).fields && isOf(name));
    return definition ? differencesOf(path, value, definition) : difference(false);
}

/** The alternatives of a union, each with the scope of its name. */
function expand(scope, type) {
    return alternatives(type).flatMap((name) => {
        const resolved = /^[\w.]+$/.test(name) ? resolve(scope, name) : null;
        const alias = resolved && definitions.get(resolved).alias;
        return alias ? expand(resolved, alias) : [{ scope, name }];
    });
}

function alternatives(type) {
    const parts = [""];
    let depth = 0;
    for (const char of type) {
        if ("<{([".includes(char)) depth++;
        if (">})]".includes(char)) depth--;
        if (char === "|" && depth === 0) parts.push("");
        else parts[parts.length - 1] += char;
    }
    return parts.map((part) => part.trim()).filter(Boolean);
}

function resolve(scope, name) {
    const scopes = scope.split(".");
    for (let i = scopes.length; i >= 0; i--) {
        const candidate = [...scopes.slice(0, i), name.replace(/^Stripe\./, "")].join(".");
        if (definitions.has(candidate)) return candidate;
    }
    return null;
}

function fieldsOf(name) {
    const fields = new Map();
    for (const base of definitions.get(name).extended ?? []) {
        const resolved = resolve(name, base);
        if (resolved) for (const [json, field] of fieldsOf(resolved)) fields.set(json, field);
    }
    for (const [json, field] of definitions.get(name).fields ?? []) fields.set(json, field);
    return fields;
}

/** The definition of the objects with this value of `object`. */
function definitionOf(object) {
    const found = [...definitions].find(([name, { fields }]) => !/Deleted|Params/.test(name) && fields?.get("object")?.type === `'${object}'`);
    assert.ok(found, `no definition of ${object}`);
    return found[0];
}

test("each object of the samples fits its definition", () => {
    let definition = null;
    let count = 0;
    const found = [];
    for (const line of readFileSync(join(samples, "objects.txt"), "utf8").trimEnd().split("\n")) {
        const [, eventType, json] = /^ (\S+) ?(.*)$/.exec(line) ?? [null, null, line];
        const object = JSON.parse(json || "{}");
        if (eventType === null) {
            definition = object && definitionOf(object.object);
            count++;
        }
        if (definition) found.push(...differencesOf(eventType ?? object.object, object, definition));
    }
    assert.deepEqual(found, []);
    // A check of nothing must not pass.
    assert.ok(count > 95, count);
});
