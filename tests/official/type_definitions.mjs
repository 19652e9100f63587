// Reads the type definitions of the npm package `stripe`: which fields each object has, and of which JSON type.
//
// The definitions are formatted by Stripe's generator, one field a line, so lines are enough to read them. Older majors
// have them in `types/`, within `namespace Stripe`, newer ones beside the code.

import { readdirSync, readFileSync, existsSync } from "node:fs";
import { join } from "node:path";

const OPENS = /^(?:export )?(?:declare )?(interface|namespace|module|class) ('?[\w$.]+'?)[^{]*\{\s*(\})?$/;
const STARTS = /^((?:export )?(?:declare )?type \w+ =|(?:readonly )?'?[\w$.-]+'?\??:)/;
const FIELD = /^(?:readonly )?'?([\w$.-]+)'?(\?)?: (.*)$/;

/** All interfaces and type aliases by their qualified name, such as `Payout.TraceId` or `Issuing.Card`. */
export function readDefinitions(packageDir) {
    const root = ["types", "esm/resources"].map((dir) => join(packageDir, dir)).find(existsSync);
    const definitions = new Map();
    for (const file of readdirSync(root, { recursive: true }).sort()) {
        if (!file.endsWith(".d.ts")) continue;
        // A folder is a namespace of the API: `Issuing/Cards.d.ts` has `Issuing.Card`.
        const folder = root.endsWith("resources") ? file.split("/").slice(0, -1) : [];
        readFile(readFileSync(join(root, file), "utf8"), folder, definitions);
    }
    return definitions;
}

function readFile(text, folder, definitions) {
    const scopes = [];
    const stripped = text.replace(/\/\*[\s\S]*?\*\//g, "");
    const lines = stripped.split("\n").map((line) => line.trim()).filter(Boolean);
    for (let i = 0; i < lines.length; i++) {
        let line = lines[i];
        const opens = OPENS.exec(line);
        if (opens) {
            const [, kind, name, closed] = opens;
            const scope = { kind, name: kind === "module" || name === "Stripe" ? null : name.replaceAll("'", "") };
            scope.path = [...folder, ...scopes.map((s) => s.name), scope.name].filter((s) => s !== null && s !== undefined);
            if (kind === "interface") {
                const extended = /extends ([^{]+)\{/.exec(line)?.[1].split(",").map((s) => s.trim()) ?? [];
                const key = scope.path.join(".");
                if (!definitions.has(key)) definitions.set(key, { fields: new Map(), extended });
                scope.fields = definitions.get(key).fields;
            }
            if (!closed) scopes.push(scope);
            continue;
        }
        const scope = scopes.at(-1);
        // A type or a field may continue on the next lines.
        if (STARTS.test(line)) while (!isWhole(line) && i + 1 < lines.length) line += ` ${lines[++i]}`;
        const alias = /^(?:export )?(?:declare )?type (\w+) =\s*(.*);$/.exec(line);
        if (alias) {
            const path = [...folder, ...scopes.map((s) => s.name).filter((s) => s !== null), alias[1]];
            definitions.set(path.join("."), { alias: alias[2] });
        } else if (line === "}" || line === "};") {
            scopes.pop();
        } else if (scope?.fields) {
            const field = FIELD.exec(line);
            if (field) scope.fields.set(field[1], { optional: Boolean(field[2]), type: field[3].replace(/;$/, "") });
        } else if (line.endsWith("{")) {
            scopes.push({ kind: "other", name: null });
        }
    }
}

function isWhole(line) {
    const count = (pattern) => (line.match(pattern) ?? []).length;
    return line.endsWith(";") && count(/[{(<[]/g) === count(/[})\]]|(?<!=)>/g);
}
