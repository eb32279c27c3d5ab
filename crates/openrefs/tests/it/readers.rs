//! Other readers of our formats: XML through a parser, serialised PHP through a small one of its own. Both give JSON, so
//! that answers can be compared.

use roxmltree::{Document, Node};
use serde_json::{Map, Value};

/// An answer in XML. Elements have no types, so all values are texts: compare with [`texts`].
pub fn xml(text: &str) -> Value {
    let document = Document::parse(text).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "AhrefsApiResponse");
    let member = |node: Node<'_, '_>| (node.tag_name().name().to_owned(), xml_value(node));
    Value::Object(elements(root).map(member).collect())
}

fn xml_value(node: Node<'_, '_>) -> Value {
    assert_eq!(node.attributes().len(), 0, "no attributes");
    let is_list = node.tag_name().name() == "refdomains"
        && node.parent_element() == node.document().root_element().into();
    if is_list {
        let rows = elements(node).inspect(|row| assert_eq!(row.tag_name().name(), "refdomain"));
        return Value::Array(rows.map(fields).collect());
    }
    match elements(node).next() {
        Some(_) => fields(node),
        None => Value::String(node.text().unwrap_or_default().to_owned()),
    }
}

fn fields(node: Node<'_, '_>) -> Value {
    let field = |node: Node<'_, '_>| {
        let value = node.text().unwrap_or_default().to_owned();
        (node.tag_name().name().to_owned(), Value::String(value))
    };
    Value::Object(elements(node).map(field).collect())
}

/// The elements in another one, which holds either elements or one text.
fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    let children = node.children().count();
    node.children()
        .inspect(move |child| assert!(child.is_element() || children == 1, "text between elements"))
        .filter(Node::is_element)
}

/// An answer with every number as text.
pub fn texts(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(texts).collect()),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), texts(value)))
                .collect(),
        ),
        Value::Number(number) => Value::String(number.to_string()),
        other => other.clone(),
    }
}

/// An answer in serialised PHP, whole and without anything after it.
pub fn php(bytes: &[u8]) -> Value {
    let mut reader = Php { bytes, at: 0 };
    let value = reader.value();
    assert_eq!(reader.at, bytes.len(), "something follows the value");
    value
}

struct Php<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Php<'a> {
    fn value(&mut self) -> Value {
        let kind = self.bytes[self.at];
        self.at += 1;
        self.expect(":");
        match kind {
            b'i' => Value::from(self.until(b';').parse::<i64>().unwrap()),
            b's' => {
                let length: usize = self.until(b':').parse().unwrap();
                self.expect("\"");
                let text = std::str::from_utf8(&self.bytes[self.at..self.at + length]).unwrap();
                self.at += length;
                self.expect("\";");
                Value::from(text)
            }
            b'a' => {
                let length: usize = self.until(b':').parse().unwrap();
                self.expect("{");
                let members: Vec<_> = (0..length).map(|_| (self.value(), self.value())).collect();
                self.expect("}");
                array(members)
            }
            other => panic!("unknown type {}", char::from(other)),
        }
    }

    fn until(&mut self, end: u8) -> &'a str {
        let length = self.bytes[self.at..].iter().position(|b| *b == end).unwrap();
        let text = std::str::from_utf8(&self.bytes[self.at..self.at + length]).unwrap();
        self.at += length + 1;
        text
    }

    fn expect(&mut self, text: &str) {
        assert!(
            self.bytes[self.at..].starts_with(text.as_bytes()),
            "{text} at {}",
            self.at
        );
        self.at += text.len();
    }
}

/// A list if the keys are 0, 1, 2 and so on, else an object.
fn array(members: Vec<(Value, Value)>) -> Value {
    if (0_i64..)
        .zip(&members)
        .all(|(n, (key, _))| key.as_i64() == Some(n))
    {
        return Value::Array(members.into_iter().map(|(_, value)| value).collect());
    }
    let named = members
        .into_iter()
        .map(|(key, value)| (key.as_str().unwrap().to_owned(), value));
    Value::Object(named.collect::<Map<_, _>>())
}
