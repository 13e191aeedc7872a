//! The JSON Schema of a [`Shape`], for editors.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::parse::{Budget, parse};
use super::shape::{Field, Kind, Presence, Shape};
use super::source::Source;
use super::tree::{Node, Value};

/// Whether `${NAME}` is filled in, in the file that a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variables {
    /// It is: a number may be written as a variable.
    Filled,
    /// It is text.
    Literal,
}

impl Shape {
    /// The schema, as the text of a file.
    pub fn json_schema(&self, variables: Variables) -> String {
        let mut schema = mapping(self, variables);
        if let Json::Object(keys) = &mut schema {
            let draft = "https://json-schema.org/draft/2020-12/schema";
            keys.insert("$schema".to_owned(), json!(draft));
            keys.insert("title".to_owned(), json!(self.title));
        }
        format!("{schema:#}\n")
    }
}

fn mapping(shape: &Shape, variables: Variables) -> Json {
    let properties: Map<_, _> = shape
        .fields
        .iter()
        .map(|field| (field.name.to_owned(), property(field, variables)))
        .collect();
    let required: Vec<_> = shape
        .fields
        .iter()
        .filter(|field| field.presence == Presence::Required)
        .map(|field| field.name)
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn property(field: &Field, variables: Variables) -> Json {
    let mut schema = kind(&field.kind, variables);
    if let Json::Object(keys) = &mut schema {
        keys.insert("description".to_owned(), json!(field.doc));
        if let Presence::Default(text) = field.presence {
            keys.insert("default".to_owned(), default(text));
        }
    }
    schema
}

fn kind(kind_of: &Kind, variables: Variables) -> Json {
    let list = |item: &Kind| json!({ "type": "array", "items": kind(item, variables) });
    let either = |schemas: [Json; 2]| json!({ "anyOf": schemas });
    let or_variable = |schema: Json| match variables {
        Variables::Filled => either([schema, json!({ "type": "string", "pattern": "\\$\\{" })]),
        Variables::Literal => schema,
    };
    let measure = |units: &str| match variables {
        Variables::Filled => format!("^[0-9]+({units})$|\\$\\{{"),
        Variables::Literal => format!("^[0-9]+({units})$"),
    };
    match kind_of {
        // To YAML, `12` and `true` are no texts; to us they are, where a text is wanted.
        Kind::Text | Kind::Path => {
            json!({ "type": ["string", "number", "boolean"], "minLength": 1 })
        }
        Kind::Bool => or_variable(json!({ "type": "boolean" })),
        Kind::Integer(least, most) => {
            or_variable(json!({ "type": "integer", "minimum": least, "maximum": most }))
        }
        Kind::Duration(..) => json!({ "type": "string", "pattern": measure("ms|s|m|h|d") }),
        Kind::Bytes(..) => json!({ "type": "string", "pattern": measure("B|KiB|MiB|GiB|TiB") }),
        Kind::Word(words) => {
            let words: Vec<_> = words.iter().map(|word| plain(word)).collect();
            or_variable(json!({ "enum": words }))
        }
        Kind::Mapping(shape) => mapping(shape, variables),
        Kind::Named(_, value) => {
            json!({ "type": "object", "additionalProperties": kind(value, variables) })
        }
        Kind::List(item) => list(item),
        Kind::OneOrMany(item) => either([kind(item, variables), list(item)]),
        Kind::ListOr(item, shape) => either([list(item), mapping(shape, variables)]),
    }
}

/// A default as it would be written, as JSON.
fn default(text: &str) -> Json {
    let source: Arc<Source> = Source::new("default", text);
    parse(source, Budget::default()).map_or(Json::Null, |document| json_of(&document.root))
}

fn json_of(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Scalar(scalar) => plain(&scalar.text),
        Value::Sequence(items) => items.iter().map(json_of).collect(),
        Value::Mapping(entries) => {
            let entries = entries.iter();
            entries
                .map(|(key, value)| (key.text.clone(), json_of(value)))
                .collect()
        }
    }
}

/// A plain scalar as an editor's YAML reader takes it.
fn plain(text: &str) -> Json {
    match (text, text.parse::<u64>()) {
        ("true", _) => json!(true),
        ("false", _) => json!(false),
        (_, Ok(number)) => json!(number),
        _ => json!(text),
    }
}
