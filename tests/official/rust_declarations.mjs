// Reads what this crate declares: the fields of its typed objects, and the names of its event types.

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const FIELD = /^(pub )?(\w+)(?: \(\w+\))?(?: as "([^"]+)")?: (?:required )?(.+),$/;

/** The structs and enums of `src/event/object`, by `module::Name`, and what each name means that a module imports. */
export function readDeclarations(crateDir) {
    const structs = new Map();
    const enums = new Set();
    const imports = new Map();
    const folder = join(crateDir, "src/event/object");
    for (const file of readdirSync(folder).sort()) {
        const module = basename(file, ".rs");
        const source = readFileSync(join(folder, file), "utf8");
        imports.set(module, readImports(source));
        if (module === "macros" || module === "mod") continue;
        let current = null;
        for (const raw of source.split("\n")) {
            const line = raw.trim();
            const opens = /^(?:pub )?(struct|enum) (\w+)(?: named "([^"]+)")?.*\{(\})?$/.exec(line);
            if (line.startsWith("//")) continue;
            if (opens && raw.startsWith("    ")) {
                const [, kind, name, object, closed] = opens;
                const path = `${module}::${name}`;
                if (kind === "enum") {
                    enums.add(path);
                    continue;
                }
                structs.set(path, { module, name, object, fields: [] });
                current = closed ? null : structs.get(path);
            } else if (line === "}") {
                current = null;
            } else if (current) {
                const field = FIELD.exec(line);
                if (!field) throw new Error(`${file}: cannot read the field ${line}`);
                current.fields.push({ isPublic: Boolean(field[1]), json: field[3] ?? field[2], form: field[4] });
            }
        }
    }
    return { structs, enums, imports };
}

/** `use super::{module::{A, B}, other::C}` by name. */
function readImports(source) {
    const names = new Map();
    for (const [, list] of source.matchAll(/use (?:super|self)::\{([^;]*)\};/g)) {
        for (const [, module, group, one] of list.matchAll(/(\w+)::(?:\{([^}]*)\}|(\w+))/g)) {
            for (const name of (group ?? one).split(",")) names.set(name.trim(), `${module}::${name.trim()}`);
        }
    }
    return names;
}

/** The names of all event types, as snapshot events and thin events have them. */
export function readEventTypes(crateDir) {
    const source = readFileSync(join(crateDir, "src/event/event_type.rs"), "utf8");
    const names = new Set();
    for (const [, name, , thinName] of source.matchAll(/^ {8}\w+ => "([^"]+)"( \| "([^"]+)")?,$/gm)) {
        names.add(name);
        if (thinName) names.add(thinName);
    }
    return names;
}
