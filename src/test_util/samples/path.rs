//! Checked changes at a JSON pointer.

use serde_json::{Map, Value};

/// Objects whose names are the app's, or vary.
const OPEN_OBJECTS: [&str; 3] = ["metadata", "capabilities", "previous_attributes"];

/// Sets the value at `path`, which must exist.
///
/// The error names the part of the path that does not exist, or the difference of the values' types.
pub(super) fn set(root: &mut Value, path: &str, value: Value) -> Result<(), String> {
    let place = find(root, path)?;
    if !fits(place, &value) {
        return Err(format!(
            "`{path}` is {}, not {}: `set_unchecked` sets it nevertheless",
            kind(place),
            kind(&value)
        ));
    }
    *place = value;
    Ok(())
}

/// Sets the value at `path`, whose last name may be new.
pub(super) fn set_unchecked(root: &mut Value, path: &str, value: Value) -> Result<(), String> {
    let (parent, last) = path.rsplit_once('/').ok_or_else(|| no_pointer(path))?;
    match find(root, parent)? {
        Value::Object(fields) => {
            fields.insert(unescaped(last), value);
            Ok(())
        }
        _ => find(root, path).map(|place| *place = value),
    }
}

/// Finds the place of a value, and makes it if it is a new name of an open object or the next
/// element of an array.
fn find<'a>(root: &'a mut Value, path: &str) -> Result<&'a mut Value, String> {
    if !path.is_empty() && !path.starts_with('/') {
        return Err(no_pointer(path));
    }
    let mut place = root;
    let mut parent = String::new();
    let mut is_open = false;
    for token in path.split('/').skip(1) {
        let name = unescaped(token);
        place = match place {
            Value::Object(fields) => {
                if !is_open && !fields.contains_key(&name) {
                    return Err(no_field(fields, &parent, &name));
                }
                fields.entry(name.as_str()).or_insert(Value::Null)
            }
            Value::Array(elements) => {
                let length = elements.len();
                let index = name.parse().ok().filter(|&index: &usize| index <= length);
                let index = index.ok_or_else(|| {
                    format!("there is no `{name}` in `{parent}`, which has {length} elements")
                })?;
                if index == length {
                    elements.push(Value::Null);
                }
                &mut elements[index]
            }
            other => {
                let kind = kind(other);
                return Err(format!("there is no `{name}` in `{parent}`, which is {kind}"));
            }
        };
        is_open = OPEN_OBJECTS.contains(&name.as_str());
        if is_open && place.is_null() {
            *place = Value::Object(Map::new());
        }
        parent.push('/');
        parent.push_str(token);
    }
    Ok(place)
}

fn no_pointer(path: &str) -> String {
    format!("`{path}` is no JSON pointer, such as `/data/object/amount`")
}

fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

fn no_field(fields: &Map<String, Value>, parent: &str, name: &str) -> String {
    let parent = if parent.is_empty() { "the event" } else { parent };
    let nearest = fields.keys().min_by_key(|field| distance(field, name));
    let hint = match nearest.filter(|field| distance(field, name) <= 1 + name.len() / 4) {
        Some(field) => format!("; did you mean `{field}`?"),
        None if fields.is_empty() => String::new(),
        None => {
            let names: Vec<&str> = fields.keys().map(String::as_str).collect();
            format!(", which has {}", names.join(", "))
        }
    };
    format!("there is no `{name}` in `{parent}`{hint}")
}

/// The number of characters to insert, delete or replace.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// Whether a value may take the place of another.
///
/// Anything may be `null`, and a link may be expanded or not.
fn fits(old: &Value, new: &Value) -> bool {
    let is_link = |value: &Value| value.is_string() || value.is_object();
    old.is_null()
        || new.is_null()
        || is_link(old) && is_link(new)
        || std::mem::discriminant(old) == std::mem::discriminant(new)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "`null`",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
