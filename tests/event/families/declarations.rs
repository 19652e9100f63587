//! The declarations of the typed objects, read from their source: the fields of each, and a sample with all of them.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Map, Value, json};

/// A field that has an accessor.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) json: String,
    pub(crate) form: String,
}

#[derive(Debug)]
pub(crate) struct Struct {
    pub(crate) object: Option<String>,
    pub(crate) fields: Vec<Field>,
}

/// The structs and enums of all modules, by `module::Name`.
pub(crate) struct Declarations {
    structs: BTreeMap<String, Struct>,
    enums: BTreeMap<String, Vec<String>>,
}

impl Declarations {
    pub(crate) fn read() -> Self {
        let mut found = Self { structs: BTreeMap::new(), enums: BTreeMap::new() };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/event/object");
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if !["macros", "mod"].contains(&module.as_str()) {
                found.read_module(&module, &fs::read_to_string(&path).unwrap());
            }
        }
        found
    }

    fn read_module(&mut self, module: &str, source: &str) {
        let lines = source.lines().map(str::trim).filter(|line| !line.starts_with("//"));
        let mut current = String::new();
        for line in lines {
            let declared = |keyword: &str| {
                let name = line.strip_prefix(keyword)?;
                Some(name.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned())
            };
            if let Some(name) = declared("pub struct ") {
                current = format!("{module}::{name}");
                let object = line.split_once("named \"").map(|(_, rest)| rest.split('"').next());
                let object = object.flatten().map(str::to_owned);
                self.structs.insert(current.clone(), Struct { object, fields: Vec::new() });
            } else if let Some(name) = declared("impl Named for ") {
                current = format!("{module}::{name}");
            } else if let Some(name) = first_name(line, &self.structs, &current) {
                // A struct with a field `object` lists the names that it can have.
                self.structs.get_mut(&current).unwrap().object = Some(name);
            } else if let Some(name) = declared("pub enum ") {
                current = format!("{module}::{name}");
                self.enums.insert(current.clone(), Vec::new());
            } else if line == "}" {
                current.clear();
            } else if let Some(found) = self.structs.get_mut(&current) {
                found.fields.extend(field(line));
            } else if let (Some(values), Some((_, value))) =
                (self.enums.get_mut(&current), line.split_once("=> \""))
            {
                values.push(value.split('"').next().unwrap().to_owned());
            }
        }
    }

    /// The struct of this name, as `module` refers to it.
    pub(crate) fn find(&self, module: &str, name: &str) -> (&str, &Struct) {
        let own = format!("{module}::{name}");
        let imported = || self.structs.iter().find(|(path, _)| is_named(path, name));
        let (path, found) = self.structs.get_key_value(&own).or_else(imported).unwrap();
        (path, found)
    }

    /// Whether an object must have an id.
    pub(crate) fn has_required_id(&self, path: &str) -> bool {
        self.structs[path].fields.iter().any(|field| field.form == "required String")
    }

    /// An object with all fields, each with another value.
    pub(crate) fn sample(&self, path: &str) -> Value {
        self.object(path, &mut 1000)
    }

    fn object(&self, path: &str, next: &mut i64) -> Value {
        let module = path.split_once("::").unwrap().0;
        let found = &self.structs[path];
        let mut object = Map::new();
        object.extend(found.object.iter().map(|name| ("object".to_owned(), json!(name))));
        for field in &found.fields {
            let value = self.value(module, &field.form, next);
            object.entry(field.json.clone()).or_insert(value);
        }
        Value::Object(object)
    }

    fn value(&self, module: &str, form: &str, next: &mut i64) -> Value {
        *next += 1;
        let number = *next;
        let of = |outer: &str| form.strip_prefix(outer)?.strip_suffix('>');
        if let Some(form) = of("Option<").or(form.strip_prefix("required ")) {
            return self.value(module, form, next);
        }
        if let Some(form) = of("Vec<") {
            return json!([self.value(module, form, next), self.value(module, form, next)]);
        }
        if let Some(form) = of("List<") {
            return json!({"object": "list", "data": [self.value(module, form, next)], "has_more": true});
        }
        if let Some(form) = of("BTreeMap<String, ") {
            return json!({"key": self.value(module, form, next)});
        }
        match form {
            "String" => json!(format!("text {number}")),
            "i64" => json!(number),
            "f64" => json!(number as f64 + 0.5),
            "bool" => json!(true),
            "Metadata" => json!({"key": format!("text {number}")}),
            _ if form.starts_with("Expandable<") => json!(format!("id_{number}")),
            _ => self.named(module, form, next),
        }
    }

    fn named(&self, module: &str, name: &str, next: &mut i64) -> Value {
        let own = format!("{module}::{name}");
        let imported = || self.enums.iter().find(|(path, _)| is_named(path, name));
        match self.enums.get_key_value(&own).or_else(imported) {
            Some((_, values)) if !self.structs.contains_key(&own) => {
                json!(values[usize::try_from(*next).unwrap() % values.len()])
            }
            _ => self.object(self.find(module, name).0, next),
        }
    }
}

fn is_named(path: &str, name: &str) -> bool {
    path.split_once("::").is_some_and(|(_, found)| found == name)
}

/// The first of `const NAMES: &[&str] = &["…", …];`, which may be on the next line.
fn first_name(line: &str, structs: &BTreeMap<String, Struct>, current: &str) -> Option<String> {
    let list = line.strip_prefix("const NAMES: &[&str] = ").unwrap_or(line);
    structs.get(current)?;
    Some(list.strip_prefix("&[\"")?.split('"').next()?.to_owned())
}

/// `pub name (name_id) as "json": form,`, where the id and the JSON name may be absent.
fn field(line: &str) -> Option<Field> {
    let (name, form) = line.strip_prefix("pub ")?.strip_suffix(',')?.split_once(": ")?;
    let json = match name.split_once(" as ") {
        Some((_, json)) => json.trim_matches('"'),
        None => name.split(' ').next()?,
    };
    Some(Field { json: json.to_owned(), form: form.to_owned() })
}

/// The types of events with the path of their object, from `event_data!`.
pub(crate) fn objects_of_events() -> Vec<(String, String)> {
    let source = |file: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/event").join(file);
        fs::read_to_string(path).unwrap()
    };
    let types = source("event_type.rs");
    let names: BTreeMap<&str, &str> = types
        .lines()
        .filter_map(|line| line.trim().split_once(" => \""))
        .map(|(variant, rest)| (variant, rest.split('"').next().unwrap()))
        .collect();
    let data = source("data.rs");
    let list = data.split_once("\nevent_data! {").unwrap().1.split_once("\n}").unwrap().0;
    let mut object = "";
    let mut found = Vec::new();
    for line in list.lines().map(str::trim) {
        match line.strip_suffix(':') {
            Some(path) => object = path,
            None if line.is_empty() => {}
            None => {
                found.push((names[line.trim_end_matches(';')].to_owned(), object.to_owned()));
            }
        }
    }
    found
}
